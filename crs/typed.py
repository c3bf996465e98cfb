"""What people type, paste and scan, made plain before anything looks at it."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

# What the digits and the hyphen give where a scanner types as if the keyboard were English and the computer reads it as
# Czech or Slovak (ľ and ť); the digits with Shift or Caps Lock too. Of all keys: crs/keyboards.py.
CZECH_KEYS = str.maketrans("+ěľščřťžýáíéĚĽŠČŘŤŽÝÁÍÉ=", "12234556789022345567890-")
# Between the digits of a number they mean nothing; '-' and '/' change places on the two keyboards. Dashes of every kind
# are separators too, and so is the frame around a digit of a telephone's row of pictures.
_SEPARATORS = frozenset(" /\\|.·•‧∙,;:_~#'\"`´’‘‚‛“”„«»‹›ʹʼ′−⁄∕\u20e3")
_BRACKETS = dict.fromkeys(map(ord, "()[]{}<>"))
# What writing programs and telephones put in the place of a keyboard's signs.
_SIGNS = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-") | dict.fromkeys(map(ord, "⁄∕"), "/")
_SIGNS_OF_ADDRESSES = _SIGNS | dict.fromkeys(map(ord, "’‘ʼ′"), "'") | dict.fromkeys(map(ord, "。｡"), ".")
# As a letter's program copies an address: Jana Nováková <jana@seznam.cz>.
_IN_BRACKETS = re.compile(r"[^<>]*<([^<>]+)>[^<>@]*")
_MAILTO = re.compile(r"^(?:e-?)?mail(?:to)?(?::| (?! *@))[^\w@]*|(?<=\S)\?\w+=.*$", re.IGNORECASE)
_AROUND_AN_ADDRESS = " .,;:<>()[]\"'„“”‚‘’«»‹›/\\"
_OTHER_WIDTHS = ("<wide>", "<narrow>", "<small>", "<compat>", "<font>", "<noBreak>")
# Format, control, surrogate and private characters: nobody sees them.
_UNSEEN = ("Cf", "Cc", "Cs", "Co")
# Nor these, which are marks and letters to Unicode: joiners, fillers of syllables, choices between shapes of one sign.
_UNSEEN_MARKS = (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10))
# These look like a space: the two Korean fillers that people send as an empty name, and the empty sign of braille.
_BLANKS = (0x2800, 0x3164, 0xFFA0)
_SEEN = dict.fromkeys((*_UNSEEN_MARKS, *range(0xE0000, 0xE1000)), None) | dict.fromkeys(_BLANKS, " ")


def plain(text: str) -> str:
    """The text in composed letters, with single ordinary spaces and without invisible characters."""
    visible = (
        " " if character.isspace() else character
        for character in text.translate(_SEEN)
        if character.isspace() or unicodedata.category(character) not in _UNSEEN
    )
    # Composed only now: an invisible character may have stood between a letter and its mark.
    return unicodedata.normalize("NFC", " ".join("".join(visible).split()))


def without_marks(text: str) -> str:
    """The text without invisible marks of writing, such as a soft hyphen; a scanner's control signs stay."""
    return "".join(character for character in text.translate(_SEEN) if unicodedata.category(character) != "Cf")


def ordinary(text: str) -> str:
    """The text as `plain` makes it, in ordinary letters: wide ones become narrow, digits of any script 0 to 9."""
    return plain("".join(_ordinary(character) for character in plain(text)))


def signs_of_a_keyboard(text: str) -> str:
    """The text with '-' for dashes of every kind, and '/' for slashes."""
    return text.translate(_SIGNS)


