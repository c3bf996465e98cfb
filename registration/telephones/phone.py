"""Telephone numbers as people type them."""

import re

import phonenumbers
from django.conf import settings
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from crs import typed
from crs.no_break import NO_BREAK_SPACE, breakable
from registration.telephones.errors import InvalidPhone, NoSmsThere, NoSmsToCountry, PhoneDoesNotExist, PhoneHasLetters

HOME = "CZ"
# What links of pages, visiting cards and people write before a number.
_NAMES = (
    *("telefonní", "telefonni", "telefon", "tel", "mobilní", "mobilni", "mobil", "mob", "číslo", "cislo", "č"),
    *("whatsapp", "callto", "phone", "gsm", "sms", "t", "m"),
)
# '+44 (0)20…': dialled at home only.
_TRUNK_ZERO = re.compile(r"(\(?(?:\+|(?<![0-9])00)[0-9]{1,3}\)?)\(0\)")
# Where an SMS arrives. In many countries (the USA among them) a number does not tell.
_WITH_SMS = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def parse(text: str) -> str:
    """The number in E.164 from '601 234 567', '+420…', '00420…' or a foreign one with + or 00.

    Raises a subclass of InvalidPhone: letters, no such number, or no SMS can come there.
    """
    return _checked(text, types=_WITH_SMS)


def parse_any(text: str) -> str:
    """The number in E.164, that of a landline too. Raises as `parse` does for letters and for no such number."""
    return _checked(text, types=None)


def parse_for_sms(text: str) -> str:
    """The number in E.164 as `parse` gives it, if its country is one to which SMS are sent (`SMS_COUNTRIES`).

    The one place that says which numbers get an SMS. It guards the first step only: a telephone that was
    proven keeps getting what is due to it, also when the list grows shorter. Raises as `parse` does, and
    NoSmsToCountry; a satellite number has no country.
    """
    phone = parse(text)
    # Not the code of the country: +7 is Kazakhstan's too, +44 that of Jersey, +1 that of twenty islands.
    if phonenumbers.region_code_for_number(phonenumbers.parse(phone, HOME)) not in settings.SMS_COUNTRIES:
        raise NoSmsToCountry
    return phone


def calling_code(phone: str) -> int:
    """The code of the country with which a number in E.164 begins, such as 420."""
    return phonenumbers.parse(phone, HOME).country_code or 0


def readable(phone: str) -> str:
    """The number in groups on one line, for a page: at home without the code of the country."""
    number = phonenumbers.parse(phone, HOME)
    is_home = phonenumbers.region_code_for_number(number) == HOME
    form = PhoneNumberFormat.NATIONAL if is_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form).replace(" ", NO_BREAK_SPACE)


def as_typed(phone: str) -> str:
    """The number in groups as people type them, for a field."""
    return breakable(readable(phone))


def _checked(text: str, *, types: tuple[int, ...] | None) -> str:
    """The number in E.164; with `types` only one of these kinds."""
    compact = typed.unnamed(_TRUNK_ZERO.sub(r"\1", typed.number(text)), *_NAMES)
    # phonenumbers would turn letters into digits ('vanity' numbers) and read extensions.
    if re.search(r"[^0-9+]", compact):
        raise PhoneHasLetters
    try:
        number = phonenumbers.parse(compact, HOME)
    except NumberParseException as error:
        raise InvalidPhone from error
    if not phonenumbers.is_valid_number(number):
        raise PhoneDoesNotExist
    if types is not None and phonenumbers.number_type(number) not in types:
        raise NoSmsThere
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
