"""What people type, paste and scan, made plain before anything looks at it."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

# What the digits and the hyphen give where a scanner types as if the keyboard were English and the computer reads it as
# Czech or Slovak (ľ and ť); the digits with Shift or Caps Lock too. Of all keys: crs/keyboards.py.
CZECH_KEYS = str.maketrans("+ěľščřťžýáíéĚĽŠČŘŤŽÝÁÍÉ=", "12234556789022345567890-")
# Between the digits of a number they mean nothing; '-' and '/' change places on the two keyboards.
_SEPARATORS = frozenset(" -‐‑‒–—―−/.·")
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
