"""How a registration code and the key of a batch are written: digits alone, the last of which checks the others.

Digits, because a code is read out on the telephone, and typed by people over 80: by ear B, D, P and T are one letter,
by sight O is 0. On paper they stand in fours with hyphens, which a spreadsheet takes for words and not for a number.
"""

from stdnum.iso7064 import mod_11_10

from crs import typed
from registration.codes.errors import CodeCheckFails, CodeHasOtherSigns, CodeTooLong, CodeTooShort, MistypedKey

CODE_DIGITS = 12
KEY_DIGITS = 20
# As people copy it from the paper.
_NAMES = ("registrační", "registracni", "kód", "kod")
# What people type for a digit: Latin and Cyrillic letters of its shape. No code has a letter, so nothing is guessed.
_LOOKALIKES = str.maketrans("OoОоIilІі", "000011111")


def checked(number: int, *, digits: int) -> str:
    """So many digits made of a number, of which it has more than enough: its last ones, and the check digit."""
    body = f"{number % 10 ** (digits - 1):0{digits - 1}}"
    return f"{body}{mod_11_10.calc_check_digit(body)}"


def grouped(digits: str) -> str:
    """The digits in fours, for paper and screen."""
    return "-".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def read_code(text: str) -> str:
    """The twelve digits of a code as typed.

    Raises CodeHasOtherSigns, CodeTooShort, CodeTooLong, CodeCheckFails, which are typing mistakes and no tries.
    """
    digits = _digits(text, *_NAMES)
    if digits and not (digits.isascii() and digits.isdigit()):
        raise CodeHasOtherSigns
    if len(digits) != CODE_DIGITS:
        raise CodeTooShort if len(digits) < CODE_DIGITS else CodeTooLong
    if not mod_11_10.is_valid(digits):
        raise CodeCheckFails
    return digits


def read_key(text: str) -> str:
    """The twenty digits of a key as typed. Raises MistypedKey."""
    digits = _digits(text)
    if not (digits.isascii() and digits.isdigit() and len(digits) == KEY_DIGITS and mod_11_10.is_valid(digits)):
        raise MistypedKey
    return digits


def _digits(text: str, *names: str) -> str:
    """Digits of any script as ordinary ones, without separators; what is none of them stays."""
    return typed.number(typed.unnamed(text.replace("|", "1"), *names).translate(_LOOKALIKES))
