"""Locks for what no row stands for; docs/locking.md says what each is for and what may be locked beside it."""

import zlib
from collections.abc import Iterable
from enum import IntEnum

from django.db import connection


class Lock(IntEnum):
    """The classes of these locks in the whole database: "CRS" in hexadecimal, and a number."""

    INVITATIONS = 0x43525301
    REGISTRATIONS_OF_A_PHONE = 0x43525302
    STOCK_IMPORT = 0x43525303
    DAY_OF_A_SITE = 0x43525304
    CERTIFICATES_OF_AN_ISSUER = 0x43525305
    GROUP_RULES = 0x43525306
    WAITING_SUMMARY = 0x43525307
    CALENDAR_OF_A_SITE = 0x43525308
    FREE_SEATS = 0x43525309
    REPLANS = 0x43525310
    PINS_OF_A_PHONE = 0x43525316
    MESSAGE_OF_A_CARRIER = 0x43525317
    REVOCATION_BATCHES = 0x43525318
    AUTOMATIC_LETTERS = 0x43525319
    SIGNING_KEYS = 0x43525320
    TRUST_LIST = 0x43525321
    REPLAY = 0x43525322
    REGISTER_IMPORT = 0x43525330
    CAMPAIGN = 0x43525331


def take(lock: Lock, key: str = "") -> None:
    """Wait for the lock of this class and `key`, and hold it until the transaction ends.

    Two keys with one checksum wait for each other needlessly, no more.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [lock, _number(key)])


def take_all(lock: Lock, keys: Iterable[str]) -> None:
    """Take the locks of all `keys`, in one order for everybody, so that two who share some of them close no ring."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, number) FROM unnest(%s::int[]) AS number",
            [lock, sorted(set(map(_number, keys)))],
        )


def take_shared(lock: Lock, key: str = "") -> None:
    """Hold the lock together with others who take it so; whoever takes it by `take` waits for all of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [lock, _number(key)])


def take_if_free(lock: Lock, key: str = "") -> bool:
    """Hold the lock until the transaction ends, or return False where somebody else holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [lock, _number(key)])
        (is_ours,) = cursor.fetchone() or (False,)
    return bool(is_ours)


def hold_shared(lock: Lock) -> None:
    """Hold the lock together with others who hold it so, until the connection to the database ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s, %s)", [lock, _number("")])


def hold_shared_if_free(lock: Lock) -> bool:
    """The same where nobody holds it yet, else False: of two at once one is first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [lock, _number("")])
        (is_ours,) = cursor.fetchone() or (False,)
        if is_ours:
            # Held alone and shared, then shared only: nobody comes in between.
            hold_shared(lock)
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [lock, _number("")])
    return bool(is_ours)


def release(lock: Lock) -> None:
    """Give up what `hold_shared` holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_shared(%s, %s)", [lock, _number("")])


def _number(key: str) -> int:
    return zlib.crc32(key.encode()) >> 1
