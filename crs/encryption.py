"""Model fields whose content is encrypted at rest."""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, NoReturn

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models
from encrypted_fields.fields import EncryptedTextField as _EncryptedTextField


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
        """The bytes as the database holds them: the token's own base64 would make them a third longer."""
        sealed = None if value is None else urlsafe_b64decode(_fernet().encrypt(zlib.compress(bytes(value), level=1)))
        return super().get_db_prep_value(sealed, connection, prepared)

    def from_db_value(self, value: bytes | None, *_args: Any) -> bytes | None:
        """What was sealed. Raises InvalidToken where no key opens it."""
        return None if value is None else zlib.decompress(_fernet().decrypt(urlsafe_b64encode(value)))

    def value_to_string(self, obj: object) -> NoReturn:
        """Raise ValueError, as encrypted text does."""
        raise ValueError(f"{type(obj).__name__}.{self.name} is encrypted and is not dumped: use pg_dump.")


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key.strip().encode()) for key in settings.FIELD_ENCRYPTION_KEYS])
