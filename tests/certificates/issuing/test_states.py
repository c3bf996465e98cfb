"""Walks the tables of docs/states.md by doing: every act from every state does what they say."""

from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any

import pytest
from django.db import transaction

from certificates.issuing import bursts, issuing, requests, retrying, truth
from certificates.models import Certificate, IssueRequest, RevokedHash, VaccineCoding
from certificates.models.certificates import Cause
from certificates.revocation import revoking
from crs.errors import DomainError
from registration.models import Person
from tests.certificates.issuing.conftest import LATER, Vaccinated, ask, run
from tests.factories import NOW, make_certificate
from tests.reservation.test_states import BEGINNING, machine
from vaccination.models import Dose

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock", "key")]

State = IssueRequest.State


def act_on(request: IssueRequest, name: str) -> None:
    """Do the operation `name` with the request."""
    acts: dict[str, Callable[[], Any]] = {
        "issuing.issue": lambda: issuing.issue(request=request, now=LATER),
        "issuing.issue_pending": lambda: issuing.issue_pending(now=LATER),
        "retrying.retry_complete": lambda: retrying.retry_complete(now=LATER),
        "revocation.revoking.revoke": revoke_by_hand,
        "truth.keep_true": lambda: truth.keep_true(person_id=request.dose.person_id, now=LATER),
        "bursts.release": lambda: bursts.release(request_id=request.pk, reason="x", by=None, now=LATER),
        "bursts.reject": lambda: bursts.reject(request_id=request.pk, reason="x", by=None, now=LATER),
    }
    with transaction.atomic() if name == "truth.keep_true" else nullcontext(), suppress(DomainError):
        acts[name]()


def revoke_by_hand() -> None:
    """Revoke the certificate of the dose; it has one beside the request."""
    with transaction.atomic():
        revoking.revoke(certificates=Certificate.objects.all(), why=Certificate.Revocation.FRAUD, now=LATER)


def above_the_limit(request: IssueRequest, settings: Any) -> None:
    settings.CERTIFICATES_PER_ISSUER_AND_HOUR = 0


def name_is_not_spelled(request: IssueRequest, settings: Any) -> None:
    Person.objects.update(last_name="Ковальчук")


def dose_is_in_error(request: IssueRequest, settings: Any) -> None:
    Dose.objects.filter(pk=request.dose_id).update(state="IN_ERROR", error="OTHER")


def all_is_well(request: IssueRequest, settings: Any) -> None:
    """Nothing stands in the way."""


CIRCUMSTANCES = (all_is_well, above_the_limit, name_is_not_spelled, dose_is_in_error)


@pytest.mark.parametrize("start", State.values)
def test_a_request_changes_only_as_the_table_says_and_in_every_way_that_it_says(
    start: str, vaccinated: Vaccinated, settings: Any
) -> None:
    table = {
        (row.end, name)
        for row in machine("Request for a certificate").rows
        for name in row.operations
        if row.start == start
    }
    names = {
        name for row in machine("Request for a certificate").rows if row.start != BEGINNING for name in row.operations
    }
    template = vaccinated().person.doses.get(number=2)
    limit, walked = settings.CERTIFICATES_PER_ISSUER_AND_HOUR, set()
    for circumstance in CIRCUMSTANCES:
        for name in sorted(names):
            settings.CERTIFICATES_PER_ISSUER_AND_HOUR = limit
            IssueRequest.objects.all().delete()
            RevokedHash.objects.all().delete()
            Certificate.objects.all().delete()
            Person.objects.update(last_name="Nováková")
            Dose.objects.filter(pk=template.pk).update(state="VALID", error="")
            is_issued = start == State.ISSUED
            has_certificate = is_issued or name == "revocation.revoking.revoke"
            certificate = make_certificate(template) if has_certificate else None
            request = IssueRequest.objects.create(
                dose=template,
                cause=Cause.SERIES,
                asked_at=NOW,
                state=start,
                obstacle="NO_CODES" if start == State.BLOCKED else "",
                certificate=certificate if is_issued else None,
            )
            circumstance(request, settings)
            act_on(request, name)
            request.refresh_from_db()
            # Issuing goes on from WAITING in one call.
            passed = State.WAITING if start == State.BLOCKED and request.state not in (start, "DROPPED") else None
            end = passed or request.state
            if end != start:
                walked.add((end, name))
    if start == State.BLOCKED:
        walked -= {(State.DROPPED, "issuing.issue")}
    assert walked == table


def test_requests_begin_as_the_table_says(vaccinated: Vaccinated, first_dose: Callable[..., Dose]) -> None:
    begun: set[str] = set()

    def begin(name: str, act: Callable[[], Any]) -> None:
        before = IssueRequest.objects.count()
        act()
        if IssueRequest.objects.count() > before:
            begun.add(name)

    begin("request_for", vaccinated)
    IssueRequest.objects.all().delete()
    begin("request_missing", requests.request_missing)
    run()
    VaccineCoding.objects.create(
        vaccine_id="comirnaty", valid_from=NOW.date(), prophylaxis="J07BX03", product="EU/1", holder="ORG-1"
    )
    begin("request_recoded", lambda: requests.request_recoded(now=LATER))
    dose = first_dose()
    begin("ask", lambda: ask(dose))
    single = first_dose(vaccine_id="janssen")
    begin("truth.keep_true", transaction.atomic(lambda: truth.keep_true(person_id=single.person_id, now=NOW)))
    rows = [row for row in machine("Request for a certificate").rows if row.start == BEGINNING]
    assert begun == {name for row in rows for name in row.operations}
    assert set(IssueRequest.objects.exclude(state="ISSUED").values_list("state", flat=True)) == {"WAITING"}


def test_a_certificate_is_valid_and_then_revoked_for_good(vaccinated: Vaccinated) -> None:
    walked: set[tuple[str, str, str]] = set()
    dose = vaccinated()

    def revoke(why: Certificate.Revocation) -> None:
        with transaction.atomic():
            revoking.revoke(certificates=Certificate.objects.all(), why=why, now=LATER)

    def step(name: str, act: Callable[[], Any], *, is_new: bool) -> None:
        old = Certificate.objects.living().first()
        act()
        if is_new:
            assert Certificate.objects.living().exists()
            walked.add((BEGINNING, "VALID", name))
        if old is not None:
            old.refresh_from_db()
            assert old.state == "REVOKED"
            walked.add(("VALID", "REVOKED", name))
            revoking.revoke(
                certificates=Certificate.objects.filter(pk=old.pk), why=Certificate.Revocation.KEY, now=LATER
            )
            assert Certificate.objects.get(pk=old.pk).revocation == old.revocation

    def renew() -> IssueRequest:
        return ask(dose, Cause.RENEWED)

    def annulled() -> None:
        Dose.objects.filter(pk=dose.pk).update(state="IN_ERROR", error="OTHER")
        truth.keep_true(person_id=dose.person_id, now=NOW)

    step("issue_pending", run, is_new=True)
    renew()
    step("issue_pending", lambda: run(now=LATER), is_new=True)
    step("issue", lambda: issuing.issue(request=renew(), now=NOW), is_new=True)
    step(
        "revocation.revoking.revoke",
        lambda: revoke(Certificate.Revocation.FRAUD),
        is_new=False,
    )
    step("issue", lambda: issuing.issue(request=renew(), now=NOW), is_new=True)
    step("truth.keep_true", transaction.atomic(annulled), is_new=False)
    assert walked == {(row.start, row.end, name) for row in machine("Certificate").rows for name in row.operations}
