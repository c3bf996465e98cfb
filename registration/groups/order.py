"""The place of a person in the order of invitations, as an honest range with the day on which it was computed.

The order is known above, where people are invited; it tells this module how to ask (`set_source`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from registration.models import Registration


@dataclass(frozen=True)
class Estimate:
    """From `low` to `high` people wait before the person, by what was known at `computed_at`."""

    low: int
    high: int
    computed_at: datetime


Source = Callable[[Registration, datetime], Estimate | None]


class _Asked:
    source: Source | None = None


def set_source(source: Source) -> None:
    """Say who knows the order; the room above calls it at start-up."""
    _Asked.source = source


def estimate(registration: Registration, now: datetime) -> Estimate | None:
    """How many people wait before the person; None where they do not wait, or nothing was computed yet."""
    return None if _Asked.source is None else _Asked.source(registration, now)
