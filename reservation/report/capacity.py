"""The free seats of all areas, summed up once for everybody who reads the report (docs/adr/0051-public-report.md).

`refresh` sums what sites offer by district, and notes whether any page would differ from before. Whoever reads the
report reads that one row, so a page costs the same for 300 sites and for 3,000.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Self

from django.db import connection
from django.utils import timezone

from logistics.models import Vaccine
from reservation.free_seats import folding
from reservation.inviting import waiting_summary
from reservation.models import FreeCapacity

# What nobody folded into the sums for so long makes them old: worker or beat are away.
OLD_AFTER = timedelta(minutes=1)

# Open sites that have a page for everybody, and whom they take.
SITES = """
    SELECT id, name, address, district_id, is_step_free, coalesce(youngest_age, 0) AS youngest,
           coalesce(oldest_age, 150) AS oldest
    FROM logistics_vaccinationsite WHERE state = 'OPEN' AND is_public AND district_id IS NOT NULL
"""
_OFFERS = f"""
    SELECT s.id, s.district_id, coalesce(s.is_step_free, false) AS is_step_free, o.vaccine_id,
           greatest(o.youngest_age, s.youngest) AS youngest, least(o.oldest_age, s.oldest) AS oldest,
           o.free_7, o.free_14, o.free_30, o.next_day
    FROM ({SITES}) s JOIN reservation_siteoffer o ON o.site_id = s.id
"""  # noqa: S608 (constants)
_CELLS = f"""
    SELECT district_id, is_step_free, vaccine_id, youngest, oldest,
           sum(free_7)::integer, sum(free_14)::integer, sum(free_30)::integer, min(next_day)::text
    FROM ({_OFFERS}) o GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""  # noqa: S608
_COUNTS = f"""
    SELECT district_id, coalesce(is_step_free, false), count(*)::integer FROM ({SITES}) s GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608
# What pages show of single sites and of the map, as one number; the order of rows does not matter to it.
_DETAILS = f"""
    SELECT (SELECT sum(hashtextextended(s::text, 0)::numeric) FROM ({SITES}) s),
           (SELECT sum(hashtextextended(o::text, 0)::numeric) FROM ({_OFFERS}) o),
           (SELECT max(id) FROM logistics_outline), (SELECT max(computed_at) FROM reservation_waitingsummary)
"""  # noqa: S608


@dataclass(frozen=True)
class Cell:
    """Free seats of a district of one kind: for a vaccine, ages, and at sites with or without step-free access."""

    district: str
    is_step_free: bool
    vaccine: str
    youngest: int
    oldest: int
    free_7: int
    free_14: int
    free_30: int
    next_day: date | None

    @classmethod
    def of_json(cls, kept: list[Any]) -> Self:
        """The cell as `figures` keeps it."""
        day = kept[-1] and date.fromisoformat(kept[-1])
        return cls(*[*kept[:-1], day])


@dataclass(frozen=True)
class Version:
    """Which figures there are, and since when; `is_current`: all changes up to a moment ago are in them."""

    name: str
    changed_at: datetime
    is_current: bool


@dataclass(frozen=True)
class Capacity:
    """All figures of a version."""

    version: Version
    figures: Mapping[str, Any]

    @cached_property
    def cells(self) -> list[Cell]:
        """The free seats by district and kind."""
        return [Cell.of_json(kept) for kept in self.figures["cells"]]

    @property
    def sites(self) -> list[tuple[str, bool, int]]:
        """The number of open sites by district and step-free access."""
        return [tuple(kept) for kept in self.figures["sites"]]

    @property
    def waiting(self) -> Mapping[str, int]:
        """How many people wait for each district and region by its code, and in the country ("")."""
        return self.figures["waiting"]

    @property
    def vaccines(self) -> Mapping[str, str]:
        """The name of each vaccine by its code."""
        return self.figures["vaccines"]


def refresh(*, now: datetime) -> bool:
    """Sum up anew; returns whether anything differs from before. It costs some milliseconds a thousand sites."""
    folded_at = folding.state().folded_at
    figures = _figures()
    text = json.dumps([figures, _rows(_DETAILS)], default=str, sort_keys=True)
    name = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    checked_at = folded_at or now - OLD_AFTER
    if FreeCapacity.objects.filter(pk=1, version=name).update(checked_at=checked_at):
        return False
    news = {"figures": figures, "version": name, "changed_at": now, "checked_at": checked_at}
    FreeCapacity.objects.update_or_create(pk=1, defaults=news)
    return True


def version() -> Version:
    """The version that there is; one small query."""
    kept = FreeCapacity.objects.defer("figures").first()
    return whole().version if kept is None else _version(kept)


def whole() -> Capacity:
    """All figures. They are summed up at once where they never were."""
    kept = FreeCapacity.objects.first()
    if kept is None:
        refresh(now=timezone.now())
        kept = FreeCapacity.objects.get()
    return Capacity(_version(kept), kept.figures)


def _version(kept: FreeCapacity) -> Version:
    return Version(kept.version, kept.changed_at, is_current=timezone.now() - kept.checked_at < OLD_AFTER)


def _figures() -> dict[str, Any]:
    return {
        "cells": _rows(_CELLS),
        "sites": _rows(_COUNTS),
        "waiting": waiting_summary.by_places(),
        "vaccines": dict(Vaccine.objects.values_list("code", "name")),
    }


def _rows(sql: str) -> list[list[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [list(row) for row in cursor.fetchall()]
