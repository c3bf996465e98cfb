"""The evidence number of a certificate: an EAN-13 of the range that GS1 leaves to each house."""

import secrets

PREFIX = "2"
LENGTH = 13


def new() -> str:
    """A random number with its check digit. Whether it is taken only the database knows."""
    body = PREFIX + f"{secrets.randbelow(10 ** (LENGTH - 2)):011}"
    return body + _check_digit(body)


def is_right(text: str) -> bool:
    """Whether the text is such a number: 13 digits, the prefix, the check digit."""
    is_number = len(text) == LENGTH and text.isascii() and text.isdigit() and text.startswith(PREFIX)
    return is_number and text[-1] == _check_digit(text[:-1])


def _check_digit(body: str) -> str:
    """GS1's digit over the first twelve: weights 1 and 3 from the left."""
    return str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10)
