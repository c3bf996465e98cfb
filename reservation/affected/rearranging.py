"""Another time for somebody whose time cannot stay, agreed with them at the telephone."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from crs import sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from reservation.affected import affected, affected_messages
from reservation.affected.errors import AffectedSettled
from reservation.arranging import arrangements
from reservation.arranging.arrangements import FreeTime
from reservation.errors import SlotFull
from reservation.models import AffectedAppointment, Appointment


def times_of(row: AffectedAppointment, *, now: datetime) -> list[FreeTime]:
    """Free times of the site for the dose, by the interval after the dose before, soonest first."""
    appointment, slot = row.appointment, row.slot
    return arrangements.times_for(
        site=slot.site,
        vaccine=slot.vaccine,
        dose_number=appointment.dose_number,
        first_on=_day_before(appointment) or timezone.localdate(now),
        now=now,
    )


def move(*, row: AffectedAppointment, slot_id: int, now: datetime, form: Sending = NO_FORM) -> int | None:
    """Move the appointment to a time that `times_of` offers and tell the person.

    The next dose that does not fit after it becomes affected, too, and the person is told. Returns its key. Raises
    AffectedSettled, SlotFull, SlotPast, NotReserved, FormChanged.
    """

    def act() -> Outcome:
        if not affected.open_at(now).filter(pk=row.pk).exists():
            raise AffectedSettled
        if slot_id not in {time.slot_id for time in times_of(row, now=now)}:
            raise SlotFull
        moved = arrangements.move(appointment=row.appointment, slot_id=slot_id, now=now)
        affected_messages.withdraw_settled([moved.reservation])
        misfit = _misfit_after(moved)
        cause = AffectedAppointment.Cause.MOVED
        if misfit is not None:
            affected.hand_over(appointment_ids=[misfit.pk], cause=cause, now=now)
        return {"next": misfit and misfit.pk}

    outcome: dict[str, Any] = sent_forms.once(form, act) or {}
    following = affected.open_at(now).filter(appointment=outcome.get("next"))
    return following.values_list("pk", flat=True).first()


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
    found = following.select_related("slot__vaccine").first()
    if found is None:
        return None
    interval = arrangements.interval_after(
        given_on=moved.slot.day, vaccine=found.slot.vaccine, dose_number=found.dose_number
    )
    is_early = interval.first_on is not None and found.slot.day < interval.first_on
    is_late = interval.last_on is not None and found.slot.day > interval.last_on
    return found if is_early or is_late else None
