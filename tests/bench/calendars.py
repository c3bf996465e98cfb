"""Sums of seats: what they cost a reservation, and lists, folds and invitations with 300 and 3,000 sites.

The lists are called here and not over HTTP: their pages are measured in `pages`. The slots of the bigger country are
those of a real one a site (1,700) with `--slots 5000000`, else fewer.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection
from django.utils import timezone

from logistics.models import District, VaccinationSite
from reservation.free_seats import availability, folding
from reservation.free_seats.need import Need
from reservation.inviting import invitations
from reservation.models import OffersState, SeatChange, SiteOffer
from tests.bench import cpu, population, reservations
from tests.bench.turns import Rounds, Turn, compared, line, rounds, turn

if TYPE_CHECKING:
    from tests.bench.sides import Sides

FEW, MANY, DAYS = 300, 3_000, 90
REGION, IN_REGION = "CZ020", 264
SOMEBODY = Need(birth_date=timezone.localdate().replace(year=1950, day=1))

# Each site is open for 90 days, with seats for each kind of dose; a third of them is taken.
_SLOTS = """
INSERT INTO reservation_slot (site_id, vaccine_id, for_doses, starts_at, minutes, capacity, booked)
SELECT site.id, 'comirnaty', (ARRAY['FIRST', 'SECOND', 'ANY'])[1 + quarter %% 3],
       ((current_date + day) + time '08:00' + quarter * interval '15 minutes') AT TIME ZONE 'Europe/Prague', 15, 6, 2
