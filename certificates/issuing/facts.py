"""What a certificate says of a dose: read from the rows as they are, coded as of the day of issuing.

A certificate is true while these facts are those that it was made from: their keyed hash stands beside it. The number
of a dose is its place among the valid doses of the person, with those of rows that were joined into theirs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from certificates.hcert.payload import VaccinationFacts
from certificates.issuing.completion import series_length
from certificates.models import IssueRequest, SeriesCoding, VaccineCoding
from crs.keyed_hash import keyed_hash
from registration.models import Person
from registration.people import latin_name
from registration.people.errors import SpellingNeedsLatinLetters
from vaccination.models import Dose

# SNOMED CT: COVID-19 (DOMAIN 1.3).
DISEASE = "840539006"


class Facts(VaccinationFacts):
    """All that a certificate says of a dose but its own identifier and dates."""

    @property
    def hash(self) -> str:
        """The keyed hash of exactly these facts in the order of their fields, 64 hex digits; it is stored."""
        return keyed_hash("certificate-facts", *map(str, vars(self).values()))


class Told(NamedTuple):
    """What is known of one dose: its facts, or the obstacle; neither: it is not valid."""

    person_id: int  # the row that stands for the person now
    is_completing: bool  # the last dose of the series, or a booster
    is_booster: bool
    facts: Facts | None = None
    obstacle: IssueRequest.Obstacle | None = None


class _Given(NamedTuple):
    """A valid dose of a person."""

    pk: UUID
    given_on: date
    vaccine: str
    doses: int


def facts_of_doses(doses: Iterable[UUID], *, on: date, is_locking: bool = False) -> dict[UUID, Told]:
    """What is known of the valid ones among `doses` (keys), in five queries however many they are.

    With `is_locking` the persons are locked by rising key, as by whoever records or corrects a dose of theirs, before
    anything else is read.
    """
    rows = Dose.objects.valid().filter(pk__in=list(doses)).values_list("pk", "person_id", "person__merged_into_id")
    wanted = {pk: merged_into or person for pk, person, merged_into in rows}
    people = _people(set(wanted.values()), is_locking=is_locking)
    given = _given(people)
    coding = Coding(on)
    return {
        pk: _told(people[whose], given[whose], pk, coding)
        for pk, whose in wanted.items()
        # A row that was joined into another one meanwhile, or a dose that was annulled, is read anew next time.
        if whose in people and people[whose].merged_into_id is None and any(one.pk == pk for one in given[whose])
    }


class Coding:
    """The EU codes valid on a day; they are a few rows."""

    def __init__(self, on: date) -> None:
        self.vaccines = {row.vaccine_id: row for row in VaccineCoding.objects.valid_on(on)}
        self.series = {(row.series_doses, row.number): row for row in SeriesCoding.objects.valid_on(on)}

    def numbers(self, *, series: int | None, number: int, doses: int) -> tuple[int, int] | None:
        """The dose as written, such as (3, 3): `series` is the length of the person's, None while it is incomplete."""
        if series is None:
            return number, doses
        row = self.series.get((series, number))
        return (row.dose_number, row.total_doses) if row else None


def _people(keys: set[int], *, is_locking: bool) -> dict[int, Person]:
    """The rows of the persons with all that were joined into them."""
    rows = Person.objects.filter(Q(pk__in=keys) | Q(merged_into__in=keys)).order_by("pk")
    names = ("first_name", "last_name", "latin_first_name", "latin_last_name", "birth_date", "merged_into")
    rows = rows.only(*names)
    return {row.pk: row for row in (rows.select_for_update(no_key=True, of=("self",)) if is_locking else rows)}


def _given(people: Mapping[int, Person]) -> Mapping[int, list[_Given]]:
    """The valid doses by the person who they count for, in the order of their times."""
    given: dict[int, list[_Given]] = defaultdict(list)
    rows = Dose.objects.valid().filter(person__in=list(people)).order_by("given_at")
    for person, *one in rows.values_list("person_id", "pk", "given_on", "vaccine_id", "vaccine__doses"):
        given[people[person].merged_into_id or person].append(_Given(*one))
    return given


def _told(person: Person, given: list[_Given], pk: UUID, coding: Coding) -> Told:
    place = next(place for place, one in enumerate(given, start=1) if one.pk == pk)
    dose, series = given[place - 1], series_length(one.doses for one in given)
    is_completing, is_booster = series is not None and place >= series, series is not None and place > series
    told = Told(person.pk, is_completing, is_booster)
    try:
        spelled = [
            latin_name.machine_readable(latin or name)
            for name, latin in (
                (person.last_name, person.latin_last_name),
                (person.first_name, person.latin_first_name),
            )
        ]
    except SpellingNeedsLatinLetters:
        spelled = []
    if not any(spelled):
        return told._replace(obstacle=IssueRequest.Obstacle.LATIN_NAME)
    numbers = coding.numbers(series=series, number=place, doses=dose.doses)
    codes = coding.vaccines.get(dose.vaccine)
    if numbers is None or codes is None:
        return told._replace(obstacle=IssueRequest.Obstacle.NO_CODES)
    family, given_name = spelled
    return told._replace(
        facts=Facts(
            last_name=person.last_name,
            first_name=person.first_name,
            family_name_mrz=family,
            given_name_mrz=given_name,
            birth_date=person.birth_date,
            disease=DISEASE,
            prophylaxis=codes.prophylaxis,
            product=codes.product,
            holder=codes.holder,
            dose_number=numbers[0],
            total_doses=numbers[1],
            given_on=dose.given_on,
            country=settings.CERTIFICATE_COUNTRY,
            issuer=settings.CERTIFICATE_ISSUER,
        )
    )
