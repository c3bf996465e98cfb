"""Which doses of a person can get another time, and among which times they choose.

The next dose of a series that has not begun goes anywhere, with all doses after it. A later dose is moved alone, with
those after it: at its site, of its vaccine, by the interval of today after the dose before.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from logistics.models import DoseInterval, VaccinationSite
from reservation.arranging.seating import MOVABLE
from reservation.free_seats import availability
from reservation.free_seats.availability import TimeOffer
from reservation.free_seats.need import Need
from reservation.models import Appointment, Reservation, Slot
from reservation.reserving import needs


@dataclass(frozen=True)
class Target:
    """A dose that can get another time: what it needs, until which day, and at which site (None: at any)."""

    appointment: Appointment
    need: Need
    last_day: date | None = None
    site_id: UUID | None = None

    @property
    def dose(self) -> int:
        """The number of the dose."""
        return self.appointment.dose_number

    @property
    def moves_all(self) -> bool:
        """Whether it is the first dose, so that all doses get other times."""
        return self.dose == 1

    def days(self, site_id: UUID, now: datetime) -> dict[date, int]:
        """The days of a site on which it can be given, with their free seats."""
        if self.site_id not in (None, site_id):
            return {}
        free = availability.days(site_id=site_id, need=self.need, now=now)
        return {day: seats for day, seats in free.items() if self.last_day is None or day <= self.last_day}

    def times(self, site_id: UUID, day: date, now: datetime) -> list[TimeOffer]:
        """The free times of a site on a day."""
        if self.site_id not in (None, site_id) or (self.last_day is not None and day > self.last_day):
            return []
        return availability.times(site_id=site_id, day=day, need=self.need, now=now)

    def slots(self, now: datetime) -> QuerySet[Slot]:
        """All slots, free or full, that fit."""
        today = timezone.localdate(now)
        open_sites = VaccinationSite.objects.open()
        sites = open_sites if self.site_id is None else open_sites.filter(pk=self.site_id)
        fitting = Slot.objects.filter(site__in=sites, is_closed=False).for_dose(self.dose).upcoming(now)
        if self.need.birth_date is not None:
            fitting = fitting.for_birth_date(self.need.birth_date)
        if self.last_day is not None:
            fitting = fitting.filter(day__lte=self.last_day)
        found = fitting.filter(day__gte=max(today, self.need.not_before or today))
        if self.need.vaccines is None:
            return found
        keys = [
            slot.pk
            for slot in found.filter(vaccine__in=self.need.vaccines).only("pk", "day", "vaccine_id")
            if slot.day >= self.need.first_day(slot.vaccine_id, today)
        ]
        return found.filter(pk__in=keys)
