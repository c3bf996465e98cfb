"""Telephone numbers as people type them."""

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from registration.errors import InvalidPhone, NoSmsThere, PhoneDoesNotExist, PhoneHasLetters

HOME = "CZ"
# Where an SMS arrives. In many countries (the USA among them) a number does not tell.
_WITH_SMS = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def parse(text: str) -> str:
    """The number in E.164 from '601 234 567', '+420…', '00420…' or a foreign one with + or 00.

    Raises a subclass of InvalidPhone: letters, no such number, or no SMS can come there.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    # phonenumbers would turn letters into digits ('vanity' numbers) and read extensions.
    if re.search(r"[^0-9+()/.\-\s‐-―]", plain):
        raise PhoneHasLetters
    try:
        number = phonenumbers.parse(plain, HOME)
    except NumberParseException as error:
        raise InvalidPhone from error
    if not phonenumbers.is_valid_number(number):
        raise PhoneDoesNotExist
    if phonenumbers.number_type(number) not in _WITH_SMS:
        raise NoSmsThere
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def readable(phone: str) -> str:
    """The number in groups for a page: at home without the code of the country."""
    number = phonenumbers.parse(phone, HOME)
    is_home = phonenumbers.region_code_for_number(number) == HOME
    form = PhoneNumberFormat.NATIONAL if is_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)
