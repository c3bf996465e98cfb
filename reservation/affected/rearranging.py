"""Another time for somebody whose time cannot stay, agreed with them at the telephone."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from crs import sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from reservation import dose_intervals
from reservation.affected import affected, affected_messages
from reservation.affected.errors import AffectedSettled
from reservation.arranging import arrangements, free_times
from reservation.arranging.free_times import FreeDay, FreeTime
from reservation.errors import SlotFull
from reservation.models import AffectedAppointment, Appointment, Slot


def days_of(row: AffectedAppointment, *, now: datetime) -> list[FreeDay]:
    """The days on which the site has free times for the person's dose."""
    return free_times.days_in(_fitting(row, now))


def times_of(row: AffectedAppointment, *, day: date, now: datetime) -> list[FreeTime]:
    """The free times of one of those days, soonest first."""
    return free_times.times_in(_fitting(row, now).filter(day=day), ideal_on=None)


def _fitting(row: AffectedAppointment, now: datetime) -> QuerySet[Slot]:
    """Free slots of the site for the person's dose, by the interval after the dose before."""
    appointment, slot = row.appointment, row.slot
    slots, _ideal_on = free_times.fitting(
        registration=appointment.reservation.registration,
        site=slot.site,
        vaccine=slot.vaccine,
        dose_number=appointment.dose_number,
        first_on=_day_before(appointment) or timezone.localdate(now),
        now=now,
    )
    return slots


def move(*, row: AffectedAppointment, slot_id: int, now: datetime, form: Sending = NO_FORM) -> int | None:
    """Move the appointment to a time that `times_of` offers and tell the person.

    The next dose that does not fit after it becomes affected, too, and the person is told. Returns its key. Raises
    AffectedSettled, SlotFull, SlotPast, NotReserved, FormChanged.
    """

    def act() -> Outcome:
        if not affected.open_at(now).filter(pk=row.pk).exists():
            raise AffectedSettled
        if not _fitting(row, now).filter(pk=slot_id).exists():
            raise SlotFull
        moved = arrangements.move(appointment=row.appointment, slot_id=slot_id, now=now)
        affected_messages.withdraw_settled([moved.reservation])
        misfit = hand_over_following(moved, now=now)
        return {"next": misfit and misfit.pk}

    outcome: dict[str, Any] = sent_forms.once(form, act) or {}
    following = affected.open_at(now).filter(appointment=outcome.get("next"))
    return following.values_list("pk", flat=True).first()


def hand_over_following(moved: Appointment, *, now: datetime) -> Appointment | None:
    """Hand over the next dose of the reservation, if its time lies outside its interval after the moved one."""
    misfit = _misfit_after(moved)
    if misfit is not None:
        affected.hand_over(appointment_ids=[misfit.pk], cause=AffectedAppointment.Cause.MOVED, now=now)
    return misfit


def fits(appointment: Appointment) -> bool:
    """Whether the day of a booked appointment lies in its interval after the dose before, where that one is now."""
    before = _day_before(appointment)
    if before is None or appointment.dose_number == 1:
        return True
    day, vaccine = appointment.slot.day, appointment.slot.vaccine
    return day in dose_intervals.due_after(given_on=before, vaccine=vaccine, dose_number=appointment.dose_number)


def _day_before(appointment: Appointment) -> date | None:
    """The day of the dose before: in the reservation, else as it was given."""
    before = Appointment.objects.filter(
        reservation=appointment.reservation_id, dose_number=appointment.dose_number - 1
    ).select_related("slot")
    found = before.first()
    return found.slot.day if found else appointment.reservation.registration.last_dose_on


def _misfit_after(moved: Appointment) -> Appointment | None:
    """The next dose of the reservation, if its time lies outside its interval after the moved one."""
    following = Appointment.objects.filter(
        reservation=moved.reservation_id, dose_number=moved.dose_number + 1, state=Appointment.State.BOOKED
    )
    found = following.select_related("slot__vaccine", "reservation__registration").first()
    return None if found is None or fits(found) else found
