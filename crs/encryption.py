"""Model fields whose content is encrypted at rest."""

import os
import time
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, NoReturn

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC
from django.conf import settings
from django.db import models
from encrypted_fields.fields import EncryptedTextField as _EncryptedTextField

_PIECE = 1 << 20


class EncryptedTextField(_EncryptedTextField):  # type: ignore[misc]
    """Text encrypted with the first of `FIELD_ENCRYPTION_KEYS`, read with any of them.

    The library would derive its key from SECRET_KEY; a key of its own can be rotated alone.
    """

    @property
    def keys(self) -> list[bytes]:
        """The Fernet keys, the encrypting one first."""
        return [key.strip().encode() for key in settings.FIELD_ENCRYPTION_KEYS]

    def value_to_string(self, obj: object) -> NoReturn:
        """Raise ValueError: `dumpdata` and other serializers would write what is encrypted in clear."""
        table = type(obj).__name__
        raise ValueError(f"{table}.{self.name} is encrypted and is not dumped: use pg_dump, or --exclude the table.")


class SealedBinaryField(models.BinaryField):  # type: ignore[type-arg]
    """Bytes, compressed and encrypted with the first of `FIELD_ENCRYPTION_KEYS`, read with any of them."""

    def get_db_prep_value(self, value: bytes | None, connection: Any, prepared: bool = False) -> Any:
        """The bytes as the database holds them."""
        return super().get_db_prep_value(None if value is None else seal(value), connection, prepared)

    def from_db_value(self, value: bytes | None, *_args: Any) -> bytes | None:
        """What was sealed. Raises InvalidToken where no key opens it."""
        return None if value is None else zlib.decompress(_fernet().decrypt(urlsafe_b64encode(value)))

    def value_to_string(self, obj: object) -> NoReturn:
        """Raise ValueError, as encrypted text does."""
        raise ValueError(f"{type(obj).__name__}.{self.name} is encrypted and is not dumped: use pg_dump.")


def seal(content: bytes) -> bytes:
    """What a `SealedBinaryField` holds: a token of Fernet without its base64, which would make it a third longer.

    The same as Fernet makes, but a piece at a time: of a letter with 25 MB of files Fernet holds 176 MB at once.
    """
    key = urlsafe_b64decode(settings.FIELD_ENCRYPTION_KEYS[0].strip())
    vector = os.urandom(16)
    compressor, padder = zlib.compressobj(level=1), padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key[16:]), modes.CBC(vector)).encryptor()
    signer = HMAC(key[:16], hashes.SHA256())
    token = [b"\x80" + int(time.time()).to_bytes(8) + vector]
    pieces = (memoryview(content)[at : at + _PIECE] for at in range(0, len(content), _PIECE))
    token.extend(encryptor.update(padder.update(compressor.compress(piece))) for piece in pieces)
    token.append(encryptor.update(padder.update(compressor.flush()) + padder.finalize()) + encryptor.finalize())
    for part in token:
        signer.update(part)
    return b"".join([*token, signer.finalize()])


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key.strip().encode()) for key in settings.FIELD_ENCRYPTION_KEYS])
