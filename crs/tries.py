"""Counts tries of what can be guessed, in the database: a cache that is away must neither free nor lock anybody.

A try is counted before it is looked at, in one statement, so many at once are not more than many one by one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.http import HttpRequest

from crs import client_address, rates
from crs.errors import TooManyTries
from crs.keyed_hash import keyed_hash
from crs.models import Tries
from crs.plain_sql import execute

_COUNT = """
    INSERT INTO crs_tries AS t (key, count, ends_at)
    VALUES (%(key)s, 1, %(end)s)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN t.ends_at <= %(now)s THEN 1 ELSE t.count + 1 END,
        ends_at = CASE WHEN t.ends_at <= %(now)s OR t.count + 1 = %(most)s OR %(ends_when_quiet)s
                  THEN %(end)s ELSE t.ends_at END
    WHERE t.ends_at <= %(now)s OR t.count < %(allowed)s
    RETURNING count, ends_at
"""
_TAKE_BACK = "UPDATE crs_tries SET count = count - 1 WHERE key = %(key)s AND count > 0"


@dataclass(frozen=True)
class Limit:
    """`most` tries are looked at in `period`; the last of them begins a pause of the same length.

    The count ends a `period` after its first try, so around that end nearly two counts may fall into one `period`.
    With `ends_when_quiet` it ends a `period` after the latest try that was looked at: never more than `most` in any.
    """

    what: str
    most: int
    period: timedelta
    ends_when_quiet: bool = False

    @classmethod
    def of(cls, what: str, rate: str) -> "Limit":
        """The limit that a setting such as "60/h" or "5/15m" stands for. Raises ValueError."""
        read = rates.rate(rate)
        return cls(what, read.count, read.period)


@dataclass(frozen=True)
class Try:
    """A try: counted, or over the limit."""

    limit: Limit
    key: str
    number: int
    allowed: int  # how many tries of this kind are looked at
    until: datetime  # when the count ends, and with it the pause

    @property
    def is_over(self) -> bool:
        """Whether it must not be looked at; then it was not counted."""
        return self.number > self.allowed

    @property
    def is_last(self) -> bool:
        """Whether a pause begins with this try if it is wrong, or has begun."""
        return self.number > self.limit.most if self.is_over else self.number == self.limit.most


def count(limit: Limit, *whose: str, now: datetime, allowed: int | None = None) -> Try:
    """Count one more try. In a transaction the count stays locked until its end, also where the try is over.

    `allowed` is for tries of which fewer are looked at than `limit.most`, such as those without a captcha. Such a try
    that is over leaves the others theirs: the pause has begun only where it `is_last`.
    """
    key, up_to = _key(limit, whose), limit.most if allowed is None else allowed
    with connection.cursor() as cursor:
        bounds = {"most": limit.most, "allowed": up_to, "ends_when_quiet": limit.ends_when_quiet}
        cursor.execute(_COUNT, {"key": key, "now": now, "end": now + limit.period, **bounds})
        counted = cursor.fetchone()
    if counted is not None:
        return Try(limit, key, counted[0], up_to, counted[1])
    full = Tries.objects.filter(key=key).first()
    if full is None:  # forgiven in this moment
        return count(limit, *whose, now=now, allowed=allowed)
    return Try(limit, key, full.count + 1, up_to, full.ends_at)


def take_back(counted: Try) -> None:
    """Uncount a try that was no guess: it was right, say."""
    if not counted.is_over:
        execute(_TAKE_BACK, {"key": counted.key})


def forgive(limit: Limit, *whose: str) -> None:
    """Begin anew."""
    Tries.objects.filter(key=_key(limit, whose)).delete()


def refuse_too_many(
    request: HttpRequest,
    *,
    what: str,
    rate: str,
    now: datetime,
    browser: str | None = None,
    refusal: type[TooManyTries] = TooManyTries,
) -> None:
    """Count one more `what` of the `browser`, or of the network that asks.

    Raises `refusal` where it has had its share of `rate` ("60/h").
    """
    if count(Limit.of(what, rate), browser or client_address.network_of(request), now=now).is_over:
        raise refusal


def forget_old(*, now: datetime) -> int:
    """Delete counts that mean nothing any more; returns how many."""
    return Tries.objects.filter(ends_at__lte=now).delete()[0]


def _key(limit: Limit, whose: tuple[str, ...]) -> str:
    return keyed_hash("tries", limit.what, *whose)
