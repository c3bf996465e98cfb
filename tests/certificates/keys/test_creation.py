"""Keys are made by the EU's governance, one signs at a time, and the others go on verifying."""

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import connection, transaction

from certificates.keys import creation, files, profiles, signers
from certificates.keys.errors import KeyRefused
from certificates.models import KeyRequest, SignerCertificate, SigningKey
from tests.factories import NOW, make_signing_key
from tests.race import race, tally

LATER = NOW + timedelta(days=100)
DAY = timedelta(days=1)


@pytest.fixture
def first() -> SigningKey:
    """The first signer, under an authority of our own."""
    _authority, key = creation.create_missing(now=NOW)
    assert key
    return key


@pytest.mark.django_db
def test_an_authority_is_made_as_the_eu_wants_it(first: SigningKey) -> None:
    row = SignerCertificate.objects.get(is_authority=True)
    certificate = row.certificate
    assert certificate.subject == certificate.issuer
    certificate.verify_directly_issued_by(certificate)
    assert {attribute.rfc4514_attribute_name for attribute in certificate.subject} == {"C", "CN"}
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.value.ca, constraints.value.path_length, constraints.critical) == (True, 0, True)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.crl_sign, usage.digital_signature) == (True, True, False)
    assert certificate.not_valid_after_utc - NOW == 4 * timedelta(days=365)


@pytest.mark.django_db
def test_a_signer_is_made_as_the_eu_wants_it(first: SigningKey) -> None:
    certificate, authority = first.signer.certificate, SignerCertificate.objects.get(is_authority=True).certificate
    certificate.verify_directly_issued_by(authority)
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.digital_signature) == (False, True)
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert [use.dotted_string for use in purposes.value] == ["1.3.6.1.4.1.1847.2021.1.2"]
    assert not purposes.critical
    own = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier == own
    assert certificate.not_valid_after_utc - NOW == 2 * timedelta(days=365)
    assert first.signs_until - NOW == timedelta(days=182)
    der = certificate.public_bytes(Encoding.DER)
    assert base64.b64decode(first.signer.kid) == hashlib.sha256(der).digest()[:8] == signers.current(NOW).kid
    assert (first.signer.country, bytes(first.signer.der)) == ("CZ", der)


@pytest.mark.django_db
def test_no_private_key_stands_in_the_database_in_clear_nor_in_its_history(first: SigningKey) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT private_key FROM certificates_signingkey")
        stored = [text for (text,) in cursor]
        cursor.execute("SELECT * FROM certificates_signingkeyevent")
        assert not {"private_key"} & {column.name for column in cursor.description}
    assert len(stored) == 2
    assert not any("PRIVATE" in text for text in stored)
    first.refresh_from_db()
    assert "PRIVATE" in first.private_key


@pytest.mark.django_db
def test_to_create_makes_only_what_is_missing(first: SigningKey) -> None:
    with pytest.raises(KeyRefused, match="rotate"):
        creation.create_missing(now=LATER)
    with pytest.raises(KeyRefused, match="already"):
        creation.create_authority(now=LATER)
    authority, key = creation.create_missing(now=first.signs_until)
    assert authority is None
    assert key
    assert key.signer.certificate.issuer == first.signer.certificate.issuer
    # An authority signs signers for one year.
    authority, key = creation.create_missing(now=NOW + timedelta(days=366))
    assert authority
    assert key
    # A signer of an authority elsewhere signs, and there is none of ours.
    SignerCertificate.objects.filter(is_authority=True).update(withdrawn_at=NOW, withdrawal_reason="x")
    authority, none = creation.create_missing(now=NOW + timedelta(days=366))
    assert authority
    assert none is None


