"""The calendars of a replayed campaign: sites and slots of the files, and later seats of which no file tells."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone

from logistics.models import DoseInterval, VaccinationSite, Vaccine
from logistics.open_data import past_sites
from logistics.open_data.site_import import import_sites
from reservation.dose_intervals import Interval
from reservation.models import Slot
from reservation.replay.seats_taken import Place, SeatsTaken
from reservation.slots import capacity_import, generation
from reservation.slots.capacity_import import ImportPlan
from reservation.slots.generation import DayCapacity

LIST_OF_SITES = "vaccination-sites.csv"
LATER = (Slot.Doses.SECOND, Slot.Doses.ANY)

_SEATS = """
SELECT site_id, day, for_doses, sum(capacity), sum(booked) FROM reservation_slot
WHERE vaccine_id = %s GROUP BY site_id, day, for_doses
"""


class CalendarSeats(NamedTuple):
    """Of a calendar on a day."""

    capacity: int = 0
    booked: int = 0


def prepare(
    *, folder: Path, paths: Sequence[Path], told: SeatsTaken, vaccine: Vaccine, tell: Callable[[int, int], None]
) -> None:
    """Have the sites of the files, open, and their slots; a second run changes nothing.

    A free later seat that `open_later` added goes again: whoever needs it lets it be opened anew.
    """
    if (listed := folder / LIST_OF_SITES).is_file():
        import_sites(path=listed)
    past_sites.have_open(told.sites)
    first_day = min(place.day for place in told.seats)
    capacity_import.import_capacity(
        plan=ImportPlan(paths, vaccine),
        # Nothing of the files is past.
        now=timezone.make_aware(datetime.combine(first_day, time.min)),
        progress=lambda read, rows, _done: tell(read, rows),
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reservation_slot")


def seats_of(vaccine: Vaccine) -> dict[Place, CalendarSeats]:
    """The seats of all calendars as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(_SEATS, [vaccine.pk])
        return {
            Place(site, day, doses): CalendarSeats(capacity, booked) for site, day, doses, capacity, booked in cursor
        }


def interval_on(day: date, vaccine: Vaccine) -> Interval:
    """The days between the first dose and the second one for whoever reserves on `day`."""
    rule = DoseInterval.objects.valid_on(day).get(vaccine=vaccine, dose_number=2)
    return Interval.of(rule)


def open_later(
    needed: Mapping[Place, tuple[int, Interval]], seats: Mapping[Place, CalendarSeats], vaccine: Vaccine
) -> int:
    """Open later seats where fewer are free than the people of `needed` need for their second dose; returns how many.

    The files end before the second doses of their last weeks, and some sites gave them in no calendar. They come at the
    ideal interval, at the same site.
    """
    missing: defaultdict[Place, int] = defaultdict(int)
    used: defaultdict[UUID, int] = defaultdict(int)
    for place, (people, interval) in needed.items():
        free = sum(
            max(kept.capacity - kept.booked, 0)
            for day in _days(place.day, interval)
            for doses in LATER
            if (kept := seats.get(Place(place.site_id, day, doses)))
        )
        lacking = people - max(free - used[place.site_id], 0)
        used[place.site_id] += people
        if lacking > 0:
            missing[Place(place.site_id, place.day + timedelta(days=interval.ideal_days), Slot.Doses.SECOND)] += lacking
    sites = VaccinationSite.objects.in_bulk({place.site_id for place in missing})
    generation.generate_slots(
        days=[
            DayCapacity(
                *place,
                seats.get(place, CalendarSeats()).capacity + people,
                sites[place.site_id].opens_at,
                sites[place.site_id].closes_at,
            )
            for place, people in sorted(missing.items())
        ],
        vaccine=vaccine,
    )
    return sum(missing.values())


def _days(day: date, interval: Interval) -> Iterable[date]:
    return (day + timedelta(days=days) for days in range(interval.min_days, interval.max_days + 1))
