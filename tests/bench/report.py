"""The public report with 300 and 3,000 sites: pages that are kept and pages that are made, and the sums behind them.

What sites offer is written as it would be folded: three vaccines a site. One district has as many sites in both.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from logistics.models import District, VaccinationSite, Vaccine
from reservation.models import OffersState
from reservation.report import capacity
from tests.bench import load, population
from tests.bench.turns import Rounds, Turn, line, rounds

if TYPE_CHECKING:
    from tests.bench.sides import Sides

FEW, MANY = 300, 3_000
DISTRICT, IN_DISTRICT = "CZ0642", 40
A_TURN = 40
PAGES = {
    "country, kept": "",
    "country, made": "?vek=50",
    "region, made": "?kraj=CZ064&vek=50",
    "district, made": f"?okres={DISTRICT}&vek=50",
    "country, JSON": "data.json",
    "district, JSON": f"data.json?okres={DISTRICT}",
}
_OFFERS = """
INSERT INTO reservation_siteoffer
    (site_id, vaccine_id, youngest_age, oldest_age, next_day, free, free_7, free_14, free_30, pairs, later, spare)
SELECT id, vaccine, 18, 150, current_date + 3, 900, 100, 200, 300, 900, 0, 0
FROM logistics_vaccinationsite site, unnest(%(vaccines)s::text[]) AS vaccine
WHERE name LIKE 'Report %%' AND NOT EXISTS (SELECT FROM reservation_siteoffer o WHERE o.site_id = site.id)
"""


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """Each page in a small country and in a big one, as multiples of the bare page."""
    figures: dict[str, object] = {}
    few = _country(sides, FEW, seconds / 2, say, figures)
    many = _country(sides, MANY, seconds / 2, say, figures)
    for name in PAGES:
        figures[f"report {name}, {MANY:,} / {FEW} sites"] = ratio = many[name] / few[name]
        say(f"{f'{name}, {MANY:,} / {FEW} sites':46} cpu {ratio:.2f}")
    return figures


def _country(
    sides: Sides, sites: int, seconds: float, say: Callable[[str], None], figures: dict[str, object]
) -> dict[str, float]:
    _grow(sites)
    began = time.process_time(), time.perf_counter()
    capacity.refresh(now=timezone.now())
    took = time.perf_counter() - began[1]
    figures[f"report summed up, {sites:,} sites, seconds"] = took
    say(f"summed up, {sites:,} sites: {took:.3f} s on the clock, {time.process_time() - began[0]:.3f} s of Python")
    taken = Rounds()
    for number in rounds(seconds):
        turns = {name: partial(_pages, sides, query) for name, query in PAGES.items()}
        taken.take(number, {"bare page": sides.bare_pages, **turns})
        if number < 0:
            population.analyse()
    for name in PAGES:
        figures[f"report {name}, {sites:,} sites"] = taken.costs(name)
        say(line(f"{name}, {sites:,} sites", taken.costs(name)))
    return {name: taken.median(name, Turn.cpu_ms) / taken.median("bare page", Turn.cpu_ms) for name in PAGES}


def _pages(sides: Sides, query: str) -> Turn:
    request = load.request("GET", f"/volne-terminy/{query}", port=sides.crs.port, cookies={})
    return sides.crs.answer([request] * A_TURN, clients=4, status=200)


def _grow(sites: int) -> None:
    """Have so many sites with what they offer."""
    there = VaccinationSite.objects.filter(name__startswith="Report ").count()
    others = list(District.objects.exclude(pk=DISTRICT).values_list("code", flat=True))
    VaccinationSite.objects.bulk_create(
        VaccinationSite(
            name=f"Report {number}",
            district_id=DISTRICT if number < IN_DISTRICT else random.choice(others),
            address="Dlouhá 1, Praha",
            is_step_free=number % 2 == 0,
        )
        for number in range(there, sites)
    )
    with connection.cursor() as cursor:
        cursor.execute(_OFFERS, {"vaccines": list(Vaccine.objects.values_list("pk", flat=True)[:3])})
    # Nobody folds while the pages are measured, and old figures would look otherwise.
    OffersState.objects.update_or_create(pk=1, defaults={"folded_at": timezone.now() + timedelta(hours=1)})
