"""Days and times as people type them: '11. 1. 2027', '2. srpna 1932', '2. VIII. 1932', '11.1.', '9.05', '905'."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crs.typed import CZECH_KEYS, TypedField, ordinary, plain, signs_of_a_keyboard

# Of a day and a time.
_DAY = re.compile(r"(\d{1,2})[./-]\s*(\d{1,2})(?:[./-]\s*(\d{4})?)?")
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
# Of a day alone, between whose numbers any of these is a dot: the row of digits of a Czech keyboard has a comma.
_DOTS = re.compile(r"\s?[.,;/\\-]\s?")
_DAY_ALONE = re.compile(r"(\d{1,2})\.(\d{1,2})\.?()|(\d{1,2})[. ](\d{1,2})[. ](\d{4})\.?")
_YEAR_FIRST = re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})\.?|((?:19|20)\d\d)(0[1-9]|1[0-2])([0-3]\d)")
# A day of eight digits, as scanners of documents and hurried people give it. Nobody types a day of
# before 1300, so what begins with 19 or 20 and then has a month is `_YEAR_FIRST`, which is tried first.
_DAY_OF_DIGITS = re.compile(r"(\d\d)(\d\d)(\d{4})")
# As older people write it: 2. VIII. 1932.
_ROMAN_DAY = re.compile(r"(?P<day>\d{1,2})[. ](?P<month>[ivx]{1,4})[. ](?P<year>\d{4})\.?")
_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
ROMAN = {name: number for number, name in enumerate(_ROMANS, 1)}
# '2. srpna 1932', '2 August 1932', 'August 2, 1932'
_DAY_IN_WORDS = re.compile(r"(?P<day>\d{1,2})\.? ?(?P<month>[a-z]+),? ?(?P<year>\d{4})")
_DAY_AFTER_MONTH = re.compile(r"(?P<month>[a-z]+) (?P<day>\d{1,2})[,.]? (?P<year>\d{4})")
# Without their marks: Czech and Slovak as in a date and alone, English, German, French.
_MONTHS = (
    "ledna leden januara januar january janvier",
    "unora unor februara februar february fevrier",
    "brezna brezen marca marec march marz mars",
    "dubna duben aprila april avril",
    "kvetna kveten maja maj may mai",
    "cervna cerven juna jun june juni juin",
    "cervence cervenec jula jul july juli juillet",
    "srpna srpen augusta august aout",
    "zari septembra september septembre",
    "rijna rijen oktobra oktober october octobre",
    "listopadu listopad novembra november novembre",
    "prosince prosinec decembra december dezember decembre",
)
# By its names without accents, in small letters.
MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_HOURS = r"h(?:od(?:in[ay]?)?\.?)?"
_TIME = re.compile(rf"(\d{{1,2}})(?:[:.](\d{{2}})(?::\d{{2}})?\s*(?:{_HOURS})?|\s*{_HOURS})")
_TIME_OF_DIGITS = re.compile(r"(\d{1,2})(\d{2})")
# Beside a day these would say too little.
_LOOSE_TIME = re.compile(r"(\d{1,2})\s?[:.,h ]\s?(\d{2})")
_HOUR = re.compile(r"(\d{1,2})()")
_PRAGUE = ZoneInfo("Europe/Prague")
# Outside of these a year is a slip of the finger.
_FIRST_YEAR, _LAST_YEAR = 1000, 2199
_LEAP_YEAR = 2024


class NoSuchDay(ValueError):
    """A day that the calendar has not: 31. 2."""


class FarDay(ValueError):
    """A day so far away that nobody means it: 31. 12. 9999."""


def parse_day(text: str, *, today: date | None = None) -> date:
    """The day. Without a year it is the latest such day that has come by `today`; without `today` the year is needed.

    Raises ValueError.
    """
    typed = _DOTS.sub(".", _ordinary(text))
    if found := _YEAR_FIRST.fullmatch(typed):
        return _date(*(int(part) for part in found.groups() if part))
    if found := _DAY_ALONE.fullmatch(typed) or _DAY_OF_DIGITS.fullmatch(typed):
        return _day([part for part in found.groups() if part is not None], today)
    if (found := _ROMAN_DAY.fullmatch(typed)) and (month := ROMAN.get(found["month"])):
        return _date(int(found["year"]), month, int(found["day"]))
    words = _without_accents(text)
    found = _DAY_IN_WORDS.fullmatch(words) or _DAY_AFTER_MONTH.fullmatch(words)
    if found and (month := MONTH_OF.get(found["month"])):
        return _date(int(found["year"]), month, int(found["day"]))
    raise ValueError("no day")


def parse_time(text: str, *, hour_alone: bool = False) -> time:
    """The time of a day, to the minute; '9' is one only where an `hour_alone` is meant. Raises ValueError."""
    typed = _ordinary(text)
    if hour_alone and (found := _HOUR.fullmatch(typed)):
        return _time(found)
    return _time(_TIME.fullmatch(typed) or _TIME_OF_DIGITS.fullmatch(typed) or _LOOSE_TIME.fullmatch(typed))


def parse_moment(text: str, *, now: datetime, needs_year: bool = False) -> datetime:
    """The moment in Prague; without a day it is of today, without a year the latest such day that has come.

    Raises ValueError, also where a day `needs_year` and has none.
    """
    typed = re.sub(r"(?<=\d)t(?=\d)", " ", _ordinary(text))  # as browsers and other programs write a moment
    today = timezone.localdate(now)
    day, rest = today, typed
    if _TIME.fullmatch(typed) or _TIME_OF_DIGITS.fullmatch(typed):
        pass
    elif found := _ISO_DAY.match(typed):
        day, rest = _iso_day(found), typed[found.end() :]
    elif found := _DAY.match(typed):
        day, rest = _day(found.groups(), None if needs_year else today), typed[found.end() :]
    rest = rest.replace(",", " ").strip()
    return moment_of(day, _time(_TIME.fullmatch(rest) or _TIME_OF_DIGITS.fullmatch(rest)))


def moment_of(day: date, at: time) -> datetime:
    """The moment of a day and a time in Prague.

    Of the hour that comes twice in October the first one is meant. Raises ValueError for the hour that summer time
    leaves out.
    """
    moment = datetime.combine(day, at, _PRAGUE)
    if moment.astimezone(ZoneInfo("UTC")).astimezone(_PRAGUE).time() != at:
        raise ValueError("no such time on this day")
    return moment


def written_day(day: date) -> str:
    """A day as a person would type it: 11. 1. 2027."""
    return f"{day.day}. {day.month}. {day.year}"


def written(moment: datetime) -> str:
    """A moment as a person would type it: 11. 1. 2027 9:15."""
    local = timezone.localtime(moment)
    return f"{written_day(local)} {local.hour}:{local:%M}"


class _MomentField(TypedField):
    """A field for one short text that is a day or a time; an empty one is None."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput({"autocomplete": "off", "spellcheck": "false"}))
        super().__init__(max_length=40, **options)

    def clean(self, value: Any) -> Any:
        """The day or time that the text means."""
        text = super().clean(value)
        try:
            return self._read(text) if text else None
        except NoSuchDay as error:
            raise ValidationError(_("There is no such day in the calendar."), code="invalid") from error
        except FarDay as error:
            raise ValidationError(_("This day is too far away."), code="invalid") from error
        except (ValueError, OverflowError) as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another day or time is meant, however it is written; an empty row that was added says nothing."""
        if self.disabled:
            return False
        text = self.to_python(data)
        try:
            self.run_validators(text)
            meant = self._read(text) if text else None
        except (ValidationError, ValueError, OverflowError):
            return True
        return bool(meant != (None if initial in self.empty_values else initial))

    def _read(self, text: str) -> Any:
        raise NotImplementedError


class DayField(_MomentField):
    """A day; without a year the latest one that has come, unless the field `needs_year`."""

    default_error_messages = {"required": _("Write the day."), "invalid": _("Write the day as 31. 1. 2027.")}

    def __init__(self, *, needs_year: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.needs_year = needs_year

    def prepare_value(self, value: Any) -> Any:
        """The day as a person would type it."""
        return written_day(value) if isinstance(value, date) else value

    def _read(self, text: str) -> date:
        return parse_day(text, today=None if self.needs_year else timezone.localdate())


class TimeField(_MomentField):
    """A time of a day; an `hour_alone` is one where a plan is written, not where something was done."""

    default_error_messages = {"required": _("Write the time."), "invalid": _("Write the time as 9:05.")}

    def __init__(self, *, hour_alone: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.hour_alone = hour_alone

    def prepare_value(self, value: Any) -> Any:
        """The time as a person would type it."""
        return f"{value.hour}:{value:%M}" if isinstance(value, time) else value

    def _read(self, text: str) -> time:
        return parse_time(text, hour_alone=self.hour_alone)


class MomentField(_MomentField):
    """A day and a time in Prague; a time alone is of today. Without a year as `DayField`."""

    default_error_messages = {
        "required": _("Write day and time."),
        "invalid": _("Write day and time as 11. 1. 2027 9:15."),
    }

    def __init__(self, *, needs_year: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.needs_year = needs_year

    def prepare_value(self, value: Any) -> Any:
        """The moment as a person would type it."""
        return written(value) if isinstance(value, datetime) else value

    def _read(self, text: str) -> datetime:
        return parse_moment(text, now=timezone.now(), needs_year=self.needs_year)


def _ordinary(text: str) -> str:
    return signs_of_a_keyboard(ordinary(text)).translate(CZECH_KEYS).lower()


def _without_accents(text: str) -> str:
    """The text in small letters of English: 'Září' is 'zari'."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", plain(text)) if letter.isascii()).lower()


def _iso_day(found: "re.Match[str]") -> date:
    year, month, day = map(int, found.groups())
    return _date(year, month, day)


def _date(year: int, month: int, day: int) -> date:
    if year < _FIRST_YEAR:
        raise ValueError("no whole year")
    try:
        found = date(year, month, day)
    except ValueError:
        raise NoSuchDay from None
    if year > _LAST_YEAR:
        raise FarDay
    return found


def _day(parts: Sequence[str | None], today: date | None) -> date:
    """The day of its number, its month and its year, which may be missing."""
    day, month = int(parts[0] or 0), int(parts[1] or 0)
    if parts[2]:
        return _date(int(parts[2]), month, day)
    if today is None:
        _date(_LEAP_YEAR, month, day)  # 31. 2. is refused as such, whatever its year
        raise ValueError("no year")
    for year in range(today.year, today.year - 9, -1):
        try:
            named = date(year, month, day)
        except ValueError:
            continue  # 29 February
        if named <= today:
            return named
    raise NoSuchDay


def _time(found: "re.Match[str] | None") -> time:
    if found is None:
        raise ValueError("no time")
    return time(int(found[1]), int(found[2] or 0))
