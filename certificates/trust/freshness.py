"""How old our knowledge of other states is: of their signers, and of what they revoked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from certificates.models import ListReading


@dataclass(frozen=True)
class ListAge:
    """The date of the oldest of the lists of one kind that we read: the last reading of each source counts.

    A list that is over by its own word goes before an older one that is not.
    """

    source: str
    issued_at: datetime
    age: timedelta
    is_old: bool


@dataclass(frozen=True)
class Freshness:
    """None: no list of this kind was ever read, so we know nothing of other states."""

    trust: ListAge | None
    revocation: ListAge | None

    @property
    def is_old(self) -> bool:
        """Whether something that we read is old."""
        return any(list_age is not None and list_age.is_old for list_age in (self.trust, self.revocation))


def freshness(now: datetime) -> Freshness:
    """The ages at `now`, against `CERTIFICATE_LISTS_HOURS` and each list's own end; one query."""
    last = list(ListReading.objects.order_by("kind", "source", "-read_at", "-pk").distinct("kind", "source"))
    return Freshness(
        trust=_oldest((reading for reading in last if reading.kind == ListReading.Kind.TRUST), now),
        revocation=_oldest((reading for reading in last if reading.kind == ListReading.Kind.REVOCATION), now),
    )


def _oldest(readings: Iterable[ListReading], now: datetime) -> ListAge | None:
    ages = [_age(reading, now) for reading in readings]
    return min(ages, key=lambda age: (not age.is_old, age.issued_at), default=None)


def _age(reading: ListReading, now: datetime) -> ListAge:
    # A list of a clock that is ahead of ours is not younger than new.
    age = max(now - reading.issued_at, timedelta(0))
    is_old = age > timedelta(hours=settings.CERTIFICATE_LISTS_HOURS)
    is_over = reading.expires_at is not None and reading.expires_at <= now
    return ListAge(reading.source, reading.issued_at, age, is_old or is_over)
