"""A random sample of reservations for an auditor, which anybody can draw again.

The reservations of the days are put in the order of MD5 of "SEED:KEY", and the first ones are the sample: whoever has
the keys can check it with any tool. A day that is over gets no further reservation, and the region is the one of that
moment, so the sample stays what it was.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import MD5, Cast, Concat
from django.utils import timezone

from logistics.models import Region
from reservation.models import ReservationGrounds

LARGEST = 500
LARGEST_SEED = 999_999_999


@dataclass(frozen=True)
class Asked:
    """Which reservations: confirmed from the day `first` to `last`, for sites in `region` or everywhere."""

    size: int
    first: date
    last: date
    seed: int
    region: Region | None = None


@dataclass(frozen=True)
class Sample:
    """The reservations that were drawn, and of how many."""

    asked: Asked
    of: int
    drawn: Sequence[ReservationGrounds]


def draw(asked: Asked) -> Sample:
    """The sample; it is the same for the same question."""
    found = ReservationGrounds.objects.filter(
        decided_at__gte=_midnight(asked.first), decided_at__lt=_midnight(asked.last + timedelta(days=1))
    )
    if asked.region is not None:
        found = found.filter(region=asked.region)
    key = Cast("reservation", CharField())
    in_chance = found.order_by(MD5(Concat(Value(f"{asked.seed}:"), key)), "reservation")
    return Sample(asked, found.count(), list(with_people(in_chance)[: asked.size]))


def new_seed() -> int:
    """The number of a draw that nobody chose."""
    return 1 + secrets.randbelow(LARGEST_SEED)


def with_people(grounds: QuerySet[ReservationGrounds]) -> QuerySet[ReservationGrounds]:
    """With all that a check of them reads."""
    return grounds.select_related("rule__group", "invitation", "reservation__registration__person").prefetch_related(
        "reservation__registration__priority_claims", "reservation__appointments__slot__site__district"
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
