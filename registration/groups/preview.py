"""What a planned rule would change, told before it is saved.

How many people wait, and how many pairs of seats are free, only the room above knows: it gives the figures
(`set_source`), and counts them itself, so that a million registrations come here as a few thousand rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Waiting:
    """People who are alike to every rule: no day of `cuts` parts them, and their claims are in the same states.

    They wait for PIN2 and for a first dose: no reservation holds seats for them.
    """

    birth_date: date  # of one of them, whoever it is
    claims: frozenset[tuple[str, str]]  # code of the group and `PriorityClaim.State`; standing claims only
    region: str  # code of the region where they would go; "" without preferred sites
    people: int


@dataclass(frozen=True)
class Figures:
    """Who waits, and for what there is room."""

    waiting: Sequence[Waiting]
    free_pairs: Mapping[str, int]  # pairs of seats that are promised to nobody, by code of the region
    computed_at: datetime


# Called with `cuts`, rising days: people born before a day of them, and people born on it or later, must not be counted
# in one row. Between two days of `cuts` all people with the same claims and region are one row: in SQL, GROUP BY
# width_bucket(birth_date, cuts), claims, region with min(birth_date). `now` is the moment of asking.
Source = Callable[[Sequence[date], datetime], Figures]

_source: Source | None = None


def set_source(source: Source) -> None:
    """Let the room above give the figures; called in its `AppConfig.ready`."""
    global _source
    _source = source
