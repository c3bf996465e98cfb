"""The list of a day on paper."""

from dataclasses import replace
from datetime import timedelta

import pytest

from registration.models import Person
from tests.factories import NOW, make_reservation, make_site
from tests.pages import text_of_pdf
from vaccination.visits.day_list import DayList, Standing, day_list
from vaccination.visits.day_list_paper import Part, day_list_pdf, parts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def long_day(count: int) -> DayList:
    """A day with so many people, all of one name but for their numbers."""
    site = make_site()
    make_reservation(site=site)
    Person.objects.update(last_name="Skłodowska-Nedvědická", first_name="Marie Magdaléna")
    people = day_list(site, NOW.date(), NOW)
    return replace(people, rows=tuple(people.rows[0]._replace(number=number) for number in range(1, count + 1)))


def test_forty_people_stand_on_a_page_with_their_numbers_and_whole_names() -> None:
    people = long_day(41)
    pdf = day_list_pdf(people, part=parts(people)[0], language="en")
    first, second = (text_of_pdf(pdf, page) for page in (0, 1))
    assert "Nemocnice Tábor, Monday 11. 1. 2027" in first
    assert "printed 11. 1. 2027 9:00, page 1 of 2" in first
    assert first.replace(" ", "").count("Skłodowska-NedvědickáMarieMagdaléna") == 40
    assert "41 9:00" in second
    assert "page 2 of 2" in second


def test_a_big_site_prints_in_parts_whose_pages_count_on() -> None:
    people = replace(long_day(1), rows=long_day(1).rows * 450)
    assert parts(people) == [Part(1, 1, 200), Part(2, 201, 400), Part(3, 401, 450)]
    assert "page 11 of 12" in text_of_pdf(day_list_pdf(people, part=parts(people)[2], language="en"), 0)


def test_an_empty_day_says_so() -> None:
    people = day_list(make_site(), NOW.date() + timedelta(days=1), NOW)
    assert "Nobody is booked" in text_of_pdf(day_list_pdf(people, part=parts(people)[0], language="en"))


def test_whoever_is_here_or_vaccinated_has_the_boxes_ticked_already() -> None:
    people = long_day(3)
    standings = (Standing.ARRIVED, Standing.OBSERVED, Standing.EXPECTED)
    rows = tuple(row._replace(standing=stands) for row, stands in zip(people.rows, standings, strict=True))
    people = replace(people, rows=rows)
    page = text_of_pdf(day_list_pdf(people, part=parts(people)[0], language="en"))
    assert page.count("×") == 2 + 4
    assert page.count("recorded") == 1


def test_a_full_page_of_people_sent_away_stays_one_page() -> None:
    people = long_day(40)
    people = replace(people, rows=tuple(row._replace(standing=Standing.SENT_AWAY) for row in people.rows))
    pdf = day_list_pdf(people, part=parts(people)[0], language="cs")
    assert "40 9:00" in text_of_pdf(pdf, 0)