def _ordinary(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    # A raised or circled digit is a mark at the text, not a digit of it.
    kind = unicodedata.decomposition(character).split(" ")[0]
    return unicodedata.normalize("NFKC", character) if kind in _OTHER_WIDTHS else character


def lines(text: str) -> str:
    """A text of several lines, each of them plain, without empty ones at its beginning and end."""
    return "\n".join(plain(line) for line in text.splitlines()).strip()


def number(text: str) -> str:
    """A number of digits or Latin letters as typed, without separators; what is no separator stays.

    Digits of any script become 0 to 9. A text made only of the signs of the Czech row of digits is read as a scanner
    with an English keyboard meant it: '+ěš' is 123.
    """
    if text.isascii() and text.isdecimal():
        return text  # as millions of lines of files have it
    compact = "".join(character for character in ordinary(text) if not _is_separator(character))
    compact = ordinary(compact)
    meant = compact.translate(CZECH_KEYS)
    return meant if meant.isdecimal() and not any(one.isdecimal() for one in compact) else compact


def unnamed(text: str, *names: str) -> str:
    """A number as `number` makes it, without brackets and without its `names` before it: 'PIN: (123456)' is 123456.

    The names are words in small letters, a longer one before its beginning.
    """
    compact = number(text).translate(_BRACKETS)
    while name := next((one for one in names if compact.lower().startswith(one)), ""):
        compact = compact[len(name) :]
    return number(compact)


def _is_separator(character: str) -> bool:
    return character in _SEPARATORS or unicodedata.category(character) == "Pd"


def email(text: str) -> str:
    """An e-mail address without what is copied with it.

    That is 'mailto:', a name before '<…>', signs at both ends, and spaces beside '@' and dots. Dashes, apostrophes and
    dots of other kinds, which writing programs put there, are those of a keyboard.
    """
    address = ordinary(text).translate(_SIGNS_OF_ADDRESSES)
    while (shorter := _without_what_is_copied(address)) != address:
        address = shorter
    return address


def _without_what_is_copied(address: str) -> str:
    if found := _IN_BRACKETS.fullmatch(address):
        address = found[1]
    address = _MAILTO.sub("", address.strip(_AROUND_AN_ADDRESS))
    return re.sub(r" *([@.]) *", r"\1", address)


class TypedField(forms.CharField):
    """A field for what people type. No browser cuts what is too long for it: the answer says so in words."""

    # Where the form names no `max_length`.
    longest: int | None = 1000

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", self.longest)
        super().__init__(**options)

    def cleaned(self, text: str) -> str:
        """The text before anything looks at it."""
        return plain(text)

    def to_python(self, value: Any) -> Any:
        """The value of the text as `cleaned` makes it."""
        if value in self.empty_values:
            return super().to_python(value)
        text = str(value)
        # Cleaning takes a while. What is far too long, with signs that nobody sees too, is refused as it is.
        is_far_too_long = self.max_length is not None and len(text) > 4 * self.max_length + 100
        return super().to_python(text if is_far_too_long else self.cleaned(text))

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No `maxlength`: with it, browsers cut what is pasted, in silence."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


class PlainField(TypedField):
    """A line of words."""


class LinesField(TypedField):
    """A text of several lines."""

    widget = forms.Textarea

    def cleaned(self, text: str) -> str:
        """The text as `lines` makes it."""
        return lines(text)


class ScanField(TypedField):
    """What a scanner reads, or a person types in its place: its control signs part it, so they stay."""

    def cleaned(self, text: str) -> str:
        """The text without invisible marks of writing."""
        return without_marks(text)


class PasswordField(TypedField):
    """A password, of which every sign counts."""

    widget = forms.PasswordInput

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def cleaned(self, text: str) -> str:
        """The text as it is."""
        return text


class SlugField(TypedField, forms.SlugField):
    """A short name for programs, of Latin letters, digits, hyphens and underscores."""


class UrlField(TypedField, forms.URLField):
    """An address of the web."""

    longest = 2000


class EmailField(TypedField, forms.EmailField):
    """An e-mail address. Its part before '@' has Latin letters without marks; no part has letters of two alphabets."""

    longest = 320
    default_error_messages = {
        "accented": _(
            "Before @ an e-mail address has only letters without marks. Please check the letter %(letter)s: it may be "
            "one of another keyboard."
        ),
        "mixed": _(
            "The letter %(letter)s after @ is not a Latin one, although it looks like one. Please type the address "
            "again on a Latin keyboard."
        ),
    }

    def cleaned(self, text: str) -> str:
        """The address as `email` makes it."""
        return email(text)

    def run_validators(self, value: Any) -> None:
        """Say which letter is wrong where one is: it looks right to whoever typed it."""
        name, _at, domain = (value or "").rpartition("@")
        if letter := next((one for one in name if one.isalpha() and not one.isascii()), ""):
            raise ValidationError(self.error_messages["accented"], code="accented", params={"letter": letter})
        for label in domain.split("."):
            others = [one for one in label if one.isalpha() and not _is_latin(one)]
            if others and len(others) < sum(one.isalpha() for one in label):
                raise ValidationError(self.error_messages["mixed"], code="mixed", params={"letter": others[0]})
        if not all(one in "-.·・" or unicodedata.category(one)[0] in "LM" or one.isdecimal() for one in domain):
            raise ValidationError(self.error_messages.get("invalid", validate_email.message), code="invalid")
        super().run_validators(value)


class NumberField(TypedField):
    """A number that is a name, of exactly `digits` digits; `invalid` of its messages says what to write."""

    def __init__(self, *, digits: int, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(max_length=40, **options)
        self.digits = digits

    def cleaned(self, text: str) -> str:
        """The digits as `unnamed` makes them."""
        return unnamed(text)

    def to_python(self, value: Any) -> Any:
        """The digits."""
        found = super().to_python(value)
        if found and not (found.isascii() and found.isdigit() and len(found) == self.digits):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found


def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN ")
