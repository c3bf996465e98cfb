"""Operators are told of keys that end soon, and a key that encrypts the others can be exchanged."""

import io
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from certificates.errors import SealedKey
from certificates.keys import creation, signers, upkeep, withdrawal
from certificates.keys.errors import KeyRefused
from certificates.keys.tasks import look_after_keys
from certificates.models import KeyRequest, SignerCertificate, SigningKey
from crs.messaging.models import Message
from tests.factories import NOW, make_registration, make_signing_key

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def does(now: object) -> dict[str, str]:
    return {state.key.signer.kid: state.does for state in upkeep.states(now)}  # type: ignore[arg-type]


def test_a_key_signs_verifies_and_ends() -> None:
    old = make_signing_key(now=NOW - 60 * DAY)
    new = make_signing_key(signs_from=NOW + 10 * DAY)
    SigningKey.objects.filter(pk=old.pk).update(signs_until=NOW + 10 * DAY)
    assert does(NOW) == {old.signer.kid: "signs", new.signer.kid: "will sign"}
    assert does(NOW + 10 * DAY) == {old.signer.kid: "verifies", new.signer.kid: "signs"}
    assert does(NOW + 800 * DAY) == {old.signer.kid: "ended", new.signer.kid: "ended"}
    withdrawal.withdraw(signer=new.signer, reason="x", now=NOW)
    assert does(NOW)[new.signer.kid] == "withdrawn"


def test_a_key_is_to_be_renewed_a_month_before_unless_the_next_one_follows() -> None:
    assert upkeep.what_is_wrong(NOW) == ["No key signs now: no certificate can be issued."]
    key = make_signing_key()
    assert upkeep.what_is_wrong(key.signs_until - 31 * DAY) == []
    (wrong,) = upkeep.what_is_wrong(key.signs_until - 30 * DAY)
    assert wrong == f"{key.signer.kid}: renew before {key.signs_until:%Y-%m-%d}"
    make_signing_key(signs_from=key.signs_until, signs_until=key.signs_until + 100 * DAY)
    assert upkeep.what_is_wrong(key.signs_until - 30 * DAY) == []


def test_an_authority_that_signs_no_more_is_to_be_followed() -> None:
    creation.create_missing(now=NOW)
    creation.rotate(replacing=creation.newest_signer(), now=NOW + 300 * DAY)  # type: ignore[arg-type]
    (wrong,) = upkeep.what_is_wrong(NOW + 366 * DAY)
    assert "`create` makes the next one" in wrong


def test_operators_get_an_e_mail_where_they_are_named(settings: Settings, clock: None) -> None:
    look_after_keys()
    assert not Message.objects.exists()
    settings.ALARM_EMAIL = "ops@example.cz"
    look_after_keys()
    message = Message.objects.get()
    assert message.recipient == "ops@example.cz"
    assert "- No key signs now: no certificate can be issued." in message.text
    make_signing_key()
    look_after_keys()
    assert Message.objects.count() == 1


def test_a_private_key_that_signs_no_more_is_deleted_after_a_day_and_its_signer_goes_on_verifying() -> None:
    old = make_signing_key(now=NOW - 90 * DAY, signs_until=NOW)
    elsewhere = make_signing_key(now=NOW - 90 * DAY, signs_until=NOW, private_key=None, kept_by="hsm")
    new = make_signing_key()
    assert upkeep.delete_spent_keys(now=NOW + DAY - timedelta(seconds=1)) == 0
    assert upkeep.delete_spent_keys(now=NOW + DAY) == 1
    assert upkeep.delete_spent_keys(now=NOW + DAY) == 0
    old.refresh_from_db()
    assert (old.private_key, old.kept_by) == (None, "nobody (deleted)")
    assert SigningKey.objects.get(pk=new.pk).private_key
    assert SigningKey.objects.get(pk=elsewhere.pk).kept_by == "hsm"
    assert old.signer in SignerCertificate.objects.trusted(NOW + DAY)
    assert signers.current(NOW + DAY).certificate == new.signer.certificate


