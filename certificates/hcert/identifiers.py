"""The unique identifier of a certificate (UVCI; eHealth Network guidelines, annex 2)."""

import secrets

# No 0 and 1, which people take for O and I; this is how Czechia writes them.
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ23456789"
LENGTH = 32
_CHECKED = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:"
_random = secrets.SystemRandom()


def new_uvci(country: str) -> str:
    """A random identifier, without a check character as Czech ones are: URN:UVCI:01:CZ: and 32 letters and digits."""
    return f"URN:UVCI:01:{country}:" + "".join(_random.choices(LETTERS, k=LENGTH))


def check_character(text: str) -> str:
    """The character after '#' for the text before it: Luhn's sum over 38 letters. Raises ValueError for other letters.

    For what we issue and for tests. Verifying never looks at it: many genuine codes have a wrong one.
    """
    total = 0
    for place, letter in enumerate(reversed(text)):
        value = _CHECKED.index(letter) * (1 if place % 2 else 2)
        total += value // len(_CHECKED) + value % len(_CHECKED)
    return _CHECKED[-total % len(_CHECKED)]
