"""The people who wait, counted once for many questions.

They are the preview of a rule, a person's place in the order, and how many wait for each place of the report.
The counts are three materialised views (`sql/waiting.sql`), refreshed beside their readers, who see the counts of
before until the new ones are whole.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from crs.advisory_locks import Lock, take_if_free
from registration.groups.preview import Figures, Waiting
from reservation.inviting import coming, wait
from reservation.inviting.room import rooms
from reservation.models import WaitingSummary

# In this order: the second is made of the first.
_VIEWS = ("reservation_waiting", "reservation_waiting_months", "reservation_waiting_places")
_BY_CUTS = """
SELECT min(birth_date), claims, regions, sum(people) FROM reservation_waiting
GROUP BY width_bucket(birth_date, %s::date[]), claims, regions
"""
_BY_MONTHS = """
SELECT min(earliest), max(latest), claims, regions, sum(people) FROM reservation_waiting_months
GROUP BY width_bucket(earliest, %(cuts)s::date[]), width_bucket(latest, %(cuts)s::date[]), claims, regions
"""


@dataclass(frozen=True)
class Alike:
    """People with the same claims and regions, between whose first and last date of birth no cut lies, or one month."""

    earliest: date
    latest: date
    claims: Mapping[str, str]  # state by code of the group
    regions: frozenset[str]  # of the preferred sites; empty: anywhere
    people: int


@transaction.atomic
def refresh(*, now: datetime) -> bool:
    """Count anew; False where somebody else is counting."""
    if not take_if_free(Lock.WAITING_SUMMARY):
        return False
    with connection.cursor() as cursor:
        for view in _VIEWS:
            cursor.execute(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {view}")
    # Before the room, which is counted by it.
    share = {"computed_at": now, "share_who_come": coming.measure(now)}
    WaitingSummary.objects.update_or_create(pk=1, defaults=share, create_defaults=share | {"free_pairs": {}})
    WaitingSummary.objects.update(free_pairs=rooms(now)[0].by_region())
    _count_served(timezone.localdate(now))
    return True


def _count_served(today: date) -> None:
    """Once a day: whole days are counted, and those that are over change little."""
    counted = {"day": today.isoformat()}
    if not WaitingSummary.objects.filter(served__contains=counted).exists():
        WaitingSummary.objects.update(served=counted | {"weeks": wait.served(today)})


def figures(cuts: Sequence[date], now: datetime) -> Figures:
    """The source of `registration.groups.preview`. People who can go to several regions go where most is free."""
    if (summary := latest()) is None:
        refresh(now=now)
        summary = latest() or WaitingSummary(computed_at=now, free_pairs={})
    free_pairs: dict[str, int] = summary.free_pairs
    with connection.cursor() as cursor:
        cursor.execute(_BY_CUTS, [list(cuts)])
        waiting = [
            Waiting(
                birth_date=born,
                claims=frozenset(_states(claims).items()),
                region=max(regions, key=lambda code: free_pairs.get(code, 0), default=""),
                people=people,
            )
            for born, claims, regions, people in cursor
        ]
    return Figures(waiting, free_pairs, summary.computed_at)


def latest() -> WaitingSummary | None:
    """When people were last counted; None before the first time."""
    return WaitingSummary.objects.first()


def by_places() -> dict[str, int]:
    """How many wait for each district and region by its code, and in the country ("")."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT place, people FROM reservation_waiting_places WHERE place NOT LIKE 'site:%'")
        return dict(cursor.fetchall())


def by_sites(site_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many wait for each of these sites; those that nobody chose are left out."""
    places = [f"site:{site_id}" for site_id in site_ids]
    with connection.cursor() as cursor:
        cursor.execute("SELECT place, people FROM reservation_waiting_places WHERE place = ANY(%s)", [places])
        return {UUID(place.removeprefix("site:")): people for place, people in cursor.fetchall()}


def by_months(cuts: Sequence[date]) -> Iterator[Alike]:
    """Those who wait, in rows that no day of `cuts` parts unless they are of one month."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_MONTHS, {"cuts": list(cuts)})
        for earliest, latest_born, claims, regions, people in cursor.fetchall():
            yield Alike(earliest, latest_born, _states(claims), frozenset(regions), people)


def _states(claims: Sequence[str]) -> dict[str, str]:
    return dict(claim.split(":", 1) for claim in claims)
