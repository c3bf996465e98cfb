"""Bytes that are encrypted at rest."""

import random
import tracemalloc
import zlib
from base64 import urlsafe_b64encode

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from crs.encryption import SealedBinaryField, seal

FIELD = SealedBinaryField()
MB = 1 << 20


@pytest.mark.parametrize("content", [b"", b"x", b"\0" * 5 * MB, random.Random(1).randbytes(3 * MB + 7)])
def test_what_was_sealed_comes_back_and_is_a_token_of_fernet(content: bytes) -> None:
    sealed = seal(content)
    assert FIELD.from_db_value(sealed) == content
    fernet = Fernet(django_settings.FIELD_ENCRYPTION_KEYS[0].strip())
    assert zlib.decompress(fernet.decrypt(urlsafe_b64encode(sealed), ttl=60)) == content


def test_nothing_of_it_can_be_read_and_one_changed_bit_is_noticed() -> None:
    sealed = bytearray(seal(b"Jana"))
    assert seal(b"Jana") != sealed
    sealed[-40] ^= 1
    with pytest.raises(InvalidToken):
        FIELD.from_db_value(bytes(sealed))


def test_a_new_key_seals_and_the_older_one_still_opens(settings: Settings) -> None:
    older, new = seal(b"Jana"), Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [f" {new}", *settings.FIELD_ENCRYPTION_KEYS]
    newer = seal(b"Jana")
    assert FIELD.from_db_value(older) == FIELD.from_db_value(newer) == b"Jana"
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert FIELD.from_db_value(newer) == b"Jana"
    with pytest.raises(InvalidToken):
        FIELD.from_db_value(older)


def test_sealing_holds_no_more_than_the_token_twice() -> None:
    content = random.Random(1).randbytes(16 * MB)
    tracemalloc.start()
    seal(content)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2.5 * len(content)
