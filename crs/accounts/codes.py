"""Codes that people read from an e-mail or from paper and type."""

import secrets

from crs import typed

# Without 0, O, 1, I and L, which are taken for one another.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def random_code(length: int) -> str:
    """A random code of letters and digits that cannot be taken for one another."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def grouped(code: str, size: int) -> str:
    """The code in groups of `size`, for reading and typing."""
    return " ".join(code[start : start + size] for start in range(0, len(code), size))


def plain(code: str) -> str:
    """The typed code in capitals, without separators."""
    return typed.number(code).upper()
