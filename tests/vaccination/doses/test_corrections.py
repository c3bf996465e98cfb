"""What was recorded wrongly is taken back or corrected; the stock, the vial and the person follow."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from crs.messaging.models import Message
from logistics.models import Role, StockDocument, Store, VaccinationSite
from logistics.stock import ledger_check
from logistics.stock.errors import BeforeTheStore
from reservation.models import Appointment
from tests.factories import (
    NOW,
    balance,
    context,
    make_open_vial,
    make_registration,
    make_staff,
    make_store,
    make_vials,
    put,
)
from tests.vaccination.doses.conftest import MINUTE, Entry, come
from vaccination.doses import annulments, corrections, errors, recording
from vaccination.doses.corrections import Correction
from vaccination.models import DayClosing, Dose, HealthWorker, RuleOverride, VialSession, Visit
from vaccination.signals import dose_annulled, dose_corrected

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def dose(site: VaccinationSite, vial: VialSession, entry: Entry) -> Dose:
    return recording.record(entry=entry(come(site), vial), context=context())


@pytest.fixture
def told() -> Any:
    """The signals of corrections and annulments, as (name, number of the dose)."""
    heard: list[tuple[str, int]] = []

    def annulled(dose: Dose, moved: list[Dose], **_more: Any) -> None:
        heard.append(("annulled", dose.number))
        heard.extend(("moved", each.number) for each in moved)

    def corrected(doses: list[Dose], **_more: Any) -> None:
        heard.extend(("corrected", each.number) for each in doses)

    dose_annulled.connect(annulled)
    dose_corrected.connect(corrected)
    yield heard
    dose_annulled.disconnect(annulled)
    dose_corrected.disconnect(corrected)


@pytest.fixture(autouse=True)
def the_ledger_adds_up() -> Any:
    yield
    assert ledger_check.differences() == []


def annul(dose: Dose, now: Any = NOW, **fields: Any) -> Dose:
    values = {"error": Dose.Error.WRONG_PERSON, "reason": "The husband was vaccinated"}
    return annulments.annul(dose=dose, context=context(now), **(values | fields))


def correct(dose: Dose, now: Any = NOW, **change: Any) -> Dose:
    return corrections.correct(dose=dose, change=Correction(**change), reason="Misread", context=context(now))


def close(site: VaccinationSite) -> None:
    fields = ("expected", "vaccinated", "missed", "doses_given", "doses_consumed", "doses_wasted")
    DayClosing.objects.create(site=site, day=NOW.date(), closed_at=NOW, **dict.fromkeys(fields, 0))


def history(dose: Dose) -> list[Any]:
    return list(dose.events.order_by("pgh_id"))  # type: ignore[attr-defined]


# --- taken back ---------------------------------------------------------------------------------


def test_an_annulled_dose_goes_back_into_the_vial_and_its_person_waits_again(
    dose: Dose, vial: VialSession, told: list[Any]
) -> None:
    annul(dose)
    vial.refresh_from_db()
    visit = Visit.objects.get()
    assert vial.given == 0
    assert balance(Store.objects.get(), vial.item) == 6
    assert (visit.state, visit.observe_until) == (Visit.State.ARRIVED, None)
    assert visit.appointment.state == Appointment.State.BOOKED
    assert (visit.registration.doses_received, visit.registration.state) == (0, "ACTIVE")
    assert told == [("annulled", 1)]
    assert [version.state for version in history(dose)] == ["VALID", "IN_ERROR"]
    assert history(dose)[-1].pgh_context.metadata["reason"] == "The husband was vaccinated"


def test_after_an_annulment_of_today_the_dose_is_recorded_anew(dose: Dose, vial: VialSession, entry: Entry) -> None:
    annul(dose)
    again = recording.record(entry=entry(Visit.objects.get(), vial), context=context())
    assert again.number == 1


def test_an_annulment_on_the_next_day_leaves_a_person_who_came_and_got_no_dose(dose: Dose) -> None:
    annul(dose, TOMORROW)
    assert Message.objects.filter(template="reservation/taken_back_first").count() == 1
    visit = Visit.objects.get()
    assert (visit.state, visit.sent_away, visit.note) == (
        Visit.State.SENT_AWAY,
        Visit.SentAway.OTHER,
        "The husband was vaccinated",
    )
    assert visit.appointment.state == Appointment.State.MISSED


def test_an_annulment_on_a_closed_day_leaves_nobody_waiting(dose: Dose) -> None:
    assert dose.site
    close(dose.site)
    annul(dose)
    visit = Visit.objects.get()
    assert (visit.state, visit.appointment.state) == (Visit.State.SENT_AWAY, Appointment.State.MISSED)


def test_a_dose_is_annulled_once_and_with_a_reason(dose: Dose) -> None:
    with pytest.raises(errors.CorrectionNeedsReason):
        annul(dose, reason=" ")
    annul(dose)
    with pytest.raises(errors.NotCorrectable):
        annul(dose)
    with pytest.raises(errors.NotCorrectable):
        correct(dose, where="RIGHT_ARM")


def test_a_form_sent_twice_annuls_once(dose: Dose) -> None:
    sent = context(key=uuid4())
    for _ in range(2):
        annulments.annul(dose=dose, error=Dose.Error.NEVER_GIVEN, reason="Fainted before", context=sent)
    assert StockDocument.objects.filter(kind="REVERSAL").count() == 1


def test_later_doses_move_up_when_the_one_before_was_never_given(
    site: VaccinationSite, vial: VialSession, entry: Entry, told: list[Any]
) -> None:
    registration = make_registration()
    first = recording.record(entry=entry(come(site, registration), vial), context=context())
    later = NOW + timedelta(days=21)
    second_vial = make_open_vial(site, station="2", now=later)
    visit = come(site, registration, day=later.date(), arrived_at=later)
    second = recording.record(entry=entry(visit, second_vial, later), context=context(later))
    annul(first, later + timedelta(days=1))
    second.refresh_from_db()
    registration.refresh_from_db()
    assert second.number == 1
    assert (registration.doses_received, registration.state) == (1, "ACTIVE")
    assert told == [("annulled", 1), ("moved", 1)]
    # The seat of the second dose is now that of the first, and the other one can be chosen anew.
    assert dict(Appointment.objects.values_list("dose_number", "state")) == {1: "FULFILLED", 2: "MISSED"}
    assert Appointment.objects.get(dose_number=1) == visit.appointment
    assert visit.appointment.reservation.state == "CONFIRMED"


# --- corrected ----------------------------------------------------------------------------------


def test_the_arm_is_corrected_and_the_version_before_is_kept(dose: Dose, told: list[Any]) -> None:
    assert correct(dose, where="RIGHT_ARM", is_dominant_side=True).where == "RIGHT_ARM"
    assert [version.where for version in history(dose)] == ["LEFT_ARM", "RIGHT_ARM"]
    assert told == [("corrected", 1)]
    assert StockDocument.objects.filter(kind="REVERSAL").count() == 0


def test_a_correction_that_changes_nothing_is_refused(dose: Dose) -> None:
    with pytest.raises(errors.NothingToCorrect):
        correct(dose, where="LEFT_ARM", number=1, batch=dose.batch)


def test_a_correction_of_the_vial_moves_both_vials_and_the_stock(dose: Dose, vial: VialSession) -> None:
    assert dose.site
    other = make_open_vial(dose.site, station="2", number="FE8405", now=NOW - 5 * MINUTE)
    corrected = correct(dose, TOMORROW, vial=other)
    vial.refresh_from_db()
    other.refresh_from_db()
    store = Store.objects.get()
    assert (vial.given, other.given) == (0, 1)
    assert (balance(store, vial.item), balance(store, other.item)) == (6, 5)
    assert corrected.batch == other.item.batch
    assert corrected.consumption
    assert corrected.consumption.happened_at == NOW


def test_a_correction_of_the_batch_finds_the_vial_of_that_day(dose: Dose) -> None:
    assert dose.site
    other = make_open_vial(dose.site, station="2", number="FE8405", now=NOW - 5 * MINUTE)
    assert correct(dose, batch=other.item.batch).vial == other


def test_a_batch_of_which_no_vial_was_recorded_gets_one_late_and_put_aside(dose: Dose, vial: VialSession) -> None:
    store, closed = Store.objects.get(), make_vials("FE8405")
    assert dose.site
    with pytest.raises(errors.NoVialThatDay):
        correct(dose, batch=closed.batch)
    put(store, closed, 2)
    corrected = correct(dose, NOW + 5 * MINUTE, batch=closed.batch)
    assert corrected.vial
    assert corrected.vial != vial
    assert (corrected.vial.end, corrected.vial.left) == ("PUT_ASIDE", 5)
    assert (balance(store, closed), balance(store, corrected.vial.item)) == (1, 5)
    vial.refresh_from_db()
    assert (vial.ended_at, vial.given) == (None, 0)
    # The next person of that vial is corrected to the same one.
    assert VialSession.objects.count() == 2


def test_a_vial_found_by_a_correction_was_opened_when_the_recorded_one_was(dose: Dose, vial: VialSession) -> None:
    VialSession.objects.update(opened_at=NOW - 30 * MINUTE)
    Visit.objects.update(arrived_at=NOW - 20 * MINUTE)
    closed = make_vials("FE8405", storage="THAWED", use_by=TOMORROW)
    put(Store.objects.get(), closed, 2)
    corrected = correct(dose, NOW + 5 * MINUTE, batch=closed.batch)
    assert corrected.vial
    earlier = correct(dose, NOW + 6 * MINUTE, given_at=NOW - 10 * MINUTE)
    assert (earlier.given_at, earlier.vial) == (NOW - 10 * MINUTE, corrected.vial)
    assert not corrections.is_unthawed(corrected.vial)


def test_a_batch_that_was_never_thawed_is_noticed(dose: Dose) -> None:
    frozen = make_vials("FE8405", storage="STORED")
    put(Store.objects.get(), frozen, 2)
    corrected = correct(dose, NOW + 5 * MINUTE, batch=frozen.batch)
    assert corrected.vial
    assert corrections.is_unthawed(corrected.vial)


def test_a_batch_is_corrected_to_unopened_vials_also_on_a_closed_day(dose: Dose) -> None:
    assert dose.site
    closed = make_vials("FE8405")
    put(Store.objects.get(), closed, 2)
    close(dose.site)
    corrected = correct(dose, NOW + 5 * MINUTE, batch=closed.batch)
    assert corrected.vial
    assert corrected.vial.end == "PUT_ASIDE"


def test_a_dose_of_another_day_takes_from_a_vial_of_that_day(
    site: VaccinationSite, entry: Entry, vial: VialSession
) -> None:
    """One that another system recorded: a dose of a visit stays on its day."""
    other = make_open_vial(site, station="2", now=TOMORROW)
    what = entry(come(site), other, TOMORROW, visit=None)
    HealthWorker.objects.update(began_at=NOW - timedelta(days=9))
    dose = recording.record(entry=what, context=context(TOMORROW))
    corrected = correct(dose, TOMORROW, given_at=NOW)
    assert (corrected.vial, corrected.given_on) == (vial, NOW.date())
    assert corrected.consumption
    assert corrected.consumption.happened_on == NOW.date()
    with pytest.raises(BeforeTheStore):
        correct(dose, TOMORROW, given_at=NOW - timedelta(days=1))


def test_a_time_is_corrected_within_what_can_be_true(dose: Dose, vial: VialSession) -> None:
    with pytest.raises(errors.GivenAfterRecording):
        correct(dose, TOMORROW, given_at=NOW + 10 * MINUTE)
    with pytest.raises(errors.DoseRefused) as refusal:
        correct(dose, given_at=vial.opened_at - 3 * MINUTE)
    assert [finding.rule for finding in refusal.value.findings] == ["before_vial", "before_arrival"]
    Visit.objects.update(arrived_at=NOW - 5 * MINUTE)
    assert correct(dose, given_at=NOW - 5 * MINUTE).given_at == NOW - 5 * MINUTE
    # Who sits there sits as long after the dose as before.
    assert Visit.objects.get().observe_until == NOW + 10 * MINUTE


def test_a_dose_of_a_visit_is_not_moved_before_the_arrival_nor_to_another_day(dose: Dose) -> None:
    for earlier in (3 * MINUTE, timedelta(days=1)):
        with pytest.raises(errors.DoseRefused) as refusal:
            correct(dose, given_at=NOW - earlier)
        assert "before_arrival" in [finding.rule for finding in refusal.value.findings]


def test_a_correction_to_a_vaccine_of_one_dose_frees_the_second_seat(dose: Dose) -> None:
    assert dose.site
    janssen = make_open_vial(
        dose.site, station="2", vaccine="janssen", number="XD955", doses=5, doses_per_vial=5, now=NOW - 5 * MINUTE
    )
    assert correct(dose, vial=janssen).vaccine_id == "janssen"
    assert [one.dose_number for one in Appointment.objects.all()] == [1]
    assert dose.registration
    dose.registration.refresh_from_db()
    assert dose.registration.state == "COMPLETED"


def test_a_number_follows_the_times(dose: Dose) -> None:
    with pytest.raises(errors.NumberFollowsTime):
        correct(dose, number=2)


def test_a_rule_that_a_correction_breaks_is_noted_with_its_reason(
    site: VaccinationSite, vial: VialSession, entry: Entry
) -> None:
    registration = make_registration()
    first = recording.record(entry=entry(come(site, registration), vial), context=context())
    later = NOW + timedelta(days=21)
    comirnaty = make_open_vial(site, station="2", now=later)
    spikevax = make_open_vial(site, station="3", vaccine="spikevax", number="300042460", doses_per_vial=10, now=later)
    visit = come(site, registration, day=later.date(), arrived_at=later)
    second = recording.record(entry=entry(visit, comirnaty, later), context=context(later))
    assert RuleOverride.objects.count() == 0
    corrected = correct(second, later + MINUTE, vial=spikevax)
    assert corrected.vaccine_id == "spikevax"
    assert Dose.objects.get(pk=second.pk).visit == visit
    noted = RuleOverride.objects.filter(dose=second).order_by("rule")
    assert [(row.rule, row.reason) for row in noted] == [("other_vaccine", "Misread"), ("too_early", "Misread")]
    first.refresh_from_db()
    assert first.number == 1


# --- by whom ------------------------------------------------------------------------------------


def test_staff_of_the_site_correct_for_a_week_and_the_ministry_longer(dose: Dose) -> None:
    nurse, registrar = (make_staff(role, site=dose.site) for role in (Role.VACCINATOR, Role.REGISTRAR))
    stranger = make_staff(Role.MANAGER, site=make_store().site)
    ministry = make_staff(Role.MINISTRY)
    week = NOW + timedelta(days=7)
    may = [
        [corrections.may_correct(user=user, dose=dose, now=now) for now in (week, week + MINUTE)]
        for user in (nurse, registrar, stranger, ministry)
    ]
    assert may == [[True, False], [False, False], [False, False], [True, True]]
