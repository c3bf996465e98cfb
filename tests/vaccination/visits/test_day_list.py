"""The people of a day: their order, their numbers, where each of them stands."""

from datetime import timedelta
from typing import Any

import pytest

from logistics.models import VaccinationSite
from registration.models import Person, Registration
from reservation.models import Reservation
from tests.factories import NOW, make_reservation, make_site, make_visit
from vaccination.models import Visit
from vaccination.visits import names
from vaccination.visits.day_list import DayList, Standing, day_list

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


def named(last_name: str, reservation: Reservation) -> Registration:
    registration = Registration.objects.get(reservations=reservation)
    Person.objects.filter(pk=registration.person_id).update(last_name=last_name)
    return registration


def today(site: VaccinationSite) -> DayList:
    return day_list(site, NOW.date(), NOW)


def surnames(people: DayList) -> list[str]:
    return [row.last_name for row in people.rows]


def test_people_stand_by_time_and_by_surname_as_czechs_sort(site: VaccinationSite) -> None:
    for surname in ("Chalupa", "Černý", "Cvrček", "Hora"):
        named(surname, make_reservation(site=site, clock="09:00"))
    named("Zeman", make_reservation(site=site, clock="08:00"))
    assert surnames(today(site)) == ["Zeman", "Cvrček", "Černý", "Hora", "Chalupa"]
    assert [row.number for row in today(site).rows] == [1, 2, 3, 4, 5]


def test_only_the_people_of_that_day_at_that_site(site: VaccinationSite) -> None:
    make_reservation(site=site, day=1)
    make_reservation(site=make_site("Praha"))
    for state in ("HELD", "CANCELLED", "EXPIRED"):
        make_reservation(site=site, state=state)
    named("Hora", make_reservation(site=site))
    assert surnames(today(site)) == ["Hora"]


def test_who_comes_unplanned_leaves_the_numbers_of_the_printed_list(site: VaccinationSite) -> None:
    planned = [named(surname, make_reservation(site=site)) for surname in ("Adam", "Zeman")]
    walk_in = named("Bouše", make_reservation(site=site))
    visit = make_visit(walk_in, site=site, came_as="WALK_IN")
    assert surnames(today(site)) == ["Adam", "Zeman", "Bouše"]
    Visit.objects.filter(pk=visit.pk).update(state="UNDONE")
    assert surnames(today(site)) == ["Adam", "Zeman", "Bouše"]
    assert [row.registration_id for row in today(site).rows[:2]] == [one.pk for one in planned]


def test_each_person_stands_where_they_are(site: VaccinationSite) -> None:
    came: dict[str, dict[str, Any]] = {
        "Arrived": {"state": "ARRIVED"},
        "Observed": {"state": "OBSERVED", "observe_until": NOW + timedelta(minutes=15)},
        "Gone": {"state": "GONE", "left_at": NOW},
        "Sent": {"state": "SENT_AWAY", "left_at": NOW, "sent_away": "MEDICAL"},
        "Undone": {"state": "UNDONE"},
    }
    for surname, fields in came.items():
        make_visit(named(surname, make_reservation(site=site)), site=site, **fields)
    missed = make_reservation(site=site, state="MISSED")
    missed.appointments.update(state="MISSED")
    named("Missed", missed)
    named("Late", make_reservation(site=site, clock="08:29"))
    stands = {row.last_name: row.standing for row in today(site).rows}
    assert stands == {
        "Arrived": Standing.ARRIVED,
        "Observed": Standing.OBSERVED,
        "Gone": Standing.GONE,
        "Sent": Standing.SENT_AWAY,
        "Undone": Standing.EXPECTED,
        "Missed": Standing.NO_SHOW,
        "Late": Standing.EXPECTED,
    }
    assert [row.last_name for row in today(site).rows if row.is_late] == ["Late"]
    assert today(site).counts()[Standing.EXPECTED] == 2


def test_who_came_back_after_being_sent_away_is_here(site: VaccinationSite) -> None:
    registration = named("Hora", make_reservation(site=site))
    make_visit(registration, site=site, state="SENT_AWAY", left_at=NOW, sent_away="MEDICAL")
    again = make_visit(registration, site=site, arrived_at=NOW + timedelta(hours=1))
    assert [(row.standing, row.visit_id) for row in today(site).rows] == [(Standing.ARRIVED, again.pk)]


def test_who_did_not_come_on_a_day_that_is_over_is_missing(site: VaccinationSite) -> None:
    make_reservation(site=site, day=-1)
    yesterday = day_list(site, NOW.date() - timedelta(days=1), NOW)
    assert [row.standing for row in yesterday.rows] == [Standing.NO_SHOW]


def test_who_came_stays_in_the_list_when_their_appointment_moves_away(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site)
    make_visit(named("Hora", reservation), site=site, state="SENT_AWAY", left_at=NOW, sent_away="MEDICAL")
    first, second = reservation.appointments.all()
    reservation.appointments.filter(pk=first.pk).update(slot=second.slot)
    assert [(row.last_name, row.standing) for row in today(site).rows] == [("Hora", Standing.SENT_AWAY)]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Nováková", "novakova"),
        ("ŘEHOŘ", "rehor"),
        ("Skłodowska-Ćwik", "sklodowska cwik"),
        ("O'Brien", "o brien"),
        ("Weiß", "weiss"),
        ("Nguyễn  Thị\u00a0Hồng", "nguyen thi hong"),
        ("Ле\u200bсь", "лесь"),
        ("Ірина Їжакевич", "ірина іжакевич"),
    ],
)
def test_names_are_plain_for_a_search(name: str, plain: str) -> None:
    assert names.plain(name) == plain
