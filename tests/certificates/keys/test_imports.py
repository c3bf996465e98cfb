"""A signer that a real authority issued is taken over only where it can sign EU certificates with the key at hand."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from pytest_django import Settings

from certificates.keys import creation, files, profiles, signers, withdrawal
from certificates.keys.errors import KeyRefused
from certificates.keys.imports import Imported, import_signer
from certificates.models import KeyRequest, SignerCertificate, SigningKey
from tests.certificates.keys.test_signers import Hsm
from tests.factories import NOW, authority_pair, make_signing_key, signer_certificate_of, signer_pair

pytestmark = pytest.mark.django_db

OWN = SignerCertificate.Origin.OWN


@pytest.fixture
def hsm(settings: Settings) -> None:
    settings.SIGNER_BACKENDS = {"hsm": "tests.certificates.keys.test_signers.Hsm"}
    Hsm.is_silent = False


def take_over(certificate: x509.Certificate, key: Any = None, *, now: datetime = NOW, **options: Any) -> Imported:
    values = {"kept_by": "database", "authority": None, "signs_from": None}
    return import_signer(certificates=[certificate], private_key=key, now=now, **(values | options))


def issued(key: Any = None, *, drop: type | None = None, subject: x509.Name | None = None, days: int = 730) -> Any:
    """A key, and its signer's certificate of the tests' authority, with something wrong with it."""
    key = key or profiles.new_private_key()
    others_key = profiles.new_private_key().public_key()
    right = signer_certificate_of(others_key, subject=subject or profiles.name("DSC", "CZ"))
    builder = (
        x509.CertificateBuilder()
        .subject_name(right.subject)
        .issuer_name(right.issuer)
        .public_key(key.public_key())
        .serial_number(right.serial_number)
        .not_valid_before(right.not_valid_before_utc)
        .not_valid_after(NOW + timedelta(days=days))
    )
    for extension in right.extensions:
        if drop is None or not isinstance(extension.value, drop):
            builder = builder.add_extension(extension.value, critical=extension.critical)
    return key, builder


def test_a_signer_of_an_authority_elsewhere_signs_from_now_on() -> None:
    old = make_signing_key()
    key, certificate = signer_pair(50, NOW)
    imported = take_over(certificate, key, now=NOW + timedelta(hours=1), authority=authority_pair()[1])
    assert imported.notes == []
    assert signers.current(NOW + timedelta(hours=1)).certificate == certificate
    old.refresh_from_db()
    assert old.signs_until == NOW + timedelta(hours=1)
    # The authority is published beside its signers.
    assert SignerCertificate.objects.get(is_authority=True).certificate == authority_pair()[1]
    with pytest.raises(KeyRefused, match="here already"):
        take_over(certificate, key)


def test_a_signer_may_begin_later_and_the_old_one_signs_until_then() -> None:
    old, begins = make_signing_key(), NOW + timedelta(days=20)
    key, certificate = signer_pair(51, NOW)
    imported = take_over(certificate, key, signs_from=begins)
    old.refresh_from_db()
    assert old.signs_until == imported.key.signs_from == begins
    assert SigningKey.objects.signing(begins - timedelta(seconds=1)).get() == old
    assert SigningKey.objects.signing(begins).get() == imported.key
    assert "not checked" in imported.notes[0]
    # A third one at once takes the place of the one that was to follow.
    third_key, third = signer_pair(52, NOW)
    take_over(third, third_key, now=NOW + timedelta(days=1))
    assert SigningKey.objects.signing(begins).get().signer.certificate == third


def test_the_answer_to_a_request_finds_the_key_that_waits_here() -> None:
    request = creation.request_certificate(common_name="DSC 7", now=NOW)
    _key, authority = authority_pair()
    public_key = request.public_key()
    assert isinstance(public_key, ec.EllipticCurvePublicKey)
    certificate = signer_certificate_of(public_key, subject=request.subject)
    # Authorities like to send their own certificate along.
    imported = import_signer(
        certificates=[authority, certificate],
        private_key=None,
        kept_by="database",
        authority=authority,
        signs_from=None,
        now=NOW,
    )
    assert imported.key.signer.certificate == certificate
    assert signers.current(NOW + timedelta(minutes=1)).certificate == certificate
    assert not KeyRequest.objects.exists()


def test_a_key_that_an_hsm_keeps_is_tried_before_it_is_taken_over(hsm: None, monkeypatch: pytest.MonkeyPatch) -> None:
    _key, certificate = signer_pair(1, NOW)
    monkeypatch.setattr(Hsm, "is_silent", True)
    with pytest.raises(KeyRefused, match="no answer"):
        take_over(certificate, kept_by="hsm")
    monkeypatch.setattr(Hsm, "is_silent", False)
    with pytest.raises(KeyRefused, match="SIGNER_BACKENDS"):
        take_over(certificate, kept_by="other")
    imported = take_over(certificate, kept_by="hsm")
    assert imported.key.private_key is None
    assert signers.current(NOW + timedelta(minutes=1)).certificate == certificate


def test_an_hsm_with_another_key_is_found_out(hsm: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hsm, "sign", lambda self, data: bytes(64))
    with pytest.raises(KeyRefused, match="does not belong"):
        take_over(signer_pair(1, NOW)[1], kept_by="hsm")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: issued(ec.generate_private_key(ec.SECP384R1())), "P-256"),
        (lambda: issued(subject=profiles.name("DSC", "SK")), "state SK, not CZ"),
        (lambda: issued(subject=x509.Name([*profiles.name("x", "CZ")][:1])), "common name"),
        (lambda: issued(days=0), "ended"),
    ],
)
def test_a_certificate_that_cannot_sign_is_refused_by_its_reason(make: Callable[[], Any], reason: str) -> None:
    key, builder = make()
    with pytest.raises(KeyRefused, match=reason):
        take_over(builder.sign(authority_pair()[0], SHA256()), key)
    assert not SigningKey.objects.exists()


def test_a_signer_for_tests_alone_is_refused_and_all_that_is_wrong_is_said_at_once() -> None:
    key, builder = issued(drop=x509.ExtendedKeyUsage, subject=profiles.name("DSC", "DE"))
    tests_alone = x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.4.1.1847.2021.1.1")])
    certificate = builder.add_extension(tests_alone, critical=False).sign(authority_pair()[0], SHA256())
    with pytest.raises(KeyRefused, match=r"state DE.*does not cover vaccination"):
        take_over(certificate, key)
    with pytest.raises(KeyRefused, match="authority \\(CA\\)"):
        take_over(authority_pair()[1], authority_pair()[0])


def test_a_certificate_with_damaged_extensions_is_refused_by_that() -> None:
    key, builder = issued()
    damaged = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.30"), b"\x04\x01")  # name constraints
    certificate = builder.add_extension(damaged, critical=False).sign(authority_pair()[0], SHA256())
    with pytest.raises(KeyRefused, match="extensions cannot be read"):
        take_over(certificate, key, authority=authority_pair()[1])
    key, certificate = signer_pair(59, NOW)
    with pytest.raises(KeyRefused, match="authority's names or extensions cannot be read"):
        take_over(certificate, key, authority=builder.add_extension(damaged, critical=False).sign(key, SHA256()))


def test_a_certificate_without_purposes_may_sign_everything() -> None:
    key, builder = issued(drop=x509.ExtendedKeyUsage)
    assert take_over(builder.sign(authority_pair()[0], SHA256()), key).key.pk


def test_another_authority_is_no_issuer() -> None:
    key, certificate = signer_pair(53, NOW)
    stranger_key = profiles.new_private_key()
    named_alike = profiles.authority_certificate(stranger_key, subject=authority_pair()[1].subject, now=NOW)
    named_other = profiles.authority_certificate(stranger_key, subject=profiles.name("other", "CZ"), now=NOW)
    with pytest.raises(KeyRefused, match="did not sign it"):
        take_over(certificate, key, authority=named_alike)
    with pytest.raises(KeyRefused, match="not its issuer"):
        take_over(certificate, key, authority=named_other)
    no_identifier_key, builder = issued(drop=x509.AuthorityKeyIdentifier)
    with pytest.raises(KeyRefused, match="key identifier"):
        take_over(builder.sign(authority_pair()[0], SHA256()), no_identifier_key, authority=authority_pair()[1])


def test_a_key_of_another_certificate_is_refused() -> None:
    with pytest.raises(KeyRefused, match="does not belong"):
        take_over(signer_pair(54, NOW)[1], signer_pair(55, NOW)[0])
    with pytest.raises(KeyRefused, match="--key FILE"):
        take_over(signer_pair(54, NOW)[1])


def test_a_signer_that_the_trust_list_brought_first_becomes_ours() -> None:
    key, certificate = signer_pair(56, NOW)
    row = SignerCertificate.of(certificate, origin="IMPORTED", source="EU", added_at=NOW)
    row.save()
    imported = take_over(certificate, key)
    assert imported.key.signer.origin == OWN
    # A verifier that had its row, or saw it leave, asks only for later ones.
    assert imported.key.signer_id > row.pk
    assert SignerCertificate.objects.count() == 1


def test_a_withdrawn_signer_does_not_come_back_by_an_import() -> None:
    key, certificate = signer_pair(57, NOW)
    row = SignerCertificate.of(certificate, origin="IMPORTED", source="EU", added_at=NOW)
    row.save()
    withdrawal.withdraw(signer=row, reason="misused", now=NOW)
    with pytest.raises(KeyRefused, match="stays so"):
        take_over(certificate, key)


def test_it_is_said_where_certificates_would_end_early() -> None:
    key, builder = issued(days=300)
    notes = take_over(builder.sign(authority_pair()[0], SHA256()), key).notes
    assert any("less than 365 days" in note for note in notes)


PASSPHRASE = b"three words of ours"


def written(encoding: Encoding, form: PrivateFormat, passphrase: bytes = b"") -> bytes:
    sealed = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return signer_pair(58, NOW)[0].private_bytes(encoding, form, sealed)


PEM_FILE = written(Encoding.PEM, PrivateFormat.PKCS8)


@pytest.mark.parametrize(
    ("data", "passphrase"),
    [
        (PEM_FILE, None),
        (b"\xef\xbb\xbf" + PEM_FILE.replace(b"\n", b"\r\n"), None),
        (b"Bag Attributes\n    friendlyName: dsc\n" + PEM_FILE, None),
        (written(Encoding.PEM, PrivateFormat.TraditionalOpenSSL), None),
        (b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + PEM_FILE, None),
        (written(Encoding.DER, PrivateFormat.PKCS8), None),
        (PEM_FILE.decode().replace("\n", "\r\n").encode("utf-16"), None),
        (b"\xef\xbb\xbf" + base64.encodebytes(written(Encoding.DER, PrivateFormat.PKCS8)), None),
        (base64.b64encode(written(Encoding.DER, PrivateFormat.PKCS8)).decode().encode("utf-16"), None),
        (written(Encoding.PEM, PrivateFormat.PKCS8, PASSPHRASE), PASSPHRASE),
        (written(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, PASSPHRASE), PASSPHRASE),
    ],
)
def test_a_private_key_is_read_as_other_programs_save_it(data: bytes, passphrase: bytes | None) -> None:
    assert files.read_private_key(data, passphrase).public_key() == signer_pair(58, NOW)[1].public_key()


@pytest.mark.parametrize(
    ("data", "passphrase", "reason"),
    [
        (written(Encoding.PEM, PrivateFormat.PKCS8, PASSPHRASE), None, "has a passphrase"),
        (written(Encoding.PEM, PrivateFormat.PKCS8, PASSPHRASE), b"wrong", "with this passphrase"),
        (PEM_FILE, PASSPHRASE, "no passphrase"),
        (serialize_key_and_certificates(b"dsc", *signer_pair(58, NOW), None, NoEncryption()), None, "openssl pkcs12"),
        (b"hello", None, "PEM or DER"),
        (b"", None, "PEM or DER"),
    ],
)
def test_a_private_key_that_cannot_be_read_says_why(data: bytes, passphrase: bytes | None, reason: str) -> None:
    with pytest.raises(KeyRefused, match=reason):
        files.read_private_key(data, passphrase)


def test_a_key_of_another_kind_is_refused() -> None:
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505
    with pytest.raises(KeyRefused, match="elliptic curve"):
        files.read_private_key(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), None)


def test_files_without_a_certificate_and_with_a_damaged_one_are_refused() -> None:
    with pytest.raises(KeyRefused, match="holds no certificate"):
        files.read_certificates(b"-----BEGIN PRIVATE KEY-----", "the signer")
    with pytest.raises(KeyRefused, match="damaged"):
        files.read_certificates(b"\x30\x03abc", "the signer")
