"""The demonstration data of a local run: real sites with made-up hours, and slots for the next 60 days.

The sites have identifiers of their own, so the ministry's list never mixes with them.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from uuid import UUID

import holidays
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from logistics.models import VaccinationSite, Vaccine
from logistics.staff import demo as demo_staff
from logistics.stock.demo import load_stock
from reservation.models import Slot
from reservation.slots import generation
from reservation.slots.generation import DayCapacity

SITES = Path(__file__).parent / "data" / "demo_sites.csv"
DAYS_AHEAD = 60
SITES_WITH_STOCK = 3
VACCINE = "comirnaty"
# Data, not an interface text: public notes stand in the language in which a site wrote them.
NOTE = "Ukázkové údaje: otevírací doba a počty míst jsou smyšlené."
SATURDAY = 5


@dataclass(frozen=True)
class DemoSite:
    """A line of the file: the site, and its seats a day per calendar."""

    site: VaccinationSite
    seats: dict[str, int]
    is_open_at_weekends: bool


@dataclass(frozen=True)
class Loaded:
    """How much `load` added."""

    sites: int
    slots: int
    is_administrator_new: bool


def load(*, now: datetime) -> Loaded:
    """Add the sites, the missing days up to 60 ahead, the staff and some stock; what is there stays as it is.

    A second run on the same day changes nothing, one on a later day adds the days that are missing.
    """
    demo = read_sites()
    with transaction.atomic():
        known = set(VaccinationSite.objects.filter(pk__in=[one.site.pk for one in demo]).values_list("pk", flat=True))
        new = [one.site for one in demo if one.site.pk not in known]
        VaccinationSite.objects.bulk_create(new, ignore_conflicts=True)
    done = generation.generate_slots(days=list(_missing_days(demo, now)), vaccine=Vaccine.objects.get(pk=VACCINE))
    is_administrator_new = demo_staff.add(site=first_site())
    keeper = User.objects.get(username=demo_staff.STOCK_KEEPER)
    stocked = VaccinationSite.objects.filter(pk__in=[one.site.pk for one in demo[:SITES_WITH_STOCK]])
    load_stock(sites=stocked, by=keeper, now=now)
    return Loaded(sites=len(new), slots=done.created, is_administrator_new=is_administrator_new)


def read_sites() -> list[DemoSite]:
    """The sites of the file."""
    with SITES.open(encoding="utf-8", newline="") as lines:
        return [_site(row) for row in csv.DictReader(lines)]


def first_site() -> VaccinationSite:
    """The site at which the demonstration's staff work, once it is loaded."""
    return VaccinationSite.objects.select_related("district__region").get(pk=read_sites()[0].site.pk)


def is_working_day(day: date) -> bool:
    """Whether it is neither a weekend nor a public holiday in the Czech Republic."""
    return day.weekday() < SATURDAY and not is_holiday(day)


def is_holiday(day: date) -> bool:
    """Whether it is a public holiday in the Czech Republic."""
    return day in _holidays(day.year)


def _missing_days(demo: list[DemoSite], now: datetime) -> Iterator[DayCapacity]:
    """The calendars that have no slot yet on an open day from tomorrow, whatever staff made of the others."""
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    ahead = [tomorrow + timedelta(days=count) for count in range(DAYS_AHEAD)]
    # As they stand in the database: staff may have changed the hours, or closed the site.
    sites = VaccinationSite.objects.open().in_bulk([one.site.pk for one in demo])
    taken = set(
        Slot.objects.filter(site__in=sites, day__gte=ahead[0], day__lte=ahead[-1])
        .order_by()
        .values_list("site_id", "day", "for_doses")
        .distinct()
    )
    for one in demo:
        site = sites.get(one.site.pk)
        if site is None:
            continue
        for day in ahead:
            is_open = is_working_day(day) or (one.is_open_at_weekends and not is_holiday(day))
            for for_doses, seats in one.seats.items():
                if is_open and (site.pk, day, for_doses) not in taken:
                    yield DayCapacity(site.pk, day, for_doses, seats, site.opens_at, site.closes_at)


def _site(row: dict[str, str]) -> DemoSite:
    calendars = {Slot.Doses.ANY: "any", Slot.Doses.FIRST: "first", Slot.Doses.SECOND: "second"}
    seats = {str(for_doses): int(row[column]) for for_doses, column in calendars.items() if int(row[column])}
    site = VaccinationSite(
        id=UUID(row["id"]),
        name=row["name"],
        district_id=row["district"],
        address=row["address"],
        latitude=Decimal(row["latitude"]) if row["latitude"] else None,
        longitude=Decimal(row["longitude"]) if row["longitude"] else None,
        kind=row["kind"],
        is_step_free=row["is_step_free"] == "1" if row["is_step_free"] else None,
        opens_at=time.fromisoformat(row["opens_at"]),
        closes_at=time.fromisoformat(row["closes_at"]),
        minimal_capacity=sum(seats.values()),
        notes=NOTE,
    )
    return DemoSite(site=site, seats=seats, is_open_at_weekends=row["weekend"] == "1")


@lru_cache(maxsize=4)
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("CZ", years=year))