@pytest.mark.django_db
def test_after_a_rotation_the_new_key_signs_and_the_old_one_stays_on_the_list(first: SigningKey) -> None:
    second = creation.rotate(replacing=first, now=LATER)
    first.refresh_from_db()
    assert first.signs_until == LATER
    assert list(SigningKey.objects.signing(LATER)) == [second]
    assert {first.signer, second.signer} <= set(SignerCertificate.objects.trusted(LATER))
    assert first.signer.certificate.serial_number != second.signer.certificate.serial_number
    with pytest.raises(KeyRefused, match="meanwhile"):
        creation.rotate(replacing=first, now=LATER + DAY)


@pytest.mark.django_db
def test_a_signer_never_outlives_its_authority() -> None:
    creation.create_authority(now=NOW)
    SigningKey.objects.update(signs_until=NOW + 3 * timedelta(days=365))
    key = creation.create_signer(now=NOW + 3 * timedelta(days=365) - DAY)
    assert key.signer.not_after == SignerCertificate.objects.get(is_authority=True).not_after


@pytest.mark.django_db
def test_without_an_authority_here_no_signer_is_made() -> None:
    with pytest.raises(KeyRefused, match="request"):
        creation.create_signer(now=NOW)


@pytest.mark.django_db
def test_a_request_keeps_its_private_key_here() -> None:
    request = creation.request_certificate(common_name="", now=NOW)
    assert request.is_signature_valid
    waiting = KeyRequest.objects.get()
    assert waiting.public_key_sha256 == files.public_fingerprint(request.public_key())
    assert files.private_key_of(waiting.private_key).public_key() == request.public_key()


@pytest.mark.django_db
def test_a_demonstration_always_has_a_key_with_a_month_left() -> None:
    assert creation.ensure_demo_keys(NOW)
    assert not creation.ensure_demo_keys(NOW + DAY)
    assert creation.ensure_demo_keys(NOW + timedelta(days=160))
    assert creation.ensure_demo_keys(NOW + timedelta(days=800))
    assert SigningKey.objects.signing(NOW + timedelta(days=800)).count() == 1


def _hasty_rotation(key: SigningKey) -> SigningKey:
    """As `rotate` would be without its lock: the look, then the writing, in the order that loses."""
    with transaction.atomic():
        others = list(SigningKey.objects.of_signers())
        new = make_signing_key_of_race()
        for other in others:
            SigningKey.objects.filter(pk=other.pk).update(signs_until=NOW + DAY)
        return new


def make_signing_key_of_race() -> SigningKey:
    made = profiles.new_private_key()
    authority = creation.own_authority(NOW)
    assert authority
    certificate = profiles.signer_certificate(
        made.public_key(),
        subject=creation.signer_name(NOW),
        authority=authority.signer.certificate,
        authority_key=files.private_key_of(authority.private_key),
        now=NOW,
    )
    signer = SignerCertificate.of(certificate, origin="OWN", added_at=NOW)
    signer.save()
    period = {"signs_from": NOW + DAY, "signs_until": LATER, "created_at": NOW}
    return SigningKey.objects.create(signer=signer, private_key=files.private_text(made), **period)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("rotation", "expected"),
    [(partial(creation.rotate, now=NOW + DAY), 1), (_hasty_rotation, 2)],
    ids=["locked", "control twin"],
)
def test_two_who_rotate_at_once_leave_one_key_that_signs(rotation: Callable[..., SigningKey], expected: int) -> None:
    _authority, first = creation.create_missing(now=NOW)
    assert first
    if expected == 1:
        outcomes = race(*(partial(rotation, replacing=first) for _ in range(2)))
        assert tally(outcomes) == {"SigningKey": 1, "KeyRefused": 1}
    else:
        race(*(partial(rotation, first) for _ in range(2)))
    assert SigningKey.objects.signing(NOW + DAY).count() == expected


@pytest.mark.django_db
def test_the_key_of_the_tests_signs_as_ours_do() -> None:
    key = make_signing_key()
    assert make_signing_key().signer.kid != key.signer.kid
    assert base64.b64encode(signers.current(NOW).kid).decode() != key.signer.kid
