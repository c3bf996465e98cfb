"""Insured numbers in a text: found by the validator of registration, and covered."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from django.utils import timezone

from registration.people import insured_number
from registration.people.errors import InvalidInsuredNumber

COVER = "••••••/••••"

# Between the digits of a number nobody sees them: marks of direction and of width, control signs, soft hyphens.
_UNSEEN = (
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u20e3\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]*+"
)
_GAP = rf"{_UNSEEN}(?:\s{_UNSEEN}){{0,3}}+"
_SLASH = rf"(?:[/\\.|_\-\u2010-\u2015\u2044\u2212\u2215\u29f8\uff0f]{_GAP})?+"


def _shape(digits: int) -> re.Pattern[str]:
    """So many digits that may be a number, the first six with a possible day; it begins and ends as a word of digits.

    Looking ahead, it takes nothing from the text, so that a number is found also where another word of digits stands
    before it. Every repetition keeps what it took: the time is that of the text's length, whatever it holds.
    """
    day = (r"\d", r"\d", r"\d", r"\d", r"\d", r"\d")
    rest = (r"\d",) * (digits - 6)
    return re.compile(rf"(?<!\d)(?=({_GAP.join(day)}{_GAP}{_SLASH}{_GAP.join(rest)})(?!\d))")


_SHAPES = (_shape(10), _shape(9))
_POSSIBLE_DAY = re.compile(r"\d\d(?:[0257][1-9]|[1368][0-2])(?:[05][1-9]|[1267]\d|[38][01])")
# What stands before the nine digits of a telephone, or before the first nine of one with its country.
_CALL_PREFIX = re.compile(r"(?:\+|\b00\s?)(?:42[01]\s?)?$")


def covered(text: str) -> str:
    """The text with each insured number in it covered; equal covers, so that nobody sees which are the same."""
    pieces: list[str] = []
    at = 0
    for start, end in _spans(text):
        pieces += text[at:start], COVER
        at = end
    return "".join((*pieces, text[at:]))


def has_numbers(text: str) -> bool:
    """Whether an insured number stands in the text."""
    return next(_found(text), None) is not None


def numbers_in(text: str) -> list[str]:
    """The insured numbers in the text, each once, as digits of ours without what stands between them."""
    return list(dict.fromkeys(_digits(text[start:end]) for start, end in _found(text)))


def _spans(text: str) -> list[tuple[int, int]]:
    """Where numbers stand, those that overlap as one."""
    spans: list[tuple[int, int]] = []
    for start, end in sorted(_found(text)):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _found(text: str) -> Iterator[tuple[int, int]]:
    today = timezone.localdate()
    for shape in _SHAPES:
        for candidate in shape.finditer(text):
            digits = _digits(candidate[1])
            if not _POSSIBLE_DAY.match(digits):
                continue
            start, end = candidate.span(1)
            if len(digits) == insured_number.SHORTEST and _CALL_PREFIX.search(text, max(0, start - 6), start):
                continue
            if _is_number(digits, today):
                yield start, end


def _digits(text: str) -> str:
    """The digits of a text alone, those of any script in ours."""
    digits = re.sub(r"\D+", "", text)
    return digits if digits.isascii() else "".join(str(unicodedata.decimal(one)) for one in digits)


@lru_cache(maxsize=4096)
def _is_number(digits: str, today: date) -> bool:
    try:
        insured_number.of_digits(digits, today=today)
    except InvalidInsuredNumber:
        return False
    return True
