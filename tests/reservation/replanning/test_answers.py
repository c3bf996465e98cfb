"""What a person may choose instead of the time that a re-planning gave."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from logistics.models import VaccinationSite
from registration.models import Registration
from reservation import errors
from reservation.models import Closure, PlannedMove
from reservation.replanning import answers
from tests import factories
from tests.factories import NOW
from tests.reservation.replanning.conftest import Start, fill

pytestmark = pytest.mark.django_db

Close = Callable[..., Closure]
Days = Callable[..., None]


def move_of(person: Registration) -> PlannedMove:
    return answers.moves_of(replan_id=PlannedMove.objects.first().replan_id, registration_id=person.pk)[0]  # type: ignore[union-attr]


def ahead(days: list[date]) -> list[int]:
    return [(day - NOW.date()).days for day in days]


def test_a_time_that_does_not_fit_is_not_chosen(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, publish: Any
) -> None:
    person = factories.make_registration()
    factories.make_reservation(person, site=site, day=10)
    days_of(9)
    close(10)
    publish(start())
    move = move_of(person)
    too_late = factories.make_slot(12, site=site)  # less than 21 days before the second dose
    with pytest.raises(errors.SlotFull):
        answers.choose(move=move, slot_id=too_late.pk, now=NOW)
    assert answers.days(move, now=NOW) == []


def test_whoever_is_too_young_for_the_vaccine_is_offered_times_from_their_birthday(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, publish: Any
) -> None:
    person = factories.make_registration(birth_date=date(2015, 1, 31))  # twelve on day 20
    factories.make_reservation(person, site=site, day=22)
    fill()
    days_of(24)
    days_of(55, doses="SECOND")
    close(22)
    publish(start())
    days_of(19, 20)
    assert ahead(answers.days(move_of(person), now=NOW)) == [20]


def test_beside_a_second_dose_that_cannot_stay_any_time_is_offered_and_the_nearest_days_first(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, publish: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = factories.make_registration()
    factories.make_reservation(person, site=site, day=10)
    fill()
    days_of(40)
    close(10)
    publish(start())
    days_of(5, 38, 39, 41, 42, clock="15:00")
    days_of(39, clock="10:00")
    move = move_of(person)
    assert ahead(answers.days(move, now=NOW)) == [5, 38, 39, 41, 42]
    monkeypatch.setattr(answers, "NEAREST", 3)
    found = [((slot.day - NOW.date()), f"{slot.wall_time:%H:%M}") for slot in answers.nearest(move, now=NOW)]
    days = timedelta(days=1)
    assert found == [(38 * days, "15:00"), (39 * days, "10:00"), (41 * days, "15:00")]
