"""The insured person's number (číslo pojištěnce): its shapes, the birth date in it, its check digit.

Sources: DOMAIN 2.1 (citizens: the same as the birth number), 2.2 (foreigners), 2.3 (why python-stdnum
is not used: it takes months 41-49 for January to September and refuses every foreigner's number).
"""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.keyed_hash import keyed_hash
from registration.people.errors import (
    NumberCheckFails,
    NumberFromTheFuture,
    NumberHasImpossibleDate,
    NumberHasLetters,
    NumberNeedsTenDigits,
    NumberTooLong,
    NumberTooOld,
    NumberTooShort,
)

SHORTEST, LONGEST = 9, 10
FIRST_YEAR_OF_TEN_DIGITS = 1954
FIRST_YEAR_OF_PLUS_20 = 2004
LAST_YEAR_OF_EXCEPTION = 1985
HIGHEST_AGE = 130
WOMAN, FULL_SERIES, FOREIGNER = 50, 20, 50
# What stands before it on cards, and in people's notes.
_NAMES = ("rodné", "rodne", "číslo", "cislo", "pojištěnce", "pojistence", "rč", "rc", "čp")

RARE = _(
    "This number is rare: its last digit follows a rule that ended in 1985. "
    "Please compare it with the card of your health insurer. If it is right, send the form again."
)
VERY_OLD = _(
    "By this number you were born before 1900. People born in 1954 or later have ten digits. "
    "If the number is right, send the form again."
)
RARELY_NINE = _(
    "This number has nine digits. That is right only for some people from abroad. Please compare it with the card of "
    "your health insurer. If no digit is missing, send the form again."
)


@dataclass(frozen=True)
class InsuredNumber:
    """A number that is right, or unlikely but possible: then `warning` says what to check."""

    digits: str
    birth_date: date
    warning: str | Promise | None = None
    # The day + 50: given by an insurer to somebody from abroad. Others of them have the shape of a birth number.
    is_foreigners: bool = False


def parse(text: str, *, today: date) -> InsuredNumber:
    """Read a number as people write it, with any separators (`typed.unnamed`).

    Raises a subclass of InvalidInsuredNumber for each kind of mistake.
    """
    return of_digits(_digits(text), today=today)


def of_digits(digits: str, *, today: date) -> InsuredNumber:
    """Read a number of nine or ten digits and nothing else. Raises as `parse` does."""
    birth_date, is_foreigner = _birth_date(digits, today)
    if _age(birth_date, today) >= HIGHEST_AGE:
        raise _too_old(digits)
    if len(digits) == SHORTEST:
        return InsuredNumber(digits, birth_date, _doubt_of_nine(birth_date), is_foreigner)
    warning = None if is_foreigner else _check(digits, birth_date)
    return InsuredNumber(digits, birth_date, warning, is_foreigner)


def lookup_hash(digits: str) -> str:
    """The keyed hash under which a person is found without reading their number."""
    return keyed_hash("insured-number", digits)


def is_womans(digits: str) -> bool:
    """Whether the month says that the number was given to a woman."""
    return int(digits[2:4]) > WOMAN


def is_foreigners(digits: str) -> bool:
    """Whether the day says that an insurer gave the number to somebody from abroad."""
    return int(digits[4:6]) > FOREIGNER


def masked(digits: str | None) -> str:
    """The number for a list: the first six digits only; "" where there is none."""
    if not digits:
        return ""
    return f"{digits[:6]}/{'•' * (len(digits) - 6)}"


def written(digits: str) -> str:
    """The number as cards have it, with the slash."""
    return f"{digits[:6]}/{digits[6:]}"


def _digits(text: str) -> str:
    compact = typed.unnamed(text, *_NAMES)
    # Not str.isdigit(): it takes superscripts as well.
    if re.search(r"[^0-9]", compact):
        raise NumberHasLetters
    if len(compact) < SHORTEST:
        raise NumberTooShort
    if len(compact) > LONGEST:
        raise NumberTooLong
    return compact


def _birth_date(digits: str, today: date) -> tuple[date, bool]:
    """The birth date, and whether the day carries the foreigner's +50."""
    year, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    is_foreigner = day > FOREIGNER
    day -= FOREIGNER if is_foreigner else 0
    month -= WOMAN if month > WOMAN else 0
    is_full_series = month > FULL_SERIES
    month -= FULL_SERIES if is_full_series else 0
    # A citizen's +20 exists since 2004; a foreigner's (month +20 and day +50) says nothing about the year.
    needs_2004 = is_full_series and not is_foreigner
    for century in _centuries(len(digits), year, is_foreigner=is_foreigner):
        try:
            birth_date = date(century + year, month, day)
        except ValueError:
            continue
        if birth_date > today:
            if needs_2004:
                raise NumberFromTheFuture
            continue
        if not needs_2004 or birth_date.year >= FIRST_YEAR_OF_PLUS_20:
            return birth_date, is_foreigner
    raise NumberHasImpossibleDate


def _centuries(length: int, year: int, *, is_foreigner: bool) -> tuple[int, ...]:
    """Which centuries two digits of a year may mean, the likelier first.

    Ten digits with a year below 54 are somebody born since 2000, or born before 1954 who got the
    number later; the second only where the first lies in the future (DOMAIN 2.1). Insurers give foreigners born in
    any year of the last century nine digits too (DOMAIN 2.2).
    """
    is_before_54 = 1900 + year < FIRST_YEAR_OF_TEN_DIGITS
    if length == SHORTEST and is_foreigner:
        return (1900,)
    if length == SHORTEST:
        return (1900,) if is_before_54 else (1800,)
    return (2000, 1900) if is_before_54 else (1900,)


def _age(birth_date: date, today: date) -> int:
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def _too_old(digits: str) -> NumberNeedsTenDigits | NumberTooOld:
    # Nine digits with a year from 54 on are nearly always ten digits of which one got lost.
    return NumberNeedsTenDigits() if len(digits) == SHORTEST else NumberTooOld()


def _doubt_of_nine(birth_date: date) -> Promise | None:
    """A lost digit turns ten into nine: somebody born when others get ten is asked."""
    if birth_date.year < 1900:
        return VERY_OLD
    return RARELY_NINE if birth_date.year >= FIRST_YEAR_OF_TEN_DIGITS else None


def _check(digits: str, birth_date: date) -> str | Promise | None:
    """Divisible by eleven, or the exception: remainder 10 of the first nine digits and a last digit 0.

    The exception was given to about 1000 people until about 1985; later ones are accepted with a warning.
    """
    if int(digits) % 11 == 0:
        return None
    if int(digits[:9]) % 11 == 10 and digits[9] == "0":
        return None if birth_date.year <= LAST_YEAR_OF_EXCEPTION else RARE
    raise NumberCheckFails
