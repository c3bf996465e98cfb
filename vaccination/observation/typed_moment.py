"""Day and time as people type them: '11. 1. 2027 9:15', '11.1. 9.15', '2027-01-11 09:15', '9:15' for today."""

import re
import unicodedata
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

# A scanner or a keyboard in the Czech layout writes these for the digits of the upper row.
_CZECH_ROW = str.maketrans("+ěščřžýáíé", "1234567890")
_DAY = re.compile(r"(\d{1,2})[./-]\s*(\d{1,2})(?:[./-]\s*(\d{4})?)?")
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2})(?::\d{2})?\s*h?|\s*h)")


def parse_moment(text: str, *, now: datetime) -> datetime:
    """The moment in Prague; without a day it is of today, without a year the latest such day that has come.

    Of the hour that comes twice in October the first one is meant. Raises ValueError.
    """
    text = unicodedata.normalize("NFKC", "".join(" " if c.isspace() else c for c in text if _is_seen(c)))
    text = text.translate(_CZECH_ROW).strip().lower().replace("t", " ").replace(",", " ")
    today = timezone.localdate(now)
    day, rest = today, text
    if _TIME.fullmatch(text):
        pass
    elif found := _ISO_DAY.match(text):
        year, month, number = map(int, found.groups())
        day, rest = date(year, month, number), text[found.end() :]
    elif found := _DAY.match(text):
        day, rest = _day_of(found, today), text[found.end() :]
    clock = _TIME.fullmatch(rest.strip())
    if not clock:
        raise ValueError(text)
    zone = ZoneInfo("Europe/Prague")
    moment = datetime.combine(day, time(int(clock[1]), int(clock[2] or 0)), zone)
    if moment.astimezone(ZoneInfo("UTC")).astimezone(zone).time() != moment.time():
        raise ValueError(text)  # the hour that summer time leaves out
    return moment


def _day_of(found: "re.Match[str]", today: date) -> date:
    number, month = int(found[1]), int(found[2])
    if found[3]:
        return date(int(found[3]), month, number)
    for year in (today.year, today.year - 1, *range(today.year - 2, today.year - 9, -1)):
        try:
            day = date(year, month, number)
        except ValueError:
            continue  # 29 February
        if day <= today:
            return day
    raise ValueError(found[0])


def _is_seen(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) not in ("Cf", "Cc")
