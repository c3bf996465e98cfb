"""Each revoked hash is published in one signed batch, and the list of all is signed too."""

import base64
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.db import transaction

from certificates.errors import NoSigner
from certificates.keys import withdrawal
from certificates.models import Certificate, RevocationBatch, RevocationList, RevokedHash, SigningKey
from certificates.revocation import publication, revoking, signed_message, tasks
from tests.certificates.revocation.conftest import MakeCertificates
from tests.factories import NOW, make_signing_key
from tests.race import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@transaction.atomic
def _revoke_all() -> None:
    revoking.revoke(certificates=Certificate.objects.all(), why=Certificate.Revocation.OTHER, now=NOW)


def _read(batch: RevocationBatch) -> dict[str, Any]:
    message = signed_message.opened(bytes(batch.signed or b""))
    assert batch.signer is not None
    message.signer_among([batch.signer.certificate])
    content: dict[str, Any] = json.loads(message.content)
    return content


def _checked(jws: str, certificate: x509.Certificate) -> dict[str, Any]:
    """The list, its signature checked as any reader of RFC 7515 does."""
    head, content, signature = jws.split(".")
    r_and_s = base64.urlsafe_b64decode(signature + "==")
    der = encode_dss_signature(int.from_bytes(r_and_s[:32]), int.from_bytes(r_and_s[32:]))
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(der, f"{head}.{content}".encode(), ec.ECDSA(SHA256()))
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(content + "=="))
    return read


def test_what_was_revoked_stands_in_a_signed_batch_of_each_type(make_certificates: MakeCertificates) -> None:
    make_certificates(2)
    _revoke_all()
    published = publication.publish(now=NOW)
    assert (published.batches, published.hashes, published.is_list_new) == (3, 6, True)
    contents = [_read(batch) for batch in RevocationBatch.objects.published()]
    assert {content["hashType"] for content in contents} == {"UCI", "COUNTRYCODEUCI", "SIGNATURE"}
    assert {(content["country"], len(content["entries"])) for content in contents} == {("CZ", 2)}
    latest = max(Certificate.objects.values_list("expires_at", flat=True))
    assert all(content["expires"] >= publication.written(latest) for content in contents)


def test_publishing_twice_publishes_nothing_new(certificate: Certificate) -> None:
    _revoke_all()
    publication.publish(now=NOW)
    again = publication.publish(now=NOW + timedelta(minutes=5))
    assert again == publication.Publication(0, 0, is_list_new=False)


def test_a_batch_has_a_thousand_entries_at_most(
    make_certificates: MakeCertificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "MOST_ENTRIES", 2)
    make_certificates(3)
    _revoke_all()
    assert publication.publish(now=NOW).batches == 6
    sizes = Counter(len(_read(batch)["entries"]) for batch in RevocationBatch.objects.published())
    assert sizes == {2: 3, 1: 3}


def test_dates_of_changes_rise_and_no_two_are_alike(make_certificates: MakeCertificates) -> None:
    first, _second = make_certificates(2)
    revoking.revoke(certificates=Certificate.objects.filter(pk=first.pk), why=Certificate.Revocation.OTHER, now=NOW)
    publication.publish(now=NOW + timedelta(hours=1))
    _revoke_all()
    publication.publish(now=NOW)  # the clock was set back
    dates = list(RevocationBatch.objects.order_by("pk").values_list("made_at", flat=True))
    assert dates == sorted(set(dates))
    assert len(dates) == 6


def test_the_list_of_all_is_signed_so_that_anybody_can_check_it(certificate: Certificate) -> None:
    _revoke_all()
    publication.publish(now=NOW)
    newest = RevocationList.objects.get()
    content = _checked(newest.signed, certificate.signer.certificate)
    assert (content["country"], content["date"]) == ("CZ", "2027-01-11T08:00:00.000Z")
    assert content["expires"] == "2027-01-13T08:00:00.000Z"
    listed = {(group["kid"], group["hashType"], one) for group in content["revoked"] for one in group["hashes"]}
    rows = RevokedHash.objects.all()
    assert listed == {(row.kid, row.hash_type, base64.b64encode(row.hash).decode()) for row in rows}
    assert newest.entries == 3


def test_an_empty_list_is_published_too() -> None:
    make_signing_key()
    assert publication.publish(now=NOW).is_list_new
    assert json.loads(publication.content_of(RevocationList.objects.get().signed))["revoked"] == []