def test_each_day_looks_after_it(clock: None) -> None:
    make_signing_key(now=NOW - 400 * DAY)
    look_after_keys()
    assert SigningKey.objects.get().private_key is None


def test_a_withdrawal_deletes_the_private_key() -> None:
    key = make_signing_key()
    withdrawal.withdraw(signer=key.signer, reason="stolen", now=NOW)
    assert SigningKey.objects.get().private_key is None


def test_a_request_that_nobody_will_answer_is_given_up() -> None:
    creation.request_certificate(common_name="DSC 1", now=NOW)
    with pytest.raises(KeyRefused, match="`list` shows"):
        upkeep.drop_request(0)
    (request,) = upkeep.requests()
    assert "DSC 1" in upkeep.drop_request(request.pk)
    assert not KeyRequest.objects.exists()


@pytest.mark.parametrize("table", ["certificates.SigningKey", "certificates.KeyRequest", "registration.Person"])
def test_what_is_encrypted_is_never_dumped_in_clear(table: str) -> None:
    make_signing_key()
    creation.request_certificate(common_name="", now=NOW)
    make_registration()
    with pytest.raises(CommandError, match="encrypted and is not dumped"):
        call_command("dumpdata", table, stdout=io.StringIO())


def test_the_key_that_encrypts_can_be_exchanged(settings: Settings) -> None:
    creation.create_missing(now=NOW)
    creation.request_certificate(common_name="", now=NOW)
    old, new = settings.SIGNING_KEY_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.SIGNING_KEY_ENCRYPTION_KEYS = [new, old]
    assert upkeep.reencrypt() == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT private_key FROM certificates_signingkey")
        for (stored,) in cursor:
            with pytest.raises(InvalidToken):
                Fernet(old).decrypt(stored)
    settings.SIGNING_KEY_ENCRYPTION_KEYS = [new]
    signers._kept.clear()
    assert signers.current(NOW)


@pytest.mark.parametrize("keys", [[Fernet.generate_key().decode()], []], ids=["another key", "no key"])
def test_without_its_key_nothing_is_encrypted_anew_nor_made(settings: Settings, keys: list[str]) -> None:
    creation.create_missing(now=NOW)
    settings.SIGNING_KEY_ENCRYPTION_KEYS = keys
    with pytest.raises(SealedKey):
        upkeep.reencrypt()
    newest = creation.newest_signer()
    assert newest
    with pytest.raises(SealedKey):
        creation.rotate(replacing=newest, now=NOW + DAY)
    # What needs no private key goes on.
    assert len(upkeep.states(NOW)) == 2


@pytest.mark.parametrize("keys", [[Fernet.generate_key().decode()], []], ids=["another key", "no key"])
def test_an_authority_that_cannot_be_opened_holds_no_alarm_back(settings: Settings, keys: list[str]) -> None:
    _old, signer = creation.create_missing(now=NOW)
    assert signer
    now = signer.signs_until - DAY
    SigningKey.objects.filter(signer__is_authority=True).update(signs_until=now)
    creation.create_authority(now=now)
    settings.SIGNING_KEY_ENCRYPTION_KEYS = keys
    assert upkeep.raise_alarm(now=now) == [f"{signer.signer.kid}: renew before {signer.signs_until:%Y-%m-%d}"]
    with pytest.raises(KeyRefused, match="already"):
        creation.create_authority(now=now)


def test_a_signer_is_withdrawn_once_and_by_its_kid_or_number() -> None:
    key = make_signing_key()
    assert withdrawal.signer_of_kid(key.signer.kid) == withdrawal.signer_of_kid(str(key.signer_id)) == key.signer
    withdrawal.withdraw(signer=key.signer, reason="stolen", now=NOW)
    with pytest.raises(KeyRefused, match="not on the list"):
        withdrawal.withdraw(signer=key.signer, reason="stolen", now=NOW)
    with pytest.raises(KeyRefused, match="No signer"):
        withdrawal.signer_of_kid(key.signer.kid)
    assert withdrawal.certificates_of(key.signer) == 0
