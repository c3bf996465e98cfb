"""The unique identifier of a certificate (UVCI; eHealth Network guidelines, annex 2)."""

import secrets

# No 0 and 1, which people take for O and I; this is how Czechia writes them.
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ23456789"
LENGTH = 32
_random = secrets.SystemRandom()


def new_uvci(country: str) -> str:
    """A random identifier, without a check character as Czech ones are: URN:UVCI:01:CZ: and 32 letters and digits."""
    return f"URN:UVCI:01:{country}:" + "".join(_random.choices(LETTERS, k=LENGTH))
