"""A person who was made up for a row: always the same one, with nothing of anybody who lives.

The telephone begins as no subscriber's number in Czechia does, so no SMS reaches anybody; there is no e-mail.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from registration.models import Person
from registration.people import insured_number
from registration.people.identity_document import IdentityDocument
from registration.people.insured_number import FIRST_YEAR_OF_TEN_DIGITS, WOMAN
from registration.replay.rows import HOME, Row

SEED = "replay-1"
# 1 begins numbers of emergency and of operators' services: +420 1xx xxx xxx is nobody's.
FIRST_PHONE, PHONES = 420_100_000_000, 100_000_000
# People registered by day; the first day began at 8.
OPENS, CLOSES = 8, 22
WOMEN = ("Jana", "Marie", "Eva", "Hana", "Anna", "Lenka", "Věra", "Alena", "Jaroslava", "Ludmila")
WOMENS_SURNAMES = ("Nováková", "Svobodová", "Dvořáková", "Černá", "Procházková", "Kučerová", "Veselá", "Horáková")
MEN = ("Jiří", "Jan", "Petr", "Josef", "Pavel", "Jaroslav", "Tomáš", "Miroslav", "Zdeněk", "Václav")
MENS_SURNAMES = ("Novák", "Svoboda", "Dvořák", "Černý", "Procházka", "Kučera", "Veselý", "Horák")
INSURERS = tuple(Person.Insurer.values)
_PRAGUE = ZoneInfo("Europe/Prague")


@dataclass(frozen=True)
class MadeUp:
    """A person who is not in the database, with what their registration says."""

    person: Person
    phone: str
    registered_at: datetime

    @property
    def found_by(self) -> str:
        """The hash that is one person's alone."""
        return self.person.insured_number_hash or self.person.document_hash


def person_of(row: Row, attempt: int = 0) -> MadeUp:
    """Somebody of the row's age band on its day; another one for each `attempt`."""
    chance = Random(f"{SEED}:{row.key}:{attempt}")  # noqa: S311 - nothing is kept secret by it
    is_woman = chance.random() < 0.5
    names, surnames = (WOMEN, WOMENS_SURNAMES) if is_woman else (MEN, MENS_SURNAMES)
    born = _birth_date(chance, row)
    person = Person(
        first_name=chance.choice(names),
        last_name=chance.choice(surnames),
        birth_date=born,
        insurer=chance.choice(INSURERS),
    )
    if row.country == HOME:
        digits = _insured_number(chance, born, is_woman=is_woman)
        person.insured_number, person.insured_number_hash = digits, insured_number.lookup_hash(digits)
    else:
        passport = IdentityDocument(Person.DocumentType.PASSPORT, row.country, f"X{chance.randrange(10**9):09}")
        person.document_type, person.document_country = passport.type, passport.country
        person.document_number, person.document_hash = passport.number, passport.lookup_hash
        person.sex = Person.Sex.FEMALE if is_woman else Person.Sex.MALE
        person.insurer = ""
    seconds = chance.randrange((CLOSES - OPENS) * 3600)
    registered_at = datetime.combine(row.day, time(OPENS), _PRAGUE) + timedelta(seconds=seconds)
    return MadeUp(person, f"+{FIRST_PHONE + chance.randrange(PHONES)}", registered_at)


def _birth_date(chance: Random, row: Row) -> date:
    """A day on which somebody was born who has the age of the band on the row's day."""
    youngest, oldest = row.ages
    latest = _years_before(row.day, youngest)
    earliest = _years_before(row.day, oldest + 1) + timedelta(days=1)
    return earliest + timedelta(days=chance.randrange((latest - earliest).days + 1))


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _insured_number(chance: Random, born: date, *, is_woman: bool) -> str:
    """A citizen's number: nine digits for those born before 1954, else ten that eleven divides (DOMAIN 2.1)."""
    beginning = f"{born.year % 100:02}{born.month + (WOMAN if is_woman else 0):02}{born.day:02}"
    while True:
        nine = f"{beginning}{chance.randrange(1, 1000):03}"
        if born.year < FIRST_YEAR_OF_TEN_DIGITS:
            return nine
        last = int(nine) % 11
        if last < 10:
            return f"{nine}{last}"
