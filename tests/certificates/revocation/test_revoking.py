"""Revoking is for good, is known at once, and happens once, whoever else does it at the same time."""

from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from certificates.hcert.refusals import Genuine
from certificates.hcert.verification import verify
from certificates.issuing import issuing
from certificates.models import Certificate, IssueRequest, RevokedHash
from certificates.models.certificates import Cause, CertificateQuerySet
from certificates.revocation import revoking
from certificates.revocation.lists import is_revoked
from tests.certificates.issuing.conftest import ask
from tests.certificates.revocation.conftest import MakeCertificates
from tests.factories import NOW
from tests.race import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
OTHER = Certificate.Revocation.OTHER


def _genuine(certificate: Certificate) -> Genuine:
    return verify(certificate.text, [certificate.signer.certificate], NOW)


def test_a_revoked_certificate_is_known_at_once(certificate: Certificate) -> None:
    assert not is_revoked(_genuine(certificate), NOW)
    assert revoking.revoke(certificates=Certificate.objects.all(), why=OTHER, note="ztracen", now=NOW) == 1
    assert is_revoked(_genuine(certificate), NOW)
    rows = RevokedHash.objects.all()
    assert {(row.certificate_id, row.country, row.added_at) for row in rows} == {(certificate.pk, "CZ", NOW)}
    certificate.refresh_from_db()
    assert (certificate.state, certificate.revocation_note) == ("REVOKED", "ztracen")


def test_history_says_who_revoked_it_and_why(certificate: Certificate, admin_user: User) -> None:
    revoking.revoke(certificates=Certificate.objects.all(), why=OTHER, note="podvod", by=admin_user, now=NOW)
    last = certificate.events.order_by("pgh_id").last()  # type: ignore[attr-defined]
    context = last.pgh_context.metadata
    assert (last.state, context["operation"], context["user"], context["reason"]) == (
        "REVOKED",
        "certificates.revoke",
        admin_user.pk,
        "podvod",
    )


def test_revoking_twice_changes_nothing(certificate: Certificate) -> None:
    revoking.revoke(certificates=Certificate.objects.all(), why=OTHER, now=NOW)
    assert revoking.revoke(certificates=Certificate.objects.all(), why=Certificate.Revocation.FRAUD, now=NOW) == 0
    certificate.refresh_from_db()
    assert certificate.revocation == "OTHER"
    assert RevokedHash.objects.filter(certificate=certificate).count() == 3


def test_each_certificate_gets_its_own_hash_of_each_type(make_certificates: MakeCertificates) -> None:
    first, second = make_certificates(2)
    revoking.revoke(certificates=Certificate.objects.filter(pk=first.pk), why=OTHER, now=NOW)
    assert is_revoked(_genuine(first), NOW)
    assert not is_revoked(_genuine(second), NOW)
    rows = RevokedHash.objects.filter(certificate=first)
    assert {(row.hash_type, row.expires_at) for row in rows} == {
        (hash_type, first.expires_at) for hash_type in ("UCI", "COUNTRYCODEUCI", "SIGNATURE")
    }


def test_a_large_number_is_revoked_step_by_step(
    make_certificates: MakeCertificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revoking, "STEP", 2)
    make_certificates(5)
    told: list[int] = []
    done = revoking.revoke_in_steps(
        certificates=Certificate.objects.order_by("-ean"), why=OTHER, now=NOW, on_progress=told.append
    )
    assert (done, told) == (5, [2, 4, 5])


def test_some_of_a_cut_list_are_revoked(make_certificates: MakeCertificates) -> None:
    make_certificates(3)
    assert revoking.revoke(certificates=Certificate.objects.order_by("ean")[:2], why=OTHER, now=NOW) == 2


def test_a_stopped_revocation_goes_on(make_certificates: MakeCertificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revoking, "STEP", 2)
    make_certificates(5)

    def stop(done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        revoking.revoke_in_steps(certificates=Certificate.objects.all(), why=OTHER, now=NOW, on_progress=stop)
    assert Certificate.objects.living().count() == 3
    assert revoking.revoke_in_steps(certificates=Certificate.objects.all(), why=OTHER, now=NOW) == 3


def test_it_is_one_query_to_look_whether_a_certificate_is_revoked(
    certificate: Certificate, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    genuine = _genuine(certificate)
    with django_assert_num_queries(1):
        is_revoked(genuine, NOW)


@pytest.mark.django_db(transaction=True)
def test_two_who_revoke_at_once_revoke_each_one_once(make_certificates: MakeCertificates) -> None:
    make_certificates(6)

    def revoke() -> int:
        return revoking.revoke_in_steps(certificates=Certificate.objects.all(), why=OTHER, now=NOW)

    assert sum(race(*[revoke] * 4)) == 6
    assert RevokedHash.objects.count() == 18


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_write_the_hashes_twice(
    make_certificates: MakeCertificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control twin: who only looks revokes what somebody else has revoked, and meets the constraint."""
    make_certificates(6)
    monkeypatch.setattr(CertificateQuerySet, "select_for_update", lambda self, **_: self)

    def revoke() -> int:
        with transaction.atomic():
            return revoking.revoke(certificates=Certificate.objects.all(), why=OTHER, now=NOW)

    outcomes = race(*[partial(revoke) for _ in range(4)])
    assert {type(one).__name__ for one in outcomes} >= {"IntegrityError"} or sum(outcomes) > 6


@pytest.mark.django_db(transaction=True)
def test_whoever_revokes_beside_an_issue_leaves_one_living_certificate_at_most(
    make_certificates: MakeCertificates,
) -> None:
    certificates = make_certificates(3)
    for certificate in certificates:
        ask(certificate.dose, Cause.RENEWED, instead_of=certificate)

    def revoke() -> int:
        keys = [certificate.pk for certificate in certificates]
        return revoking.revoke_in_steps(certificates=Certificate.objects.filter(pk__in=keys), why=OTHER, now=NOW)

    outcomes = race(lambda: issuing.issue_pending(now=NOW), revoke, lambda: issuing.issue_pending(now=NOW), revoke)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert Certificate.objects.filter(state="REVOKED").count() == 3
    # Whatever came first: a new one in the place of the old one, or none, for its request went with the revocation.
    dropped = IssueRequest.objects.filter(state="DROPPED").count()
    assert Certificate.objects.living().count() + dropped == 3
    assert RevokedHash.objects.count() == 9
