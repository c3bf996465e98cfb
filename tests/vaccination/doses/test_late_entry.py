"""A line of the printed list, entered by two desks at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from logistics.models import VaccinationSite
from logistics.stock import ledger_check
from reservation.arranging import arrangements
from reservation.models import Appointment
from tests.factories import NOW, context, make_registration, make_reservation, make_visit
from tests.race import race
from vaccination.doses import recording
from vaccination.doses.late_entry import LateLine, record_line, unlisted
from vaccination.models import Dose, HealthWorker, VialSession, Visit
from vaccination.visits.day_list import day_list

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]
LATER = NOW + timedelta(hours=5)


@pytest.fixture
def line(site: VaccinationSite, vial: VialSession, doctor: HealthWorker) -> LateLine:
    """Somebody who was expected at nine and got the dose then."""
    make_reservation(make_registration(), site=site)
    return LateLine(
        row=day_list(site, NOW.date(), LATER).rows[0],
        given_at=NOW,
        vial=vial,
        where="LEFT_ARM",
        given_by=doctor,
        doctor=doctor,
        has_said_no=True,
    )


def entered(line: LateLine, site: VaccinationSite, key: UUID | None = None) -> Callable[[], Dose]:
    return partial(record_line, line=line, site=site, context=context(LATER, key))


def test_a_double_click_enters_a_line_once(site: VaccinationSite, line: LateLine) -> None:
    key = uuid4()
    outcomes = race(entered(line, site, key), entered(line, site, key))
    assert outcomes[0] == outcomes[1] == Dose.objects.get()


def test_two_desks_with_one_list_give_one_dose_and_one_check_in(site: VaccinationSite, line: LateLine) -> None:
    outcomes = race(*[entered(line, site, uuid4()) for _ in range(3)])
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyCheckedIn", "AlreadyCheckedIn", "Dose"]
    assert Visit.objects.get().doses.get() == Dose.objects.get()
    assert ledger_check.differences() == []


def test_a_line_beside_the_nurse_who_records_the_same_person_gives_one_dose(
    site: VaccinationSite, line: LateLine, entry: Any
) -> None:
    """Both lock the person first, so neither holds what the other one waits for."""
    visit = make_visit(make_registration(), site=site)
    waiting = next(row for row in day_list(site, NOW.date(), LATER).rows if row.visit_id == visit.pk)
    asked = replace(line, row=waiting)
    record = partial(recording.record, entry=entry(visit, line.vial), context=context(LATER))
    outcomes = race(entered(asked, site, uuid4()), record)
    # The nurse is refused either way: the answers are not confirmed yet, or the dose is there already.
    assert isinstance(outcomes[0], Dose)
    assert type(outcomes[1]).__name__ in {"DoseRefused", "AlreadyRecorded"}
    assert Dose.objects.count() == 1


def test_a_line_of_somebody_who_was_marked_as_missing_brings_them_back(site: VaccinationSite, line: LateLine) -> None:
    appointment = Appointment.objects.get(pk=line.row.appointment_id)
    assert arrangements.miss(appointment=appointment, now=LATER)
    (outcome,) = race(entered(line, site))
    assert isinstance(outcome, Dose)
    states = Appointment.objects.order_by("dose_number").values_list("state", "reservation__state", "slot__booked")
    assert list(states) == [("FULFILLED", "CONFIRMED", 1), ("BOOKED", "CONFIRMED", 1)]


def test_a_line_whose_dose_is_refused_leaves_no_check_in(site: VaccinationSite, line: LateLine) -> None:
    too_early = replace(line, given_at=line.vial.opened_at - timedelta(hours=1))
    (outcome,) = race(entered(too_early, site))
    assert type(outcome).__name__ == "DoseRefused"
    assert not Visit.objects.exists()


def test_somebody_who_is_not_on_the_list_gets_a_seat_of_that_day(site: VaccinationSite, line: LateLine) -> None:
    """As the right person of a dose that was recorded at another one; their appointment moves to that day."""
    registration = make_registration()
    make_reservation(registration, site=site, day=5)
    asked = replace(line, row=unlisted(registration, at=NOW, vial=line.vial))
    outcomes = race(*[entered(asked, site, uuid4()) for _ in range(2)])
    assert sorted(type(one).__name__ for one in outcomes) == ["Dose", "DoseAlreadyGiven"]
    visit = Dose.objects.get().visit
    assert visit
    assert (visit.came_as, visit.day, visit.appointment.state) == ("OTHER_DAY", NOW.date(), "FULFILLED")
    assert ledger_check.differences() == []
