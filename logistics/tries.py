"""Counts tries of what can be guessed, in the database: a cache that is away must neither free nor lock anybody.

A try is counted before it is looked at, in one statement, so many at once are not more than many one by one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F
from django.http import HttpRequest

from crs import client_address, rates
from crs.keyed_hash import keyed_hash
from logistics.models import Tries

_COUNT = """
    INSERT INTO logistics_tries AS t (key, count, ends_at)
    VALUES (%(key)s, 1, %(end)s)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN t.ends_at <= %(now)s THEN 1 ELSE LEAST(t.count, %(most)s) + 1 END,
        ends_at = CASE WHEN t.ends_at <= %(now)s OR t.count + 1 = %(most)s THEN %(end)s ELSE t.ends_at END
    RETURNING count, ends_at
"""


@dataclass(frozen=True)
class Limit:
    """`most` tries are looked at in `period`; the last of them begins a pause of the same length."""

    what: str
    most: int
    period: timedelta

    @classmethod
    def of(cls, what: str, rate: str) -> "Limit":
        """The limit that a setting such as "60/h" or "5/15m" stands for. Raises ValueError."""
        read = rates.rate(rate)
        return cls(what, read.count, read.period)


@dataclass(frozen=True)
class Try:
    """A try that was counted."""

    what: str
    number: int
    most: int
    until: datetime  # when the count ends, and with it the pause

    @property
    def is_over(self) -> bool:
        """Whether it must not be looked at."""
        return self.number > self.most

    @property
    def is_last(self) -> bool:
        """Whether a pause begins with this try if it is wrong."""
        return self.number >= self.most


def count(limit: Limit, *whose: str, now: datetime) -> Try:
    """Count one more try."""
    end = now + limit.period
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": _key(limit, whose), "most": limit.most, "now": now, "end": end})
        number, until = cursor.fetchone()
    return Try(limit.what, number, limit.most, until)


def take_back(limit: Limit, *whose: str) -> None:
    """Uncount a try that was right."""
    Tries.objects.filter(key=_key(limit, whose), count__gt=0).update(count=F("count") - 1)


def forgive(limit: Limit, *whose: str) -> None:
    """Begin anew."""
    Tries.objects.filter(key=_key(limit, whose)).delete()


def is_too_much(request: HttpRequest, *, what: str, rate: str, now: datetime, browser: str | None = None) -> bool:
    """Count one more `what` of the `browser` or the network that asks; whether it had its share of `rate` ("60/h")."""
    return count(Limit.of(what, rate), browser or client_address.network_of(request), now=now).is_over


def forget_old(*, now: datetime) -> int:
    """Delete counts that mean nothing any more; returns how many."""
    return Tries.objects.filter(ends_at__lte=now).delete()[0]


def _key(limit: Limit, whose: tuple[str, ...]) -> str:
    return keyed_hash("tries", limit.what, *whose)