FROM logistics_vaccinationsite site, generate_series(1, %(days)s) AS day, generate_series(0, %(a_day)s - 1) AS quarter
WHERE site.name = ANY (%(names)s)
ORDER BY site.id, day, quarter
"""
# What lists and invitations did before there were sums.
_SUMMED = """
SELECT s.site_id, s.vaccine_id, s.day, s.for_doses, sum(s.capacity - s.booked) FROM reservation_slot s
WHERE s.site_id = ANY (%s) AND s.starts_at > now() AND s.booked < s.capacity
GROUP BY s.site_id, s.vaccine_id, s.day, s.for_doses
"""


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """Reservations with the sums and without, then lists in a small country and in a big one."""
    figures: dict[str, object] = {}
    _holds(sides, seconds / 2, say, figures)
    few = _country(sides, FEW, seconds / 4, say, figures)
    many = _country(sides, MANY, seconds / 4, say, figures)
    for name in few:
        figures[f"{name}, {MANY:,} / {FEW} sites"] = ratio = many[name] / few[name]
        say(f"{name + f', {MANY:,} / {FEW} sites':56} cpu {ratio:.2f}")
    return figures


def _holds(sides: Sides, seconds: float, say: Callable[[str], None], figures: dict[str, object]) -> None:
    taken = Rounds()
    for number in rounds(seconds):
        first = 50_000_000 + (number + 1) * reservations.A_TURN
        turns = {
            "with sums, uniform": partial(_hold, sides, sides.pairs, first, has_sums=True),
            "without sums, uniform": partial(_hold, sides, sides.pairs, first + 10_000_000, has_sums=False),
            "with sums, hot": partial(_hold, sides, sides.pairs[: population.HOT], first + 20_000_000, has_sums=True),
        }
        taken.take(number, turns)
        taken.note(number, "fold of these", _calls(sides, 1, lambda: folding.fold(now=timezone.now())))
        if number < 0:
            population.analyse()
    for name in taken.names:
        figures[name] = taken.costs(name)
        say(line(name, taken.costs(name)))
    for name, above, below in (
        ("hold, with sums / without", "with sums, uniform", "without sums, uniform"),
        ("hold, speed hot / uniform", "with sums, uniform", "with sums, hot"),
    ):
        ratio = taken.ratio(above, below)
        figures[name] = ratio.figures
        say(compared(name, ratio))
    database = [
        taken.median(name, partial(Turn.cpu_ms, server="database"))
        for name in ("with sums, uniform", "without sums, uniform")
    ]
    figures["hold, PostgreSQL alone, with sums / without"] = database[0] / database[1]
    say(f"{'hold, PostgreSQL alone, with sums / without':42} cpu {database[0] / database[1]:.2f}")


def _hold(sides: Sides, pairs: reservations.Pairs, first: int, *, has_sums: bool) -> Turn:
    with connection.cursor() as cursor:
        act = "ENABLE" if has_sums else "DISABLE"
        cursor.execute(f"ALTER TABLE reservation_slot {act} TRIGGER reservation_seats_moved")
    before = SeatChange.objects.count()
    try:
        measured = reservations.hold(sides, pairs, first)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE reservation_slot ENABLE TRIGGER reservation_seats_moved")
    assert SeatChange.objects.count() - before == (2 * reservations.A_TURN if has_sums else 0)
    return measured


def _country(
    sides: Sides, sites: int, seconds: float, say: Callable[[str], None], figures: dict[str, object]
) -> dict[str, float]:
    """Lists in a country of so many sites, as multiples of the bare page; one region has as many in both."""
    made = _grow(sites, sides.slots // MANY)
    say(f"  {VaccinationSite.objects.count():,} sites, {made:,} slots")
    took = {"all slots summed anew": _seconds(lambda: folding.sum_anew(now=timezone.now()))}
    sites_to_ask = list(VaccinationSite.objects.filter(name__startswith="Calendar").values_list("pk", flat=True))
    listed = list(VaccinationSite.objects.in_region(REGION).values_list("pk", flat=True))
    taken = Rounds()
    calls: dict[str, tuple[int, Callable[[], object]]] = {
        "sites of a region": (5, lambda: availability.sites(need=SOMEBODY, region_code=REGION, now=timezone.now())),
        "days of a site": (
            20,
            lambda: availability.days(site_id=random.choice(sites_to_ask), need=SOMEBODY, now=timezone.now()),
        ),
        "a run of invitations": (
            2,
            lambda: invitations.invite(limit=100, now=timezone.now(), is_dry_run=True),
        ),
    }
    for number in rounds(seconds):
        turns = {name: partial(_calls, sides, count, call) for name, (count, call) in calls.items()}
        taken.take(number, {"bare page": sides.bare_pages, **turns})
        if number < 0:
            population.analyse()
    for name in calls:
        figures[f"{name}, {sites:,} sites"] = taken.costs(name)
        say(line(f"{name}, {sites:,} sites", taken.costs(name)))
    took["slots of a region summed, as before"] = _seconds(partial(_sum_slots, listed))
    SiteOffer.objects.update(stale_since=timezone.now())
    took["offers of all sites computed"] = _seconds(lambda: folding.fold(now=timezone.now(), seconds=float("inf")))
    took["fold with nothing to do"] = _seconds(lambda: folding.fold(now=timezone.now()))
    OffersState.objects.update(begun_at=timezone.now() - timedelta(minutes=2))
    took["fold that looks for what has begun"] = _seconds(lambda: folding.fold(now=timezone.now()))
    for name, value in took.items():
        figures[f"{name}, {sites:,} sites, seconds"] = value
        say(f"  {name + f', {sites:,} sites':52} {value:8.3f} s on the clock")
    pages = taken.median("bare page", Turn.cpu_ms)
    return {name: taken.median(name, Turn.cpu_ms) / pages for name in calls}


def _calls(sides: Sides, count: int, call: Callable[[], object]) -> Turn:
    """Calls from here: the processor time of this process, without that of the servers it started, and PostgreSQL's."""
    began = time.process_time()
    with turn(cpu.Servers(database=sides.database), count=count) as measured:
        for _ in range(count):
            call()
    measured.cpu = {"python": time.process_time() - began, **measured.cpu}
    return measured


def _grow(sites: int, slots_a_site: int) -> int:
    """Have so many sites with their slots; return how many slots there are."""
    there = VaccinationSite.objects.filter(name__startswith="Calendar").count()
    districts = list(District.objects.values_list("code", "region_id"))
    inside = [code for code, region in districts if region == REGION]
    outside = [code for code, region in districts if region != REGION]
    VaccinationSite.objects.bulk_create(
        VaccinationSite(
            name=f"Calendar {number}",
            district_id=random.choice(inside if number < IN_REGION else outside),
            address="Dlouhá 1, Praha",
        )
        for number in range(there, sites)
    )
    with connection.cursor() as cursor:
        for start in range(there, sites, 100):
            names = [f"Calendar {number}" for number in range(start, min(start + 100, sites))]
            cursor.execute(_SLOTS, {"names": names, "a_day": max(slots_a_site // DAYS, 3), "days": DAYS})
        cursor.execute("VACUUM ANALYZE reservation_slot")
        cursor.execute("SELECT count(*) FROM reservation_slot")
        return int(cursor.fetchone()[0])


def _sum_slots(site_ids: Sequence[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SUMMED, [list(site_ids)])
        cursor.fetchall()


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
