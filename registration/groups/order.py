"""The place of a person in the order of invitations, as an honest range with the day on which it was computed.

The order is known above, where people are invited; it tells this module how to ask (`set_source`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from registration.groups.eligibility import Facts
from registration.models import Registration


@dataclass(frozen=True)
class Weeks:
    """From `low` to `high` weeks; without `high` nobody can say how many at most."""

    low: int
    high: int | None


@dataclass(frozen=True)
class Estimate:
    """From `low` to `high` people wait before the person, by what was known at `computed_at`.

    `weeks` is how long the wait will probably be; None where too few people were served lately to say, and where nobody
    knows yet when the person's group is invited.
    """

    low: int
    high: int
    computed_at: datetime
    weeks: Weeks | None = None


Source = Callable[[Registration, datetime], Estimate | None]
# By facts and regions (codes) alone.
SourceOf = Callable[[Facts, set[str], datetime], Estimate | None]


class _Asked:
    source: Source | None = None
    source_of: SourceOf | None = None


def set_source(source: Source, source_of: SourceOf) -> None:
    """Say who knows the order; the room above calls it at start-up."""
    _Asked.source, _Asked.source_of = source, source_of


def estimate(registration: Registration, now: datetime) -> Estimate | None:
    """How many people wait before the person; None where they do not wait, or nothing was computed yet."""
    return None if _Asked.source is None else _Asked.source(registration, now)


def estimate_of(facts: Facts, regions: set[str], now: datetime) -> Estimate | None:
    """The same for somebody who is not registered, but would wait with these `facts` in these `regions`."""
    return None if _Asked.source_of is None else _Asked.source_of(facts, regions, now)
