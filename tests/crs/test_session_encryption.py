"""What waits in a session is readable only with a key."""

from cryptography.fernet import Fernet
from pytest_django.fixtures import Settings

from crs.session_encryption import seal, unseal


def test_what_was_sealed_comes_back_and_cannot_be_read_before() -> None:
    typed = {"phone": None, "values": {"last_name": "Dvořáková"}}
    assert "last_name" not in seal(typed)
    assert unseal(seal(typed)) == typed


def test_a_new_key_opens_what_an_older_one_sealed_until_that_is_taken_away(settings: Settings) -> None:
    sealed, new = seal("601 234 567"), Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, *settings.FIELD_ENCRYPTION_KEYS]
    assert unseal(sealed) == "601 234 567"
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert unseal(sealed) is None


def test_what_nobody_sealed_is_nothing() -> None:
    assert unseal("601 234 567") is None
