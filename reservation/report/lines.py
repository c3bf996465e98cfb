"""The lines of the report: areas from the sums that are kept, the sites of one district from what they offer."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import connection

from crs.czech_order import czech_order
from logistics.models import District, Region
from reservation.inviting import waiting_summary
from reservation.report.capacity import SITES, Capacity, Cell
from reservation.report.forms import Asked


@dataclass(frozen=True)
class Line:
    """An area, or a site (which has an address): its free seats for first doses and who waits for it."""

    code: str
    name: str
    free_7: int = 0
    free_14: int = 0
    free_30: int = 0
    next_day: date | None = None
    waiting: int = 0
    sites: int = 0
    step_free_sites: int = 0
    address: str | None = None
    # Of a site; None: not known.
    is_step_free: bool | None = None


# Each site with its offers that fit the question: found site by site, however many offers there are in the country.
_SITES_OF_A_DISTRICT = f"""
    SELECT s.id, s.name, s.address, s.is_step_free, o.*
    FROM ({SITES}) s, LATERAL (
        SELECT coalesce(sum(free_7), 0)::integer, coalesce(sum(free_14), 0)::integer,
               coalesce(sum(free_30), 0)::integer, min(next_day)
        FROM reservation_siteoffer
        WHERE site_id = s.id AND %(vaccine)s IN ('', vaccine_id)
          AND (%(age)s::integer IS NULL
               OR %(age)s BETWEEN greatest(youngest_age, s.youngest) AND least(oldest_age, s.oldest))
    ) o
    WHERE s.district_id = %(district)s AND (s.is_step_free OR NOT %(is_step_free)s)
"""  # noqa: S608 (constants)


def of_areas(asked: Asked, found: Capacity, areas: Sequence[Region | District]) -> list[Line]:
    """A line for each of `areas`, which are regions or districts, in the order that is asked for."""
    by_area = {area.code: Line(area.code, area.name, waiting=found.waiting.get(area.code, 0)) for area in areas}
    lies_in = _belonging(areas)
    for cell in _fitting(asked, found):
        if code := lies_in(cell.district):
            by_area[code] = _added(by_area[code], cell)
    for district, is_step_free, count in found.sites:
        if (code := lies_in(district)) and (is_step_free or not asked.is_step_free):
            line = by_area[code]
            step_free = line.step_free_sites + count * is_step_free
            by_area[code] = replace(line, sites=line.sites + count, step_free_sites=step_free)
    return _in_order(by_area.values(), asked)


def of_sites(asked: Asked) -> list[Line]:
    """A line for each open site of the district."""
    arguments = {
        "vaccine": asked.vaccine,
        "age": asked.age,
        "district": asked.district,
        "is_step_free": asked.is_step_free,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SITES_OF_A_DISTRICT, arguments)
        rows = cursor.fetchall()
    waiting = waiting_summary.by_sites([row[0] for row in rows])
    return _in_order([_site(row, waiting.get(row[0], 0)) for row in rows], asked)


def total(lines: Iterable[Line], *, name: str, code: str, waiting: int) -> Line:
    """All lines together. People who chose several places wait in several lines, so `waiting` is no sum."""
    whole = Line(code, name, waiting=waiting)
    for line in lines:
        whole = replace(
            _added(whole, line),
            sites=whole.sites + line.sites,
            step_free_sites=whole.step_free_sites + line.step_free_sites,
        )
    return whole


def _site(row: tuple[Any, ...], waiting: int) -> Line:
    key, name, address, is_step_free, free_7, free_14, free_30, next_day = row
    return Line(
        str(key),
        name,
        free_7,
        free_14,
        free_30,
        next_day,
        waiting,
        sites=1,
        step_free_sites=int(bool(is_step_free)),
        address=address,
        is_step_free=is_step_free,
    )


def _belonging(areas: Sequence[Region | District]) -> Callable[[str], str]:
    """Which of `areas` a district lies in: itself, or its region, whose code begins the district's; else ""."""
    codes = {area.code for area in areas}
    return lambda district: district if district in codes else district[:5] if district[:5] in codes else ""


def _fitting(asked: Asked, found: Capacity) -> list[Cell]:
    return [
        cell
        for cell in found.cells
        if asked.vaccine in ("", cell.vaccine)
        and (cell.is_step_free or not asked.is_step_free)
        and (asked.age is None or cell.youngest <= asked.age <= cell.oldest)
    ]


def _added(line: Line, more: Cell | Line) -> Line:
    days = [day for day in (line.next_day, more.next_day) if day is not None]
    return replace(
        line,
        free_7=line.free_7 + more.free_7,
        free_14=line.free_14 + more.free_14,
        free_30=line.free_30 + more.free_30,
        next_day=min(days, default=None),
    )


def _step_free(line: Line) -> int | None:
    """Of a site: yes before no, what is not known last."""
    return line.step_free_sites if line.address is None or line.is_step_free is not None else None


_KEYS: dict[str, Callable[[Line], Any]] = {
    "nazev": lambda line: czech_order(line.name),
    "volno7": lambda line: line.free_7,
    "volno14": lambda line: line.free_14,
    "volno30": lambda line: line.free_30,
    "nejblizsi": lambda line: line.next_day,
    "cekajici": lambda line: line.waiting,
    "bezbarierove": _step_free,
}


def _in_order(lines: Iterable[Line], asked: Asked) -> list[Line]:
    """The lines in the order that is asked for, equal ones by name; what is not known comes last either way."""
    by_name = sorted(lines, key=lambda line: (czech_order(line.name), line.code))
    key = _KEYS[asked.order.removeprefix("-")]
    known = [line for line in by_name if key(line) is not None]
    unknown = [line for line in by_name if key(line) is None]
    return sorted(known, key=key, reverse=asked.order.startswith("-")) + unknown
