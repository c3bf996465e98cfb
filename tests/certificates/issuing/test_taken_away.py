"""What was revoked by hand stays away until somebody decides; what replaces another one goes where that one went."""

from typing import Any

import pytest

from certificates.desk import counter
from certificates.issuing import requests, retrying
from certificates.issuing.errors import TakenAway
from certificates.models import Certificate, Delivery, IssueRequest, VaccineCoding
from certificates.models.certificates import Cause
from logistics.models import Role, VaccinationSite
from logistics.stock.ledger import EntryContext
from tests.certificates.issuing.conftest import LATER, MINUTE, Vaccinated, ask, run
from tests.factories import NOW, context, make_certificate, make_registration, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "key")]

Revocation = Certificate.Revocation


def renew(certificate: Certificate) -> IssueRequest:
    return ask(certificate.dose, Cause.RENEWED, now=LATER)


def test_a_revocation_by_hand_drops_what_was_asked_for(vaccinated: Vaccinated, site: VaccinationSite) -> None:
    dose = vaccinated()
    run()
    certificate = Certificate.objects.get()
    renewal = renew(certificate)
    later = context(LATER + MINUTE)
    counter.revoke(certificate=certificate, why=Revocation.FRAUD, note="x", context=later)
    renewal.refresh_from_db()
    assert renewal.state == "DROPPED"
    # One that was missed is not issued either: it is older than the revocation.
    IssueRequest.objects.filter(pk=renewal.pk).update(state="WAITING")
    assert (run(now=LATER + 2 * MINUTE).dropped, Certificate.objects.count()) == (1, 1)
    for refused in (counter.issue, counter.issue_anew):
        more = {"reason": "x"} if refused is counter.issue_anew else {}
        with pytest.raises(TakenAway):
            refused(dose=dose, site=site, context=later, **more)
    assert requests.request_missing() == 0
    again = counter.give_back(dose=dose, site=site, reason="It was a mistake", context=later)
    assert (again.state, again.replaces) == ("VALID", certificate)


def test_after_a_key_was_withdrawn_what_was_asked_for_is_issued(vaccinated: Vaccinated) -> None:
    vaccinated()
    run()
    certificate = Certificate.objects.get()
    renew(certificate)
    counter.revoke(certificate=certificate, why=Revocation.KEY, note="", context=context(LATER + MINUTE))
    assert run(now=LATER + 2 * MINUTE).issued == 1


def test_whoever_presses_the_button_has_issued_it(vaccinated: Vaccinated, site: VaccinationSite) -> None:
    dose = vaccinated()
    recorder, nurse = (make_staff(role, site=site) for role in (Role.VACCINATOR, Role.REGISTRAR))
    IssueRequest.objects.update(asked_by=recorder)
    entry = EntryContext(by=nurse, now=LATER, form=context().form)
    issued = counter.issue(dose=dose, site=site, context=entry)
    assert issued.issued_by == nurse
    assert issued.events.get().pgh_context.metadata["user"] == nurse.pk  # type: ignore[attr-defined]
    counter.issue_anew(dose=dose, site=site, reason="x", context=entry)
    issued.refresh_from_db()
    assert (issued.revocation, issued.revoked_by) == ("REPLACED", nurse)


def test_what_replaces_a_certificate_that_was_sent_is_sent_too(vaccinated: Vaccinated, site: VaccinationSite) -> None:
    dose = vaccinated(make_registration(email="jana@example.cz"))
    run()
    counter.issue_anew(dose=dose, site=site, reason="x", context=context(LATER))
    assert Delivery.objects.filter(certificate=Certificate.objects.living().get()).count() == 1


def test_one_that_has_expired_is_issued_anew(vaccinated: Vaccinated, site: VaccinationSite) -> None:
    dose = vaccinated()
    IssueRequest.objects.all().delete()
    old = make_certificate(dose, issued_at=NOW - MINUTE, expires_at=LATER)
    assert counter.issue(dose=dose, site=site, context=context()) == old
    new = counter.issue(dose=dose, site=site, context=context(LATER))
    assert (new.cause, new.replaces, new.has_expired(LATER)) == ("RENEWED", old, False)


def test_blocked_requests_are_looked_at_in_turn(
    vaccinated: Vaccinated, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _person in range(3):
        vaccinated()
    IssueRequest.objects.update(state="BLOCKED", obstacle="NO_CODES")
    VaccineCoding.objects.filter(vaccine="comirnaty").update(valid_from=LATER.date().replace(day=20))
    # Whose vaccine has no code is not even read.
    with django_assert_max_num_queries(2):
        assert retrying.retry_complete(now=LATER) == 0
    VaccineCoding.objects.filter(vaccine="comirnaty").update(valid_from=LATER.date())
    monkeypatch.setattr(retrying, "facts_of_doses", lambda doses, **_more: dict.fromkeys(doses, Incomplete))
    for minutes in range(3):
        assert retrying.retry_complete(now=LATER + minutes * MINUTE, limit=1) == 0
    assert IssueRequest.objects.values("claimed_at").distinct().count() == 3
    monkeypatch.undo()
    assert retrying.retry_complete(now=LATER) == 3


class Incomplete:
    """What is told of a dose whose code is missing."""

    facts = None
