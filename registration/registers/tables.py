"""Values of the registers' files: days as 1. 2. 1950 or 1950-02-01, and words.

What is wrong with one is said without it: these are data of people.
"""

import re
from datetime import date

from crs import typed
from logistics.open_data.reader import BadValue

_CZECH_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(\s0?0:00(:00)?)?", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})([T ]00:00(:00(\.0+)?)?)?", re.ASCII)


def day(text: str) -> date:
    """A day. Raises BadValue."""
    plain = typed.plain(text)
    if czech := _CZECH_DAY.fullmatch(plain):
        year, month, number = int(czech[3]), int(czech[2]), int(czech[1])
    elif iso := _ISO_DAY.fullmatch(plain):
        year, month, number = int(iso[1]), int(iso[2]), int(iso[3])
    else:
        raise BadValue("a date is neither 1. 2. 1950 nor 1950-02-01")
    try:
        return date(year, month, number)
    except ValueError:
        raise BadValue("a date is no day of the calendar") from None


def day_or_none(text: str) -> date | None:
    """A day; None where nothing stands. Raises BadValue."""
    return day(text) if text else None


def words(text: str, *, what: str, longest: int, is_needed: bool = True) -> str:
    """A text of at most `longest` characters. Raises BadValue."""
    plain = typed.plain(text)
    if is_needed and not plain:
        raise BadValue(f"{what} is missing")
    if len(plain) > longest:
        raise BadValue(f"{what} is longer than {longest} characters")
    return plain
