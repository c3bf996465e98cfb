"""Free times that staff offer to a person for a dose: after the dose before, a postponement, and for their age."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from logistics.models import VaccinationSite, Vaccine
from registration.models import Registration
from reservation import dose_intervals
from reservation.dose_intervals import DueDays
from reservation.models import Appointment, Postponement, Slot

MOST_TIMES = 1500


@dataclass(frozen=True)
class FreeTime:
    """A slot with a free seat."""

    slot_id: int
    starts_at: datetime
    day: date
    free: int
    is_ideal_day: bool


@dataclass(frozen=True)
class FreeDay:
    """A day with so many free seats."""

    day: date
    free: int


def times_for(
    *,
    registration: Registration,
    site: VaccinationSite,
    vaccine: Vaccine,
    dose_number: int,
    first_on: date,
    now: datetime,
) -> list[FreeTime]:
    """The first free slots of the site for the person's dose within its interval (`fitting`), soonest first."""
    slots, ideal_on = fitting(
        registration=registration, site=site, vaccine=vaccine, dose_number=dose_number, first_on=first_on, now=now
    )
    return times_in(slots, ideal_on=ideal_on)


def times_in(slots: QuerySet[Slot], *, ideal_on: date | None) -> list[FreeTime]:
    """The first of the slots, soonest first."""
    return [
        FreeTime(slot.pk, slot.starts_at, slot.day, slot.capacity - slot.booked, slot.day == ideal_on)
        for slot in slots.order_by("starts_at", "pk")[:MOST_TIMES]
    ]


def days_in(slots: QuerySet[Slot]) -> list[FreeDay]:
    """The days of the slots with their free seats."""
    counted = slots.order_by("day").values("day").annotate(free=Sum(F("capacity") - F("booked")))
    return [FreeDay(one["day"], one["free"]) for one in counted]


def fitting(
    *,
    registration: Registration,
    site: VaccinationSite,
    vaccine: Vaccine,
    dose_number: int,
    first_on: date,
    now: datetime,
) -> tuple[QuerySet[Slot], date | None]:
    """Free slots of the site for the person's dose within its interval, and the ideal day; two queries before they run.

    They serve the person's age, lie after a postponement, and are not those that the person has. `first_on` is the day
    of the dose before, whose rules count (`due_after`); for dose 1 it says nothing. 60 days are offered where no
    rule ends them, or its end has passed or lies before the postponement: a late dose is still given.
    """
    due, begins_on = DueDays(), timezone.localdate(now)
    if dose_number > 1:
        due = dose_intervals.due_after(given_on=first_on, vaccine=vaccine, dose_number=dose_number)
        begins_on = max(begins_on, first_on)
    postponed = Postponement.objects.filter(registration=registration, withdrawn_at=None)
    earliest, latest = due.from_day(max([begins_on, *postponed.values_list("not_before", flat=True)]))
    if latest is None:
        latest = earliest + timedelta(days=dose_intervals.DAYS_AHEAD)
    days = Slot.objects.filter(site=site, vaccine=vaccine, day__range=(earliest, latest))
    free = days.for_dose(dose_number).for_birth_date(registration.person.birth_date).upcoming(now).free()
    return free.exclude(pk__in=Appointment.objects.to_come(registration.pk).values("slot")), due.ideal_on
