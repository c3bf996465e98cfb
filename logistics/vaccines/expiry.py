"""The expiry as packs and vials print it: '03/2027', 'EXP MAR 27', '31. 3. 2027', 'březen 2027'.

A month alone means its last day, and so does day 00. Where a text could mean two days, it means none: '03-04-27' may
begin with a day, a month or a year.
"""

import calendar
import re
import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crs.typed import PlainField, plain, signs_of_a_keyboard
from crs.typed_moment import MONTH_OF, ROMAN, parse_day, written_day

# What stands before it on packs and in people's words: 'EXP.:', 'Použitelné do', 'Verw. bis'.
# The endings are possessive: whatever follows, they are tried once.
_LABEL = re.compile(
    r"(?:(?:exs?pir[a-z]*+|exs?p|use|best|valid|until|by|before|date"
    r"|pouz[a-z]*+|spotreb[a-z]*+|platn[a-z]*+|datum|do|konec|konce|verw[a-z]*+|bis)[ .:=/(-]*)+(?=[0-9a-z])"
)
_BETWEEN = r"[ ./-]+"
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})[./ -]+(?P<month>\d{1,2})[./ -]+(?P<year>\d{4})")
# A year of two digits is one only in the Czech manner, with dots.
_CZECH_DAY = re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d\d)")
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}}){_BETWEEN}(?P<month>\d{{1,2}})(?:{_BETWEEN}(?P<day>\d{{1,2}}))?")
_DIGITS = re.compile(
    r"(?P<year>2\d{3})(?P<month>0[1-9]|1[0-2])(?P<day>\d\d)|(?P<d>\d\d)(?P<m>0[1-9]|1[0-2])(?P<y>2\d{3})"
)
_MONTH = re.compile(rf"(?P<month>\d{{1,2}}){_BETWEEN}(?P<year>\d{{4}}|\d\d)|(?P<m>0[1-9]|1[0-2])(?P<y>\d\d|2\d{{3}})")
_ROMAN_MONTH = re.compile(
    r"(?:(?P<day>\d{1,2})[./ -]+)?(?P<roman>x|xi{1,2}|i[vx]|v?i{1,3}|v)[./ -]+(?P<year>\d{4}|\d\d)"
)
_MONTH_IN_WORDS = re.compile(r"(?:(?P<day>\d{1,2})[./ -]*)?(?P<name>[a-z]{3,})[./ -]*(?P<year>\d{4}|\d\d)")
_YEAR_BEFORE_WORDS = re.compile(rf"(?P<year>\d{{4}}){_BETWEEN}(?P<name>[a-z]{{3,}})(?:{_BETWEEN}(?P<day>\d{{1,2}}))?")
# Those that are no beginnings of the whole names.
_SHORT = {"mrz": 3, "cvn": 6, "cvc": 7, "cec": 7}
# What stands around it in people's notes; a dot at its end would make a month and a year of the day '3.12.'.
_AROUND = " ,;*()[]{}\"'„“”‚‘’«»"
_SIGNS = str.maketrans("\\,_", "/. ")
_PATTERNS = (
    *(_DAY_FIRST, _CZECH_DAY, _YEAR_FIRST, _DIGITS, _MONTH),
    *(_ROMAN_MONTH, _MONTH_IN_WORDS, _YEAR_BEFORE_WORDS),
)


def parse_expiry(text: str) -> date:
    """The last day of use from the text that people copy from a pack. Raises ValueError."""
    written = _plain(text)
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(written):
            parts = found.groupdict()
            year, month = parts["year"] or parts.get("y"), parts.get("month") or parts.get("m")
            day = parts.get("day") or parts.get("d")
            assert year is not None, "each pattern has a year"  # noqa: S101
            # No pack of another century is taken in.
            whole = int(year) if len(year) == 4 else 2000 + int(year)
            name = parts.get("name") or parts.get("roman") or ""
            return _last_day(whole, int(month) if month else _month_named(name), int(day or 0))
    return parse_day(written)


class ExpiryField(PlainField):
    """The last day of use, as printed or typed; an empty one is None."""

    default_error_messages = {"invalid": _("Write it as 03/2027 or 31. 3. 2027.")}

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput({"autocomplete": "off", "spellcheck": "false"})
        super().__init__(max_length=60, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        """The day as a person would type it."""
        return written_day(value) if isinstance(value, date) else value

    def clean(self, value: Any) -> Any:
        """The day."""
        text = super().clean(value)
        try:
            return parse_expiry(text) if text else None
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


def _plain(text: str) -> str:
    """Small letters without accents and label: 'EXP.: MAR 2027' is 'mar 2027'."""
    if any(unicodedata.category(one) == "No" for one in text):
        raise ValueError("signs that only look like digits")
    letters = unicodedata.normalize("NFKD", signs_of_a_keyboard(plain(text)).translate(_SIGNS).strip(_AROUND))
    small = "".join(one for one in letters if not unicodedata.combining(one)).lower()
    label = _LABEL.match(small)
    return (small[label.end() :] if label else small).strip()


def _month_named(name: str) -> int:
    """The month whose name this is or begins. Raises ValueError where it begins several or none."""
    if exact := MONTH_OF.get(name) or _SHORT.get(name) or ROMAN.get(name):
        return exact
    found = {month for whole, month in MONTH_OF.items() if whole.startswith(name)}
    if len(found) != 1:
        raise ValueError("no month")
    return found.pop()


def _last_day(year: int, month: int, day: int) -> date:
    if not 1 <= month <= 12:
        raise ValueError("no month")
    return date(year, month, day or calendar.monthrange(year, month)[1])
