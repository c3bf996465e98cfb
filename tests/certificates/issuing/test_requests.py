"""Doses ask for their certificates by themselves, and what becomes of them when a dose is corrected or annulled."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certificates.issuing import issuing, requests, truth
from certificates.issuing.errors import DoseNotValid
from certificates.models import Certificate, IssueRequest, SigningKey
from certificates.models.certificates import Cause
from certificates.revocation import revoking
from crs.sent_forms import Sending
from logistics.models import Role, VaccinationSite
from registration.models import Registration
from tests.certificates.issuing.conftest import (
    LATER,
    MINUTE,
    WEEKS_AGO,
    Vaccinated,
    annul,
    ask,
    correct,
    is_true,
    run,
)
from tests.factories import NOW, context, make_dose, make_dose_elsewhere, make_registration, make_staff, make_visit
from vaccination.doses import recording
from vaccination.doses.recording import DoseEntry
from vaccination.models import Dose, VialSession

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

EntryOf = Callable[..., DoseEntry]
First = Callable[..., Dose]


def given_here(site: VaccinationSite, vial: VialSession) -> Registration:
    """Somebody whose first dose four weeks ago was given at the site, so that it can be annulled."""
    visit = make_visit(site=site)
    make_dose(visit, vial, given_at=WEEKS_AGO)
    return visit.registration


def states() -> list[tuple[str, str]]:
    return [(row.cause, row.state) for row in IssueRequest.objects.order_by("pk")]


# --- with a dose --------------------------------------------------------------------------------


def test_the_dose_that_completes_the_series_asks_for_a_certificate_that_is_sent(
    vaccinated: Vaccinated, site: VaccinationSite
) -> None:
    dose = vaccinated()
    request = IssueRequest.objects.get()
    assert (request.dose, request.cause, request.state) == (dose, Cause.SERIES, "WAITING")
    assert (request.is_to_be_sent, request.asked_at, request.site) == (True, dose.recorded_at, site)
    assert request.issuer == f"site:{site.pk}"
    assert request.events.get().pgh_context.metadata["operation"] == "vaccination.record_dose"  # type: ignore[attr-defined]


def test_a_first_dose_of_two_asks_for_nothing_and_for_no_query(entry_of: EntryOf, vial: VialSession) -> None:
    what = entry_of(make_registration())
    with CaptureQueriesContext(connection) as queries:
        recording.record(entry=what, context=context())
    assert not IssueRequest.objects.exists()
    assert not [query for query in queries if "certificates_" in query["sql"]]


def test_a_last_dose_takes_one_query_more(vaccinated: Vaccinated) -> None:
    with CaptureQueriesContext(connection) as queries:
        vaccinated()
    assert len([query for query in queries if "certificates_" in query["sql"]]) == 1


def test_a_series_of_one_dose_asks_at_the_first(entry_of: EntryOf, single_vial: VialSession) -> None:
    recording.record(entry=entry_of(make_registration(), single_vial), context=context())
    assert states() == [("SERIES", "WAITING")]


def test_a_dose_after_the_series_is_a_booster_whatever_its_vaccine_asks_for(
    first_dose: First,
) -> None:
    dose = first_dose(vaccine_id="janssen")
    # Janssen first: one dose completes; Comirnaty, of two doses, is the second.
    second = make_dose_elsewhere(person=dose.person, number=2, given_at=NOW, recorded_at=NOW)
    requests.request_for(second)
    assert states() == [("BOOSTER", "WAITING")]


def test_what_is_asked_twice_is_open_once(vaccinated: Vaccinated) -> None:
    dose = vaccinated()
    requests.request_for(dose)
    assert IssueRequest.objects.count() == 1


# --- corrected and annulled ---------------------------------------------------------------------


def test_what_changes_nothing_on_the_certificate_leaves_it(key: SigningKey, vaccinated: Vaccinated) -> None:
    dose = vaccinated()
    run()
    correct(dose, where="RIGHT_ARM", given_at=NOW - 2 * MINUTE)
    assert Certificate.objects.living().count() == IssueRequest.objects.count() == 1


def test_a_corrected_vaccine_revokes_the_certificate_and_another_one_is_issued(
    key: SigningKey, vaccinated: Vaccinated, other_vial: VialSession
) -> None:
    dose = vaccinated()
    run()
    old = Certificate.objects.get()
    correct(dose, vial=other_vial)
    old.refresh_from_db()
    assert (old.state, old.revocation) == ("REVOKED", "DOSE_CORRECTED")
    assert states() == [("SERIES", "ISSUED"), ("CORRECTED", "WAITING")]
    assert old.events.latest("pgh_id").pgh_context.metadata["reason"] == "Misread"  # type: ignore[attr-defined]
    run(now=LATER)
    new = Certificate.objects.living().get()
    assert (new.replaces, is_true(new), is_true(old)) == (old, True, False)
    assert new.request.is_to_be_sent


def test_a_dose_that_completes_nothing_any_more_loses_its_certificate(
    key: SigningKey, vaccinated: Vaccinated, site: VaccinationSite, vial: VialSession
) -> None:
    second = vaccinated(given_here(site, vial))
    run()
    annul(Dose.objects.get(number=1))
    certificate = Certificate.objects.get()
    second.refresh_from_db()
    assert (second.number, certificate.state, certificate.revocation) == (1, "REVOKED", "DOSE_CORRECTED")
    assert states() == [("SERIES", "ISSUED")]


def test_an_annulled_dose_revokes_its_certificate(key: SigningKey, vaccinated: Vaccinated) -> None:
    dose = vaccinated()
    run()
    annul(dose)
    assert Certificate.objects.get().revocation == "DOSE_ANNULLED"
    assert states() == [("SERIES", "ISSUED")]


def test_an_annulled_dose_drops_its_request(key: SigningKey, vaccinated: Vaccinated) -> None:
    annul(vaccinated())
    assert states() == [("SERIES", "DROPPED")]
    assert run().looked_at == 0


def test_the_request_of_a_dose_that_completes_nothing_any_more_is_dropped(
    vaccinated: Vaccinated, site: VaccinationSite, vial: VialSession
) -> None:
    vaccinated(given_here(site, vial))
    annul(Dose.objects.get(number=1))
    assert states() == [("SERIES", "DROPPED")]


def test_a_first_dose_whose_certificate_was_asked_for_gets_another_one_when_it_is_corrected(
    key: SigningKey, vaccinated: Vaccinated, single_vial: VialSession, site: VaccinationSite
) -> None:
    second = vaccinated()
    first = Dose.objects.get(number=1)
    certificate = issuing.issue(request=ask(first, site=site), now=NOW)
    run()
    assert certificate is not None
    assert (certificate.dose_number, certificate.total_doses) == (1, 2)
    # The second dose is annulled: the first one stays 1/2, and its certificate stays true.
    annul(second)
    certificate.refresh_from_db()
    assert certificate.state == "VALID"


def test_what_a_correction_took_away_another_one_gives_back(
    key: SigningKey, entry_of: EntryOf, vial: VialSession, single_vial: VialSession
) -> None:
    dose = recording.record(entry=entry_of(make_registration(), single_vial), context=context())
    run()
    assert (Certificate.objects.get().dose_number, Certificate.objects.get().total_doses) == (1, 1)
    correct(dose, vial=vial)
    assert not Certificate.objects.living().exists()
    assert not IssueRequest.objects.open().exists()
    correct(dose, vial=single_vial)
    run(now=LATER)
    assert Certificate.objects.living().get().request.cause == Cause.CORRECTED


def test_what_the_ministry_revoked_no_correction_gives_back(
    key: SigningKey, vaccinated: Vaccinated, other_vial: VialSession
) -> None:
    dose = vaccinated()
    run()
    revoking.revoke(certificates=Certificate.objects.all(), why=Certificate.Revocation.FRAUD, now=NOW)
    correct(dose, vial=other_vial)
    assert not IssueRequest.objects.open().exists()
    assert requests.request_missing() == 0


# --- asked for ----------------------------------------------------------------------------------


def test_any_dose_gets_a_certificate_on_request(key: SigningKey, first_dose: First, site: VaccinationSite) -> None:
    by = make_staff(Role.REGISTRAR, site=site)
    request = ask(first_dose(), by=by, site=site)
    certificate = issuing.issue(request=request, now=NOW)
    assert certificate is not None
    assert (certificate.dose_number, certificate.total_doses, certificate.issued_by) == (1, 2, by)
    metadata = certificate.events.get().pgh_context.metadata  # type: ignore[attr-defined]
    assert (metadata["operation"], metadata["user"]) == ("certificates.issue", by.pk)


def test_another_one_is_issued_instead_of_a_living_one_which_is_revoked_with_it(
    key: SigningKey, first_dose: First
) -> None:
    dose = first_dose()
    old = issuing.issue(request=ask(dose), now=NOW)
    request = ask(dose, Cause.RENEWED)
    assert old is not None
    old.refresh_from_db()
    assert old.state == "VALID"
    new = issuing.issue(request=request, now=NOW)
    old.refresh_from_db()
    assert new is not None
    assert (old.revocation, new.replaces, new.cause) == ("REPLACED", old, Cause.RENEWED)


def test_who_asks_where_there_is_one_gets_that_one(key: SigningKey, first_dose: First) -> None:
    dose = first_dose()
    old = issuing.issue(request=ask(dose), now=NOW)
    assert issuing.issue(request=ask(dose), now=NOW) == old
    # Of two desks that renew the one which both see, the second gets the first one's.
    new = issuing.issue(request=ask(dose, Cause.RENEWED, instead_of=old), now=NOW)
    assert issuing.issue(request=ask(dose, Cause.RENEWED, instead_of=old), now=NOW) == new != old


def test_a_form_that_is_sent_twice_asks_once(first_dose: First) -> None:
    dose, form = first_dose(), Sending(uuid4(), "")
    assert ask(dose, form=form) == ask(dose, form=form)


def test_who_asks_for_what_is_due_anyway_gets_that_request_and_it_is_sent_where_they_say_so(
    vaccinated: Vaccinated, first_dose: First
) -> None:
    dose = vaccinated()
    IssueRequest.objects.update(is_to_be_sent=False)
    assert ask(dose, is_to_be_sent=True) == IssueRequest.objects.get()
    assert IssueRequest.objects.get().is_to_be_sent


def test_a_dose_in_error_gets_none(vaccinated: Vaccinated) -> None:
    with pytest.raises(DoseNotValid):
        ask(annul(vaccinated()))


# --- of a time when nobody asked ----------------------------------------------------------------


def test_completing_doses_without_a_request_get_one_each_and_once(vaccinated: Vaccinated) -> None:
    for _ in range(3):
        vaccinated()
    IssueRequest.objects.all().delete()
    assert requests.request_missing(is_dry_run=True) == 3
    assert not IssueRequest.objects.exists()
    assert [requests.request_missing(), requests.request_missing()] == [3, 0]
    assert {(row.cause, row.asked_at, row.dose.number) for row in IssueRequest.objects.all()} == {("SERIES", NOW, 2)}


def test_pages_of_doses_are_gone_through_to_the_end(vaccinated: Vaccinated, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        vaccinated()
    IssueRequest.objects.all().delete()
    monkeypatch.setattr(requests, "DOSES_AT_ONCE", 2)
    assert requests.request_missing() == 3


def test_a_rejected_request_is_not_made_again(vaccinated: Vaccinated) -> None:
    vaccinated()
    IssueRequest.objects.update(state="REJECTED")
    assert requests.request_missing() == 0
    dose = Dose.objects.get(number=2)
    truth.keep_true(person_id=dose.person_id, now=NOW)
    assert not IssueRequest.objects.open().exists()
