"""Whether a person and a record of a register are one and the same."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from crs.typed import plain
from registration.models import Mismatch, Person, Register
from registration.people import insured_number, latin_name
from registration.people.errors import InvalidInsuredNumber, SpellingNeedsLatinLetters
from registration.registers.asking import HealthWorker, Insured

# Letters with which no mark is joined in Unicode.
_LETTERS = str.maketrans({"ł": "l", "đ": "d", "ð": "d", "ø": "o", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
_HYPHENS = str.maketrans(dict.fromkeys("-‐‑‒–—―−,", " "))
_APOSTROPHES = frozenset("'’‘`´ʼʻ")


@dataclass(frozen=True)
class Name:
    """The parts of a name, each in lower case without marks, in the order in which they stand."""

    first: tuple[str, ...]
    last: tuple[str, ...]


def differences(
    person: Person, answer: Insured | HealthWorker | None, register: Register, *, now: datetime
) -> list[Mismatch.Kind]:
    """How the `answer` of the register differs from the person, the weightiest first; nothing: they agree."""
    if answer is None:
        is_insurers = register == Register.INSURERS
        return [Mismatch.Kind.NOT_FOUND if is_insurers else Mismatch.Kind.NOT_A_WORKER]
    today = timezone.localdate(now)
    is_name_other = not _is_name(answer, person)
    if isinstance(answer, HealthWorker):
        found = {Mismatch.Kind.NOT_A_WORKER: _has_ended(answer.until, today), Mismatch.Kind.NAME: is_name_other}
    else:
        found = {
            Mismatch.Kind.DIED: answer.died_on is not None,
            Mismatch.Kind.BIRTH_DATE: not _is_birth_date(answer.birth_date, person, today=today),
            Mismatch.Kind.NAME: is_name_other,
            # With a death insurance ends, too.
            Mismatch.Kind.NOT_INSURED: answer.died_on is None and _has_ended(answer.insured_until, today),
        }
    return [kind for kind, is_so in found.items() if is_so]


def is_one_name(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two names, each with first name and surname, may be those of one person.

    Marks, capitals, hyphens, titles and the order of several names do not count, nor do second names that only one of
    them has; a surname of two parts agrees with either part, a maiden name with what it was joined to. Two who changed
    places are one. A surname that is another one altogether is for people to look at.
    """
    return any(_is_one(first, second) for first in _readings(*one) for second in _readings(*other))


def _has_ended(until: date | None, today: date) -> bool:
    return until is not None and until < today


def _is_birth_date(day: date, person: Person, *, today: date) -> bool:
    """The age check: the register's date is that of the person, and that in the number but for its century."""
    if day != person.birth_date or not person.insured_number:
        return day == person.birth_date
    try:
        in_number = insured_number.of_digits(person.insured_number, today=today).birth_date
    except InvalidInsuredNumber:
        return False
    # Two digits of a year mean two centuries, and staff may have decided which (DOMAIN 2.1).
    return (in_number.year % 100, in_number.month, in_number.day) == (day.year % 100, day.month, day.day)


def _is_name(record: Insured | HealthWorker, person: Person) -> bool:
    of_record = (record.first_name, record.last_name)
    if is_one_name(of_record, (person.first_name, person.last_name)):
        return True
    latin = (person.latin_first_name, person.latin_last_name)
    return bool(latin[1]) and is_one_name(of_record, latin)


def _is_one(one: Name, other: Name) -> bool:
    if not (one.first and other.first and one.last and other.last):
        # Whoever has one name only has it as the first name in one place and as the surname in another.
        return {*one.first, *one.last} == {*other.first, *other.last}
    return (_fits(one.first, other.first) and _fits(one.last, other.last)) or (
        _fits(one.first, other.last) and _fits(one.last, other.first)
    )


def _fits(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    first, second = set(one), set(other)
    return first <= second or second <= first or "".join(one) == "".join(other)


def _readings(first_name: str, last_name: str) -> Iterator[Name]:
    """The name without its marks, and as passports spell it: Müller is Muller or Mueller."""
    yield Name(_parts(first_name), _parts(last_name))
    try:
        yield Name(_machine_parts(first_name), _machine_parts(last_name))
    except SpellingNeedsLatinLetters:
        return


def _parts(name: str) -> tuple[str, ...]:
    folded = plain(unicodedata.normalize("NFKC", name)).casefold().translate(_LETTERS)
    letters = (one for one in unicodedata.normalize("NFKD", folded) if not unicodedata.category(one).startswith("M"))
    return _without_titles("".join(one for one in letters if one not in _APOSTROPHES).translate(_HYPHENS).split())


def _machine_parts(name: str) -> tuple[str, ...]:
    untitled = " ".join(_without_titles(plain(name).translate(_HYPHENS).split()))
    return tuple(latin_name.machine_readable(untitled).lower().replace("<", " ").split())


def _without_titles(parts: list[str]) -> tuple[str, ...]:
    """Titles end with a dot; where nothing else is there, it is an initial."""
    words = [part for part in parts if not part.endswith(".")] or parts
    return tuple(stripped for part in words if (stripped := part.replace(".", "")))
