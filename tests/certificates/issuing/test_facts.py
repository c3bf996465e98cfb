"""What a certificate says: the person, the codes of the day, and the dose among the person's doses."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from certificates.issuing import facts
from certificates.issuing.completion import series_length
from certificates.issuing.facts import Facts, facts_of_doses
from certificates.models import IssueRequest, SeriesCoding, VaccineCoding
from registration.models import Person
from tests.certificates.issuing.conftest import WEEKS_AGO
from tests.factories import NOW, make_registration
from vaccination.models import Dose

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TODAY = NOW.date()
DAY = timedelta(days=1)
Obstacle = IssueRequest.Obstacle
First = Callable[..., Dose]


def doses(first_dose: First, *vaccines: str) -> list[Dose]:
    """The doses of one person, a month after each other."""
    whose = make_registration()
    return [
        first_dose(whose, number=place, vaccine_id=vaccine, given_at=NOW - (len(vaccines) - place + 1) * 30 * DAY)
        for place, vaccine in enumerate(vaccines, start=1)
    ]


def facts_of(dose: Dose, *, on: date = TODAY) -> Facts:
    known = facts_of_doses([dose.pk], on=on)[dose.pk]
    assert known.facts is not None
    assert known.obstacle is None
    return known.facts


def obstacle_of(dose: Dose) -> str | None:
    known = facts_of_doses([dose.pk], on=TODAY)[dose.pk]
    assert known.facts is None
    return known.obstacle


def written(dose: Dose) -> tuple[int, int]:
    told = facts_of(dose)
    return told.dose_number, told.total_doses


@pytest.mark.parametrize(
    ("asks", "length"),
    [([], None), ([2], None), ([1], 1), ([2, 2], 2), ([1, 2], 1), ([2, 1], 2), ([2, 2, 2], 2), ([3, 3], None)],
)
def test_the_series_is_complete_with_the_first_dose_whose_vaccine_asks_for_no_more(
    asks: list[int], length: int | None
) -> None:
    assert series_length(asks) == length


@pytest.mark.parametrize(
    ("vaccines", "expected"),
    [
        (["comirnaty"], [(1, 2)]),
        (["comirnaty", "spikevax"], [(1, 2), (2, 2)]),
        (["comirnaty", "comirnaty", "spikevax"], [(1, 2), (2, 2), (3, 3)]),
        (["janssen"], [(1, 1)]),
        (["janssen", "comirnaty"], [(1, 1), (2, 1)]),
    ],
)
def test_doses_are_written_by_the_length_of_the_persons_series(
    first_dose: First, vaccines: list[str], expected: list[tuple[int, int]]
) -> None:
    assert [written(dose) for dose in doses(first_dose, *vaccines)] == expected


def test_doses_of_a_row_that_was_joined_count_for_the_person_who_stands(first_dose: First) -> None:
    earlier, later = first_dose(given_at=WEEKS_AGO - DAY), first_dose(number=2)
    Person.objects.filter(pk=earlier.person_id).update(merged_into=later.person, last_name="Dřívější")
    told = facts_of(earlier)
    assert (written(earlier), written(later), told.last_name) == ((1, 2), (2, 2), "Nováková")


def test_codes_are_those_of_the_day_of_issuing(first_dose: First) -> None:
    dose = first_dose()
    before = facts_of(dose)
    VaccineCoding.objects.create(
        vaccine_id="comirnaty", valid_from=TODAY + DAY, prophylaxis="J07BX03", product="EU/new", holder="ORG-2"
    )
    after = facts_of(dose, on=TODAY + DAY)
    assert facts_of(dose) == before
    assert (after.prophylaxis, after.product, after.holder) == ("J07BX03", "EU/new", "ORG-2")
    assert before.hash != after.hash


def test_the_hash_stays_what_it_was_when_it_was_stored(settings: Settings) -> None:
    settings.LOOKUP_KEY = "abcdefghijklmnopqrstuvwxyz012345"
    codes = ("840539006", "1119349007", "EU/1/20/1528", "ORG-100030215")
    told = Facts(
        "Nováková", "Jana", "NOVAKOVA", "JANA", date(1950, 1, 31), *codes, 2, 2, date(2027, 1, 4), "CZ", "Ministry"
    )
    assert told.hash == "d1c21e54a3a9b64874730d61faf12dbad2dfbc910182baf3581ddcb7453020a6"


def test_each_fact_changes_the_hash(first_dose: First) -> None:
    dose = first_dose()
    first = facts_of(dose)
    hashes = {first.hash}
    for change in ({"first_name": "Hana"}, {"last_name": "Malá"}, {"birth_date": date(1941, 1, 1)}):
        Person.objects.filter(pk=dose.person_id).update(**change)
        hashes.add(facts_of(dose).hash)
    Dose.objects.filter(pk=dose.pk).update(given_at=WEEKS_AGO - DAY)
    hashes.add(facts_of(dose).hash)
    assert len(hashes) == 5
    # The arm and the hour are none.
    Dose.objects.filter(pk=dose.pk).update(where="RIGHT_ARM", given_at=WEEKS_AGO - DAY + timedelta(hours=2))
    assert facts_of(dose).hash in hashes


def test_a_name_in_another_script_needs_its_spelling(first_dose: First) -> None:
    dose = first_dose()
    Person.objects.filter(pk=dose.person_id).update(first_name="Олена", last_name="Ковальчук")
    assert obstacle_of(dose) == Obstacle.LATIN_NAME
    Person.objects.filter(pk=dose.person_id).update(latin_first_name="OLENA", latin_last_name="KOVALCHUK")
    told = facts_of(dose)
    assert (told.last_name, told.family_name_mrz, told.given_name_mrz) == ("Ковальчук", "KOVALCHUK", "OLENA")


def test_who_has_one_name_gets_a_certificate(first_dose: First) -> None:
    dose = first_dose()
    Person.objects.filter(pk=dose.person_id).update(first_name="", last_name="Đặng")
    told = facts_of(dose)
    assert (told.family_name_mrz, told.given_name_mrz) == ("DANG", "")


def test_what_no_code_says_is_an_obstacle(first_dose: First) -> None:
    *_others, last = doses(first_dose, "comirnaty", "comirnaty", "comirnaty")
    SeriesCoding.objects.filter(number=3).delete()
    assert obstacle_of(last) == Obstacle.NO_CODES
    VaccineCoding.objects.filter(vaccine="spikevax").delete()
    assert obstacle_of(first_dose(vaccine_id="spikevax")) == Obstacle.NO_CODES


def test_a_dose_in_error_has_no_facts(first_dose: First) -> None:
    assert facts_of_doses([first_dose(state="IN_ERROR", error="TWICE").pk], on=TODAY) == {}


def test_many_doses_take_as_few_queries_as_one(first_dose: First) -> None:
    keys = [first_dose().pk for _ in range(5)]
    with CaptureQueriesContext(connection) as queries:
        assert len(facts_of_doses(keys, on=TODAY)) == 5
    assert len(queries) == 5
    assert facts.facts_of_doses([], on=TODAY) == {}
