"""The newest key signs; its private key is decrypted once in a while, and one that is withdrawn signs nothing more."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.fernet import Fernet
from pytest_django import DjangoAssertNumQueries, Settings

from certificates.errors import NoSigner, SealedKey
from certificates.hcert.signing import KeySigner, Signer
from certificates.keys import signers, withdrawal
from certificates.keys.soundness import is_signature_right
from tests.factories import NOW, make_signing_key, signer_pair

pytestmark = pytest.mark.django_db


class Hsm:
    """What stands for a vendor's module: it knows the keys of the tests by their certificates."""

    is_silent = False
    opened = 0

    def __init__(self, certificate: x509.Certificate) -> None:
        Hsm.opened += 1
        key, _certificate = next(pair for pair in (signer_pair(1, NOW), signer_pair(2, NOW)) if pair[1] == certificate)
        self.signer = KeySigner(certificate, key)

    def sign(self, data: bytes) -> bytes:
        """What the module would sign."""
        if self.is_silent:
            raise OSError("no answer")
        return self.signer.sign(data)


@pytest.fixture
def hsm(settings: Settings) -> type[Hsm]:
    settings.SIGNER_BACKENDS = {"hsm": f"{__name__}.Hsm", "lost": "nowhere.Hsm"}
    Hsm.is_silent, Hsm.opened = False, 0
    return Hsm


def test_nobody_signs_before_after_and_without_a_key() -> None:
    with pytest.raises(NoSigner):
        signers.current(NOW)
    key = make_signing_key()
    assert signers.current(NOW).certificate == key.signer.certificate
    for moment in (NOW - timedelta(seconds=1), key.signs_until):
        with pytest.raises(NoSigner):
            signers.current(moment)


def test_a_withdrawn_signer_signs_nothing_more_and_the_one_before_it_takes_over() -> None:
    old = make_signing_key()
    new = make_signing_key(signs_from=NOW + timedelta(hours=1))
    later = NOW + timedelta(hours=1)
    assert signers.current(later).certificate == new.signer.certificate
    withdrawal.withdraw(signer=new.signer, reason="stolen", now=later)
    assert signers.current(later).certificate == old.signer.certificate


def test_the_private_key_is_decrypted_once(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_signing_key()
    signer = signers.current(NOW)
    with django_assert_num_queries(1):
        assert signers.current(NOW) is signer
    monkeypatch.setattr(signers, "SECONDS_KEPT", -1)
    signers._kept.clear()
    assert signers.current(NOW) is not signers.current(NOW)


def test_a_key_that_cannot_be_decrypted_is_said_in_words(settings: Settings) -> None:
    make_signing_key()
    signers._kept.clear()
    settings.SIGNING_KEY_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(SealedKey, match="SIGNING_KEY_ENCRYPTION_KEY"):
        signers.current(NOW)


def test_an_hsm_signs_in_the_place_of_a_key(hsm: type[Hsm]) -> None:
    key = make_signing_key(kept_by="hsm", private_key=None)
    signer: Signer = signers.current(NOW)
    assert is_signature_right(signer, key.signer.certificate)
    assert is_signature_right(signers.current(NOW), key.signer.certificate)
    assert (signer.algorithm, hsm.opened) == (-7, 1)


def test_an_hsm_that_fails_is_no_signer_until_it_answers_again(hsm: type[Hsm]) -> None:
    key = make_signing_key(kept_by="hsm", private_key=None)
    signer = signers.current(NOW)
    hsm.is_silent = True
    with pytest.raises(NoSigner):
        signer.sign(b"data")
    hsm.is_silent = False
    assert is_signature_right(signer, key.signer.certificate)
    assert hsm.opened == 2


@pytest.mark.parametrize("name", ["lost", "unnamed"])
def test_a_keeper_that_the_settings_do_not_name_is_no_signer(hsm: type[Hsm], name: str) -> None:
    make_signing_key(kept_by=name, private_key=None)
    with pytest.raises(NoSigner):
        signers.current(NOW)
