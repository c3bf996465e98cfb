"""A dose is recorded with all its effects, once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crs.messaging.models import Message
from logistics.models import StockDocument, Store, VaccinationSite
from registration.models import Person
from reservation.models import Appointment, Slot
from tests.factories import NOW, balance, context, make_open_vial, make_registration
from tests.vaccination.doses.conftest import MINUTE, Entry, come
from vaccination.doses import errors, recording
from vaccination.doses.recording import Fit
from vaccination.models import Dose, RuleOverride, VialSession, Visit
from vaccination.signals import dose_recorded
from vaccination.vials.errors import VialEmpty

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_one_entry_moves_the_vial_the_stock_the_visit_the_appointment_and_the_registration(
    site: VaccinationSite, vial: VialSession, entry: Entry
) -> None:
    told: list[Dose] = []

    def listen(dose: Dose, **_more: Any) -> None:
        told.append(dose)

    visit = come(site)
    store = Store.objects.get(site=site)
    dose_recorded.connect(listen)
    try:
        dose = recording.record(entry=entry(visit, vial), context=context())
    finally:
        dose_recorded.disconnect(listen)
    assert told == [dose]
    dose.refresh_from_db()
    assert (dose.number, dose.vaccine_id, dose.batch, dose.given_on) == (1, "comirnaty", vial.item.batch, NOW.date())
    assert dose.consumption is not None
    assert dose.consumption.kind == StockDocument.Kind.CONSUMPTION
    assert dose.consumption.happened_at is None
    assert balance(store, vial.item) == 5
    vial.refresh_from_db()
    visit.refresh_from_db()
    visit.appointment.refresh_from_db()
    visit.registration.refresh_from_db()
    assert vial.given == 1
    assert (visit.state, visit.observe_until) == (Visit.State.OBSERVED, NOW + 15 * MINUTE)
    assert visit.appointment.state == Appointment.State.FULFILLED
    assert (visit.registration.doses_received, visit.registration.state) == (1, "ACTIVE")


def test_a_form_sent_twice_is_one_dose(site: VaccinationSite, vial: VialSession, entry: Entry) -> None:
    visit, sent = come(site), context(key=uuid4())
    what = entry(visit, vial)
    assert recording.record(entry=what, context=sent) == recording.record(entry=what, context=sent)
    assert Dose.objects.count() == 1


def test_a_second_tab_is_led_to_the_dose_of_the_first(site: VaccinationSite, vial: VialSession, entry: Entry) -> None:
    visit = come(site)
    what = entry(visit, vial)
    dose = recording.record(entry=what, context=context())
    with pytest.raises(errors.AlreadyRecorded) as refusal:
        recording.record(entry=what, context=context())
    assert refusal.value.dose == dose


def test_a_dose_recorded_late_has_two_times_and_its_person_has_left(
    site: VaccinationSite, vial: VialSession, entry: Entry
) -> None:
    visit = come(site)
    dose = recording.record(entry=entry(visit, vial), context=context(NOW + timedelta(hours=3)))
    assert (dose.given_at, dose.recorded_at) == (NOW, NOW + timedelta(hours=3))
    assert dose.consumption is not None
    assert dose.consumption.happened_at == NOW
    visit.refresh_from_db()
    assert (visit.state, visit.left_at) == (Visit.State.GONE, NOW + 15 * MINUTE)


def test_a_clock_two_minutes_fast_is_no_obstacle(site: VaccinationSite, vial: VialSession, entry: Entry) -> None:
    dose = recording.record(entry=entry(come(site), vial, NOW + 2 * MINUTE), context=context())
    assert dose.given_at == NOW


def test_the_last_dose_ends_the_vial_and_the_next_person_needs_another(site: VaccinationSite, entry: Entry) -> None:
    vial = make_open_vial(site, doses=1, now=NOW - MINUTE)
    make_open_vial(site, station="2", now=NOW - MINUTE)
    recording.record(entry=entry(come(site), vial), context=context())
    with pytest.raises(VialEmpty):
        recording.record(entry=entry(come(site), vial), context=context())
    vial.refresh_from_db()
    assert (vial.end, vial.given) == ("EMPTY", 1)


def test_an_override_needs_a_reason_and_is_kept(site: VaccinationSite, vial: VialSession, entry: Entry) -> None:
    registration = make_registration()
    first = come(site, registration)
    recording.record(entry=entry(first, vial), context=context())
    later = NOW + timedelta(days=18)
    vial2 = make_open_vial(site, station="2", now=later)
    visit = come(site, registration, day=later.date(), arrived_at=later)
    with pytest.raises(errors.DoseRefused) as refusal:
        recording.record(entry=entry(visit, vial2, later), context=context(later))
    assert [finding.rule for finding in refusal.value.findings] == ["too_early"]
    what = entry(visit, vial2, later, overrides={"too_early": "Leaves for chemotherapy", "same_day": "no such finding"})
    dose = recording.record(entry=what, context=context(later))
    override = RuleOverride.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT finding || reason FROM vaccination_ruleoverride")
        assert "chemotherapy" not in cursor.fetchone()[0]
    assert (override.dose, override.rule, override.reason) == (dose, "too_early", "Leaves for chemotherapy")
    registration.refresh_from_db()
    assert (registration.doses_received, registration.state) == (2, "COMPLETED")
    assert Dose.objects.completing_series().get() == dose


def test_a_vaccine_of_one_dose_frees_the_second_seat_and_says_so(site: VaccinationSite, entry: Entry) -> None:
    visit = come(site)
    second = Appointment.objects.get(reservation=visit.appointment.reservation, dose_number=2)
    janssen = make_open_vial(site, vaccine="janssen", number="XD955", doses=5, doses_per_vial=5, now=NOW - MINUTE)
    recording.record(entry=entry(visit, janssen), context=context())
    visit.registration.refresh_from_db()
    assert visit.registration.state == "COMPLETED"
    assert not Appointment.objects.filter(pk=second.pk).exists()
    assert Slot.objects.get(pk=second.slot_id).booked == 0
    assert Message.objects.filter(template="reservation/not_needed").exists()


def test_doses_of_a_row_that_was_joined_count(site: VaccinationSite, vial: VialSession, entry: Entry) -> None:
    old, new = make_registration(), make_registration()
    recording.record(entry=entry(come(site, old), vial), context=context())
    Person.objects.filter(pk=old.person_id).update(merged_into=new.person_id)
    assert recording.next_number(new.person) == 2
    later = NOW + timedelta(days=21)
    vial2 = make_open_vial(site, station="2", now=later)
    what = entry(come(site, new, day=later.date(), arrived_at=later), vial2, later, number=2)
    dose = recording.record(entry=what, context=context(later))
    connection.check_constraints()
    assert dose.number == 2
    new.refresh_from_db()
    assert (new.doses_received, new.state) == (2, "COMPLETED")


def test_doses_of_two_rows_that_were_joined_later_are_numbered_through(
    site: VaccinationSite, vial: VialSession, entry: Entry
) -> None:
    old, new = make_registration(), make_registration()
    recording.record(entry=entry(come(site, old), vial), context=context())
    later, last = NOW + timedelta(days=21), NOW + timedelta(days=200)
    lasting: dict[str, Any] = {"number": "FE8405", "expires_on": last.date()}
    vials = [make_open_vial(site, station=str(number), now=at, **lasting) for number, at in ((2, later), (3, last))]
    what = entry(come(site, new, day=later.date(), arrived_at=later), vials[0], later)
    recording.record(entry=what, context=context(later))
    connection.check_constraints()
    Person.objects.filter(pk=old.person_id).update(merged_into=new.person_id)
    visit = come(site, new, day=last.date(), arrived_at=last)
    recording.record(entry=entry(visit, vials[1], last, number=3), context=context(last))
    connection.check_constraints()
    assert list(Dose.objects.of(new.person).order_by("given_at").values_list("number", flat=True)) == [1, 2, 3]


def test_another_system_records_without_visit_and_vial(site: VaccinationSite, vial: VialSession, entry: Entry) -> None:
    registration = make_registration()
    visit = come(site, registration)
    what = entry(visit, vial, visit=None, vial=None, item=vial.item)
    dose = recording.record(entry=what, context=context())
    assert (dose.visit, dose.vial) == (None, None)
    assert balance(Store.objects.get(site=site), vial.item) == 5


def test_the_next_appointment_is_measured_against_the_interval_of_the_day(
    site: VaccinationSite, vial: VialSession, entry: Entry
) -> None:
    visit = come(site)
    dose = recording.record(entry=entry(visit, vial), context=context())
    following = recording.next_appointment(dose=dose, now=NOW)
    assert (following.fit, following.number) == (Fit.FITS, 2)
    assert following.due.first_on == NOW.date() + timedelta(days=21)
    slot = Appointment.objects.get(reservation=visit.appointment.reservation, dose_number=2).slot
    for days, fit in ((-1, Fit.TOO_EARLY), (22, Fit.TOO_LATE)):
        slot.starts_at = NOW + timedelta(days=21 + days)
        slot.save()
        assert recording.next_appointment(dose=dose, now=NOW).fit == fit
    Slot.objects.update(vaccine="spikevax")
    assert recording.next_appointment(dose=dose, now=NOW).fit == Fit.OTHER_VACCINE
    assert recording.next_appointment(dose=dose, now=slot.starts_at + MINUTE).fit == Fit.NONE


def test_a_dose_takes_few_queries(site: VaccinationSite, vial: VialSession, entry: Entry) -> None:
    visit = come(site)
    what = entry(visit, vial)
    sent = context(key=uuid4())
    with CaptureQueriesContext(connection) as queries:
        recording.record(entry=what, context=sent)
    asked = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) <= 11, "\n".join(asked)
