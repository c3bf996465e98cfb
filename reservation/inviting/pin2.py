"""PIN2: eight digits with which a person logs in to reserve."""

import re
import secrets

from crs import typed
from crs.keyed_hash import keyed_hash
from reservation import errors

PIN2_DIGITS = 8
FIRST_PIN_DIGITS = 6
# The 2 of its name is no digit of it. Where nothing stands between them, only the length tells.
_NAME = re.compile(r"^\W*pin[\W_]?2(?!\d)", re.IGNORECASE)


def new_pin2() -> str:
    """Eight random digits."""
    return f"{secrets.randbelow(10**PIN2_DIGITS):0{PIN2_DIGITS}}"


def parse(text: str) -> str:
    """The eight digits of a typed PIN2; what is copied with them does not matter.

    Raises FirstPinTyped or MalformedPin2.
    """
    digits = typed.unnamed(_NAME.sub("", typed.ordinary(text)), "pin")
    if len(digits) > PIN2_DIGITS and typed.number(text).lower().startswith("pin2"):
        digits = digits.removeprefix("2")
    length = len(digits) if digits.isascii() and digits.isdigit() else 0
    if length != PIN2_DIGITS:
        raise errors.FirstPinTyped if length == FIRST_PIN_DIGITS else errors.MalformedPin2
    return digits


def pin2_hash(registration_id: int, pin2: str) -> str:
    """Hash a PIN2 as it is kept; two people with equal digits have different hashes."""
    return keyed_hash("pin2", str(registration_id), pin2)


def shown(pin2: str) -> str:
    """PIN2 as people read and type it: 1234 5678."""
    return f"{pin2[:4]} {pin2[4:]}"
