"""Numbers as people type them: '1 200', '−70', '0,5'.

'1.000' is a thousand to a Czech and one to a program; '1,000' is one to a Czech and a thousand to an American. A whole
number with either is refused, never guessed. In a decimal both are the decimal sign, so '1.000' and '1,000' are one: no
decimal of ours reaches a thousand (ADR 0063). Python's own `int` and `Decimal` take more than people mean: '1_000',
'1e3', '+5'.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crs.typed import CZECH_KEYS, TypedField, plain

# As people write it: 1200, 1 200.
_WHOLE = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?: [0-9]{3})+)")
_DECIMAL = re.compile(rf"{_WHOLE.pattern}(?:[.,][0-9]+)?")
# Longer ones are no number of anything, and Python takes its time over them.
_LONGEST = 40
_MINUS = str.maketrans("−‐‑‒–－﹣", "-------")


def whole_number(text: str) -> int:
    """The whole number that stands there in digits. Raises ValueError."""
    if text.isascii() and text.isdecimal() and len(text) <= _LONGEST:
        return int(text)  # as millions of lines of files have it
    written = _written(text)
    if not _WHOLE.fullmatch(written):
        raise ValueError("no whole number")
    return int(written.replace(" ", ""))


def decimal_number(text: str) -> Decimal:
    """The number, with a decimal comma or point. Raises ValueError."""
    written = _written(text)
    if not _DECIMAL.fullmatch(written):
        raise ValueError("no number")
    return Decimal(written.replace(" ", "").replace(",", "."))


class IntegerField(forms.IntegerField):
    """A whole number, negative too where its limits let it be."""

    widget = forms.TextInput
    default_error_messages = {"invalid": _("Write a whole number in digits, such as 1200: without a point or comma.")}

    def to_python(self, value: Any) -> int | None:
        """The number; None where the field is empty."""
        if not isinstance(value, str):
            return super().to_python(value)
        try:
            return whole_number(value) if plain(value) else None
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:  # noqa: D102
        return super().widget_attrs(widget) | _keyboard(widget, "numeric", self.min_value)


class DecimalField(forms.DecimalField):
    """A number with a decimal comma or point."""

    widget = forms.TextInput
    default_error_messages = {"invalid": _("Write a number in digits, such as 0,5.")}

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # as Django's own
        """The number; None where the field is empty."""
        if not isinstance(value, str):
            return super().to_python(value)
        try:
            return decimal_number(value) if plain(value) else None
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:  # noqa: D102
        return super().widget_attrs(widget) | _keyboard(widget, "decimal", self.min_value)


class WholeNumberField(TypedField):
    """A whole number from `lowest` to `highest` as people write it, '1 200', '15 min'; an empty one is None.

    It may end with one of `units`.
    """

    default_error_messages = {"invalid": _("Write a whole number from %(lowest)d to %(highest)d.")}

    def __init__(self, *, lowest: int, highest: int, units: tuple[str, ...] = (), **options: Any) -> None:
        widget = forms.TextInput({"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(max_length=_LONGEST, widget=widget, **options)
        self.lowest, self.highest, self.units = lowest, highest, units

    def clean(self, value: Any) -> Any:
        """The number."""
        text = plain(super().clean(value) or "").lower()
        if not text:
            return None
        for unit in self.units:
            text = text.removesuffix(unit).rstrip()
        if not any(character.isdigit() for character in text):
            text = text.translate(CZECH_KEYS)
        try:
            number = whole_number(text)
        except ValueError:
            number = None
        if number is None or not self.lowest <= number <= self.highest:
            limits = {"lowest": self.lowest, "highest": self.highest}
            raise ValidationError(self.error_messages["invalid"], code="invalid", params=limits)
        return number


def _written(text: str) -> str:
    """The text with ordinary digits, spaces and minus. Signs that only look like digits, such as ², stay."""
    if len(text) > _LONGEST:
        raise ValueError("longer than any number")
    digits = "".join(str(unicodedata.decimal(one, one)) for one in plain(text))
    return digits.translate(_MINUS)


def _keyboard(widget: forms.Widget, keys: str, lowest: Any) -> dict[str, Any]:
    """The keyboard that a telephone shows; that of digits has no minus on some."""
    if not isinstance(widget, forms.TextInput):
        return {}
    return {"autocomplete": "off"} | ({"inputmode": keys} if lowest is not None and lowest >= 0 else {})
