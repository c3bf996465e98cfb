"""The one search field: names, numbers, codes as scanners type them, and whatever else people put there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logistics.models import VaccinationSite
from registration.models import Person, Registration
from registration.people import insured_number
from reservation.models import Reservation
from tests.factories import NOW, make_registration, make_reservation, make_site
from vaccination.visits import search as searching
from vaccination.visits.day_list import DayList, day_list
from vaccination.visits.errors import TooLongToSearch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NUMBER = "7554041506"
CZECH_ROW = dict(zip("1234567890", "+ěščřžýáíé", strict=True))


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


def person(site: VaccinationSite, first: str, last: str, *, day: int = 0, **fields: str) -> Reservation:
    reservation = make_reservation(site=site, day=day)
    found = Person.objects.filter(registrations__reservations=reservation)
    found.update(first_name=first, last_name=last, **fields)
    return reservation


def today(site: VaccinationSite) -> DayList:
    return day_list(site, NOW.date(), NOW)


def found(text: str, site: VaccinationSite) -> list[str]:
    return [row.last_name for row in searching.search(text, people=today(site), now=NOW).rows]


@pytest.mark.parametrize(
    "text",
    [
        "novakova",
        "NOVÁKOVÁ",
        "nova",
        "  jana  novakova ",
        "Nováková, Jana",
        "novak ja",
        "jana\u200b novak",
        "nova 1940",
    ],
)
def test_a_name_is_found_by_its_parts_in_any_order_without_accents(site: VaccinationSite, text: str) -> None:
    person(site, "Jana", "Nováková")
    person(site, "Petr", "Svoboda")
    assert found(text, site) == ["Nováková"]


def test_a_name_in_another_script_is_found_as_written_and_in_latin_letters(site: VaccinationSite) -> None:
    person(site, "Олена", "Ковальчук", latin_first_name="Olena", latin_last_name="Kovalchuk")
    for text in ("ковальч", "КОВАЛЬЧУК олена", "kovalchuk"):
        assert found(text, site) == ["Ковальчук"], text


def test_a_double_name_is_found_with_and_without_what_joins_it(site: VaccinationSite) -> None:
    person(site, "Marie", "Skłodowska-Curie")
    for text in ("sklodowska curie", "skłodowska-curie", "sklodowskacurie"):
        assert found(text, site) == ["Skłodowska-Curie"], text


def test_a_registration_number_finds_its_person_with_spaces_or_in_part(site: VaccinationSite) -> None:
    reservation = person(site, "Jana", "Hora")
    person(site, "Petr", "Svoboda")
    Registration.objects.filter(reservations=reservation).update(number="123456788")
    for text in ("123456788", "123 456 788", "123\u00a0456\u00a0788", "3456788"):
        assert found(text, site) == ["Hora"], text


@pytest.mark.parametrize(
    "text", [NUMBER, "755404/1506", " 755404 / 1506 ", "755404\u200b1506", "".join(CZECH_ROW[d] for d in NUMBER)]
)
def test_an_insured_number_finds_its_person_as_typed_pasted_or_scanned(site: VaccinationSite, text: str) -> None:
    person(site, "Jana", "Hora", insured_number_hash=insured_number.lookup_hash(NUMBER))
    assert found(text, site) == ["Hora"]


def test_the_code_of_the_confirmation_finds_its_person_on_either_keyboard(site: VaccinationSite) -> None:
    reservation = person(site, "Jana", "Hora")
    person(site, "Petr", "Svoboda")
    code = reservation.check_in_code
    czech = "".join(CZECH_ROW.get(sign, sign) for sign in code)
    for text in (code, code.lower(), f"{code}\r\n", czech, czech.upper(), f"\ufeff{code[:10]} {code[10:]}"):
        assert found(text, site) == ["Hora"], text


def test_who_is_not_on_the_list_is_found_by_number_wherever_they_are_booked(site: VaccinationSite) -> None:
    reservation = person(make_site("Praha"), "Jana", "Hora")
    result = searching.search(reservation.check_in_code, people=today(site), now=NOW)
    assert result.registration == reservation.registration
    waiting = make_registration(number="123456788")
    assert searching.search("123456788", people=today(site), now=NOW).registration == waiting


def test_a_code_that_is_typed_from_paper_may_have_any_separators() -> None:
    assert searching.check_in_code("0123-4567–89ab cdef\ufe0f/0123.") == "0123456789ABCDEF0123"


def test_who_is_booked_here_another_day_is_found_by_name_and_strangers_are_not(site: VaccinationSite) -> None:
    person(site, "Hồng", "Nguyễn", day=3)
    person(make_site("Praha"), "Hồng", "Nguyễn", day=3)
    result = searching.search("nguyen", people=today(site), now=NOW)
    assert [one.slot.site for one in result.other_days] == [site, site]


def test_the_longest_names_are_found_whole_and_what_is_longer_is_refused(site: VaccinationSite) -> None:
    first, last = "Anna" * 20, "Novak" * 16
    person(site, first, last)
    assert found(f"  {first}   {last}", site) == [last]
    assert found(f"{first} {last} Nobody", site) == []
    with pytest.raises(TooLongToSearch):
        found(f"{first} {last} " * 3, site)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=150) | st.text("0123456789 /+ěščřžýáíéABCDEF\\[](.*%_'\u200b\x00", max_size=40))
def test_whatever_is_typed_is_answered(site: VaccinationSite, text: str) -> None:
    if not Registration.objects.exists():
        person(site, "Jana", "Nováková")
    with CaptureQueriesContext(connection) as queries:
        searching.search(text, people=today(site), now=NOW)
    assert len(queries) <= 8


@settings(max_examples=30, deadline=None)
@given(st.text("0123456789ABCDEF", min_size=20, max_size=20))
def test_every_code_survives_a_czech_keyboard(code: str) -> None:
    assert searching.check_in_code("".join(CZECH_ROW.get(sign, sign) for sign in code.lower())) == code
