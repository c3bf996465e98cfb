"""Registration numbers: nine digits, the last of which checks the others."""

from django.db import connection
from stdnum.iso7064 import mod_11_10

from crs.keyed_hash import keyed_hash

SEQUENCE = "registration_number_seq"
LENGTH = 9


def next_number() -> str:
    """A number that nobody has: eight digits from the database's sequence and a check digit.

    ISO 7064 mod 11,10 finds every single wrong digit and nearly every swap of two. A rolled-back
    transaction leaves a gap; nothing counts on there being none.
    """
    return next_numbers(1)[0]


def next_numbers(count: int) -> list[str]:
    """So many numbers that nobody has, by rising size; one query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [SEQUENCE, count])
        serials = [row[0] for row in cursor.fetchall()]
    return [f"{serial}{mod_11_10.calc_check_digit(str(serial))}" for serial in serials]


def is_valid(digits: str) -> bool:
    """Whether `digits` can be a registration number: no typing mistake in it."""
    return len(digits) == LENGTH and bool(mod_11_10.is_valid(digits))


def grouped(number: str) -> str:
    """The number in threes with no-break spaces, for reading from a page."""
    return "\u00a0".join(number[start : start + 3] for start in range(0, len(number), 3))


def page_key(number: str) -> str:
    """What stands for a registration in the address of its page: it tells neither the number nor whose it is."""
    return keyed_hash("my-registration", number)[:20]