def test_an_unchanged_list_is_signed_anew_before_it_expires() -> None:
    make_signing_key()
    publication.publish(now=NOW)
    assert not publication.publish(now=NOW + timedelta(hours=11)).is_list_new
    assert publication.publish(now=NOW + timedelta(hours=12)).is_list_new


def test_without_a_key_nothing_is_published_and_it_counts_here(certificate: Certificate) -> None:
    SigningKey.objects.update(signs_until=NOW)
    _revoke_all()
    with pytest.raises(NoSigner):
        publication.publish(now=NOW)
    tasks.publish_revocations()
    assert not RevocationBatch.objects.exists()
    assert RevokedHash.objects.in_force(NOW).count() == 3


def test_what_a_withdrawn_signer_signed_is_signed_anew(certificate: Certificate) -> None:
    _revoke_all()
    publication.publish(now=NOW)
    before = {batch.batch_id: batch.made_at for batch in RevocationBatch.objects.all()}
    other = make_signing_key()
    withdrawal.withdraw(signer=certificate.signer, reason="stolen", now=NOW)
    published = publication.publish(now=NOW + timedelta(hours=1))
    assert (published.batches, published.hashes, published.is_list_new) == (3, 0, True)
    for batch in RevocationBatch.objects.all():
        assert batch.signer == other.signer
        assert batch.made_at > before[batch.batch_id]


def test_a_batch_that_a_crash_left_without_a_signature_is_signed_by_the_next_call(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    _revoke_all()

    def crash(*_arguments: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(signed_message, "sign", crash)
        with pytest.raises(KeyboardInterrupt):
            publication.publish(now=NOW)
    assert RevocationBatch.objects.filter(signed=None).count() == 3
    assert publication.publish(now=NOW).batches == 3
    assert not RevocationBatch.objects.filter(signed=None).exists()


def test_expired_batches_are_deleted_and_forgotten_after_fourteen_days(certificate: Certificate) -> None:
    _revoke_all()
    publication.publish(now=NOW)
    over = certificate.expires_at + timedelta(seconds=1)
    assert publication.delete_expired(now=over - timedelta(seconds=1)) == 0
    assert publication.delete_expired(now=over) == 3
    assert publication.delete_expired(now=over) == 0
    assert len(set(RevocationBatch.objects.values_list("deleted_at", flat=True))) == 3
    assert publication.purge(now=over + timedelta(days=13)) == 0
    assert publication.purge(now=over + timedelta(days=15)) == 3
    assert not RevokedHash.objects.exists()
    assert Certificate.objects.get().state == "REVOKED"


def test_the_daily_task_may_run_at_any_time(certificate: Certificate) -> None:
    _revoke_all()
    publication.publish(now=NOW)
    tasks.delete_revocations()
    tasks.delete_revocations()
    assert RevocationBatch.objects.published().filter(deleted_at=None).count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_publishers_at_once_make_no_entry_twice(
    make_certificates: MakeCertificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "MOST_ENTRIES", 2)
    make_certificates(5)
    _revoke_all()
    outcomes = race(*[lambda: publication.publish(now=NOW)] * 4)
    assert sum(one.hashes for one in outcomes) == 15
    entries = [entry["hash"] for batch in RevocationBatch.objects.published() for entry in _read(batch)["entries"]]
    assert len(entries) == len(set(entries)) == 15
    dates = list(RevocationBatch.objects.values_list("made_at", flat=True))
    assert len(dates) == len(set(dates)) == 9


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_changes_have_one_date(
    make_certificates: MakeCertificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control twin: a reader that has seen the date of one asks for later ones and never sees the other."""
    monkeypatch.setattr(publication, "MOST_ENTRIES", 1)
    monkeypatch.setattr(publication, "take", lambda _lock: None)
    make_certificates(5)
    _revoke_all()
    outcomes = race(*[lambda: publication.publish(now=NOW)] * 4)
    batches = RevocationBatch.objects.count()
    dates = RevocationBatch.objects.published().values_list("made_at", flat=True)
    assert batches > 15 or len(set(dates)) < len(dates) or any(isinstance(one, Exception) for one in outcomes)


@pytest.mark.django_db(transaction=True)
def test_what_is_revoked_while_lists_are_made_stands_in_the_next_one(make_certificates: MakeCertificates) -> None:
    make_certificates(4)
    race(_revoke_all, lambda: publication.publish(now=NOW), _revoke_all, lambda: publication.publish(now=NOW))
    publication.publish(now=NOW)
    assert RevokedHash.objects.filter(batch=None).count() == 0
    assert RevocationList.objects.first().entries == 12  # type: ignore[union-attr]
