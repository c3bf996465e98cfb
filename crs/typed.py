"""What people type, paste and scan, made plain before anything looks at it."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# What the digits and the hyphen give where a scanner types as if the keyboard were English and the computer reads it as
# Czech; the digits with Shift or Caps Lock too.
CZECH_KEYS = str.maketrans("+ěščřžýáíéĚŠČŘŽÝÁÍÉ=", "1234567890234567890-")
# Between the digits of a number they mean nothing; '-' and '/' change places on the two keyboards.
_SEPARATORS = frozenset(" -‐‑‒–—―−/.·")
# As people write it: 1200, 1 200.
_WHOLE_NUMBER = re.compile(r"[0-9]+|[0-9]{1,3}(?: [0-9]{3})+")
# Format, control, surrogate and private characters: nobody sees them.
_UNSEEN = ("Cf", "Cc", "Cs", "Co")


def plain(text: str) -> str:
    """The text in composed letters, with single ordinary spaces and without invisible characters."""
    visible = (
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in _UNSEEN
    )
    # Composed only now: an invisible character may have stood between a letter and its mark.
    return unicodedata.normalize("NFC", " ".join("".join(visible).split()))


def without_marks(text: str) -> str:
    """The text without invisible marks of writing, such as a soft hyphen; a scanner's control signs stay."""
    return "".join(character for character in text if unicodedata.category(character) != "Cf")


def lines(text: str) -> str:
    """A text of several lines, each of them plain, without empty ones at its beginning and end."""
    return "\n".join(plain(line) for line in text.splitlines()).strip()


def number(text: str) -> str:
    """A number of digits or Latin letters as typed, without separators; what is no separator stays.

    Wide digits become ordinary ones. A text made only of the signs of the Czech row of digits is read as a scanner
    with an English keyboard meant it: '+ěš' is 123.
    """
    ordinary = plain(unicodedata.normalize("NFKC", text))
    compact = "".join(character for character in ordinary if character not in _SEPARATORS)
    compact = unicodedata.normalize("NFKC", compact)
    meant = compact.translate(CZECH_KEYS)
    return meant if meant.isdecimal() and not any(one.isdecimal() for one in compact) else compact


class WholeNumberField(forms.CharField):
    """A whole number from `lowest` to `highest` as people write it, '1 200', '15 min'; an empty one is None.

    It may end with one of `units`.
    """

    default_error_messages = {"invalid": _("Write a whole number from %(lowest)d to %(highest)d.")}

    def __init__(self, *, lowest: int, highest: int, units: tuple[str, ...] = (), **options: Any) -> None:
        widget = forms.TextInput({"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(max_length=40, widget=widget, **options)
        self.lowest, self.highest, self.units = lowest, highest, units

    def clean(self, value: Any) -> Any:
        """The number."""
        text = plain(unicodedata.normalize("NFKC", super().clean(value) or "")).lower()
        if not text:
            return None
        for unit in self.units:
            text = text.removesuffix(unit).rstrip()
        if not any(character.isdigit() for character in text):
            text = text.translate(CZECH_KEYS)
        # Neither a sign nor a decimal point means anything here, and none is guessed away.
        found = _WHOLE_NUMBER.fullmatch(text)
        if not found or not self.lowest <= int(text.replace(" ", "")) <= self.highest:
            limits = {"lowest": self.lowest, "highest": self.highest}
            raise ValidationError(self.error_messages["invalid"], code="invalid", params=limits)
        return int(text.replace(" ", ""))


class PlainField(forms.CharField):
    """A line of words."""

    def to_python(self, value: Any) -> str:
        """The words as `plain` makes them."""
        return plain(super().to_python(value) or "")


class EmailField(forms.EmailField):
    """An e-mail address, of which nothing is invisible."""

    def to_python(self, value: Any) -> str:
        """The address as `plain` makes it."""
        return plain(super().to_python(value) or "")


class LinesField(forms.CharField):
    """A text of several lines."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        """The text as `lines` makes it."""
        return lines(super().to_python(value) or "")


class NumberField(forms.CharField):
    """A number that is a name, of exactly `digits` digits; `invalid` of its messages says what to write."""

    def __init__(self, *, digits: int, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(max_length=40, **options)
        self.digits = digits

    def to_python(self, value: Any) -> str:
        """The digits as `number` makes them."""
        found = number(super().to_python(value) or "")
        if found and not (found.isascii() and found.isdigit() and len(found) == self.digits):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found
