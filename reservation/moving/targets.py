"""Which doses of a person can get another time, and among which times they choose.

The first dose goes anywhere, and all doses after it follow. A later dose is moved alone, with those after it: at its
site, of its vaccine, by the interval of today after the dose before. docs/adr/0056-moves-and-links.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from logistics.models import DoseInterval, VaccinationSite
from registration.models import Registration
from reservation import errors
from reservation.arranging.seating import MOVABLE
from reservation.dose_intervals import DueDays, Interval
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

    def days(self, site_id: UUID, now: datetime) -> dict[date, int]:
        """The days of a site on which it can be given, with their free seats."""
        if self.site_id not in (None, site_id):
            return {}
        free = availability.days(site_id=site_id, need=self.need, now=now)
        return {day: seats for day, seats in free.items() if self.last_day is None or day <= self.last_day}

    def times(self, site_id: UUID, day: date, now: datetime) -> list[TimeOffer]:
        """The free times of a site on a day, without the one that the person has."""
        if self.site_id not in (None, site_id) or (self.last_day is not None and day > self.last_day):
            return []
        offers = availability.times(site_id=site_id, day=day, need=self.need, now=now)
        return [one for one in offers if one.slot_id != self.appointment.slot_id]

    def slot(self, slot_id: int, now: datetime) -> Slot:
        """The chosen slot, free or full; raises NoSuchSlot, SlotPast, SlotClosed or NotForYou where it does not fit."""
        slot = Slot.objects.select_related("site", "vaccine").for_dose(self.dose).filter(pk=slot_id).first()
        is_offered = slot is not None and self.site_id in (None, slot.site_id)
        if slot is None or not is_offered or not VaccinationSite.objects.open().filter(pk=slot.site_id).exists():
            raise errors.NoSuchSlot
        if slot.starts_at <= now:
            raise errors.SlotPast
        if slot.is_closed:
            raise errors.SlotClosed(slot.pk)
        today, vaccines = timezone.localdate(now), self.need.vaccines
        is_due = vaccines is None or slot.vaccine_id in vaccines
        is_early = slot.day < self.need.first_day(slot.vaccine_id, today)
        is_late = self.last_day is not None and slot.day > self.last_day
        is_of_age = Slot.objects.filter(pk=slot.pk).for_birth_date(self._birth_date).exists()
        if not is_due or is_early or is_late or not is_of_age:
            raise errors.NotForYou
        return slot

    def last_dose(self, slot: Slot) -> int:
        """The last dose that is moved along to a series of the slot's vaccine; a booster is alone."""
        is_complete = self._registration.state == Registration.State.COMPLETED
        return self.dose if is_complete else max(self.dose, slot.vaccine.doses)

    @property
    def _registration(self) -> Registration:
        return self.appointment.reservation.registration

    @property
    def _birth_date(self) -> date:
        return self._registration.person.birth_date


def of_person(registration_id: int, now: datetime) -> list[Target]:
    """The doses of the person's confirmed reservation that can get another time, by number; five queries at most."""
    booked = list(
        Appointment.objects.filter(reservation__in=Reservation.objects.confirmed().filter(registration=registration_id))
        .select_related("slot__site", "slot__vaccine", "reservation__registration__person")
        .order_by("dose_number")
    )
    if not booked:
        return []
    need = needs.need_of(registration_id, now)
    found = (_target(one, booked[place:], booked[:place], need, now) for place, one in enumerate(booked))
    return [one for one in found if one is not None]


def has_begun(appointment: Appointment, now: datetime) -> bool:
    """Whether the time began today: the person may stand at the site, and only the site knows."""
    slot = appointment.slot
    return slot.starts_at <= now and slot.day == timezone.localdate(now)


def _target(
    one: Appointment, following: Sequence[Appointment], before: Sequence[Appointment], need: Need, now: datetime
) -> Target | None:
    if any(each.state not in MOVABLE or has_begun(each, now) for each in following):
        return None
    if one.dose_number == 1:
        return Target(one, need) if need.first_dose == 1 else None
    # A dose that was missed stays in the reservation; it gets a time after the one before was given.
    if one.dose_number == need.first_dose:
        given_on = one.reservation.registration.last_dose_on
        return _later(one, given_on, need, now) if given_on else None
    is_next = before and before[-1].dose_number == one.dose_number - 1
    if is_next and before[-1].state == Appointment.State.BOOKED and before[-1].slot.starts_at > now:
        return _later(one, before[-1].slot.day, need, now)
    return None


def _later(one: Appointment, day_before: date, need: Need, now: datetime) -> Target | None:
    """A later dose within its interval by the rule of today; also after its end, for a late dose is still given."""
    today, vaccine = timezone.localdate(now), one.slot.vaccine_id
    rule = DoseInterval.objects.valid_on(today).filter(vaccine=vaccine, dose_number=one.dose_number).first()
    is_due = one.dose_number == need.first_dose
    if is_due and need.vaccines is not None and vaccine not in need.vaccines:
        return None
    # Without a rule any day after that of the dose before.
    due = Interval.of(rule).after(day_before) if rule else DueDays(first_on=day_before + timedelta(days=1))
    begins_on = need.first_day(vaccine, today) if is_due else max(today, need.not_before or today)
    first_day, last_day = due.from_day(begins_on)
    needed = Need(need.birth_date, one.dose_number, first_day, {vaccine: first_day})
    return Target(one, needed, last_day, one.slot.site_id)
