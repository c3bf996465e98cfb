"""What people answer to a time that a re-planning gave them: it suits, or another one is better."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from crs import sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from reservation.arranging import arrangements, seating
from reservation.errors import SlotFull
from reservation.models import Appointment, PlannedMove, Slot
from reservation.replanning import people
from reservation.replanning.errors import MoveSettled
from reservation.replanning.people import Dose

# Offered at first: the nearest times, no more than a person reads.
NEAREST = 6


def moves_of(*, replan_id: int, registration_id: int) -> list[PlannedMove]:
    """What the re-planning did with the person's times, by dose; also what was undone or has changed since."""
    done = (PlannedMove.State.MOVED, PlannedMove.State.UNDONE, PlannedMove.State.SETTLED)
    found = PlannedMove.objects.filter(
        replan=replan_id, appointment__reservation__registration=registration_id, state__in=done
    )
    return list(
        found.select_related(
            "replan", "from_slot__site", "to_slot__site", "appointment__slot__site", "appointment__reservation"
        ).order_by("appointment__dose_number")
    )


def stands(move: PlannedMove) -> bool:
    """Whether the person still has the time that the re-planning gave."""
    return move.state == PlannedMove.State.MOVED and move.appointment.slot_id == move.to_slot_id


def accept(*, replan_id: int, registration_id: int, now: datetime) -> bool:
    """Write down that the new times suit the person; they are not undone any more. False where none was open."""
    moves = moves_of(replan_id=replan_id, registration_id=registration_id)
    answered = [answer(move=move, now=now) for move in moves]
    return True in answered


def answer(*, move: PlannedMove, now: datetime) -> bool:
    """Write down that the person agrees with the time; False where it was undone or answered before.

    The lock of the person lets an undoing go before, which is then seen, or wait.
    """
    with transaction.atomic():
        seating.lock_appointment(move.appointment_id)
        open_moves = PlannedMove.objects.filter(pk=move.pk, state=PlannedMove.State.MOVED, answered_at=None)
        return bool(open_moves.update(answered_at=now))


def nearest(move: PlannedMove, *, now: datetime) -> list[Slot]:
    """Of the nearest days with free times the time that is nearest to the new one by the clock."""
    had: Any = move.to_slot
    near = sorted(days(move, now=now), key=lambda day: abs(day - had.day))[:NEAREST]
    best: dict[date, Slot] = {}
    for slot in sorted(fitting(move, now=now).filter(day__in=near), key=lambda slot: (_clock(slot, had), slot.pk)):
        best.setdefault(slot.day, slot)
    return sorted(best.values(), key=lambda slot: slot.starts_at)


def days(move: PlannedMove, *, now: datetime) -> list[date]:
    """The days with free times for the dose."""
    return list(fitting(move, now=now).order_by("day").values_list("day", flat=True).distinct())


def times_of(move: PlannedMove, *, day: date, now: datetime) -> list[Slot]:
    """The free times of one of those days."""
    return list(fitting(move, now=now).filter(day=day))


def fitting(move: PlannedMove, *, now: datetime) -> QuerySet[Slot]:
    """Free times at the site of the new one, within the interval of the dose, after which the next one may stay.

    A next one that cannot stay anyway, or does not fit as it is, is not heeded.
    """
    found = people.people_of([move.appointment.reservation_id], now=now).get(move.appointment.reservation_id)
    if found is None or move.appointment_id not in found.booked:
        return Slot.objects.none()
    dose, before, following = next(
        step for step in people.steps(found, {}) if step[0].appointment_id == move.appointment_id
    )
    span = people.window(found, dose, before=before, not_before=timezone.localdate(now))
    narrow = people.narrowed(span, following) if following and _holds(following, dose) else span
    if narrow is None:
        return Slot.objects.none()
    slots = Slot.objects.filter(site=dose.site_id, vaccine=dose.vaccine_id, day__range=(narrow.earliest, narrow.latest))
    free = slots.for_dose(dose.number).for_birth_date(found.born).upcoming(now).free()
    return free.exclude(pk=dose.slot_id).order_by("starts_at", "pk")


def choose(*, move: PlannedMove, slot_id: int, now: datetime, form: Sending = NO_FORM) -> None:
    """Give the person the time that they chose instead, and tell them. Raises MoveSettled, SlotFull, FormChanged."""

    def act() -> Outcome:
        with transaction.atomic():
            found = seating.lock_appointment(move.appointment_id)
            fresh = PlannedMove.objects.filter(pk=move.pk, state=PlannedMove.State.MOVED, to_slot=found.slot_id)
            if not fresh.update(answered_at=now):
                raise MoveSettled
            if not fitting(move, now=now).filter(pk=slot_id).exists():
                raise SlotFull
            arrangements.move(appointment=found, slot_id=slot_id, now=now)
        return {}

    sent_forms.once(form, act)


def _holds(following: Dose, dose: Dose) -> bool:
    """Whether the following dose may stay where it is as things stand."""
    affected = Appointment.objects.affected().filter(pk=following.appointment_id)
    return following.fits(dose.day, following.day) and not affected.exists()


def _clock(slot: Slot, wanted: Slot) -> int:
    """How many minutes apart they are by the clock on the wall."""
    return abs(people.minute_of(slot.wall_time) - people.minute_of(wanted.wall_time))
