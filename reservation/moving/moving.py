"""A person's times change after they were confirmed: another time for all doses, or for a later one; or none.

The old seats are given back and the new ones taken in one call to the database (`reservation_swap_seats`), when the
button is pressed: whoever finds the new time taken keeps the old one. Staff do the same for people.
docs/adr/0056-moves-and-links.md
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import DatabaseError, connection
from django.db.models import ProtectedError

from crs import history, sent_forms, tries
from crs.keyed_hash import keyed_hash
from crs.messaging import outbox
from crs.messaging.models import Message
from crs.sent_forms import NO_FORM, Outcome, Sending
from crs.tries import Limit
from registration.models import Registration
from reservation import errors
from reservation.affected import affected_messages
from reservation.arranging import giving_back, presence
from reservation.free_seats import freed
from reservation.inviting import issuing
from reservation.models import Appointment, Invitation, Reservation, Slot
from reservation.moving import moving_messages, targets
from reservation.moving.errors import AlreadyThere, NothingToMove, TimesChanged, TooManyMoves
from reservation.moving.targets import Target
from reservation.operations import Operation
from reservation.reserving import seat_calls, turn

# Each is one lock of slots, an SMS and a paper; whoever needs more calls 1221.
CHANGES_A_DAY = Limit("reservation.changes_of_times", 5, timedelta(days=1))
_REFUSALS: dict[str, type[errors.BookingError]] = {"CR005": errors.SlotFull, "CR006": errors.NoLaterSlot}


@dataclass(frozen=True)
class TimesChange:
    """What a move would do: the times as they are, and as they would be; `fingerprint` names exactly these."""

    target: Target
    old: tuple[Appointment, ...]
    new: tuple[tuple[int, Slot], ...]  # by the number of the dose

    @property
    def doses(self) -> list[tuple[int, Appointment | None, Slot | None]]:
        """Each dose with its time as it is and as it would be; a series of another vaccine has more doses, or fewer."""
        old, new = {one.dose_number: one for one in self.old}, dict(self.new)
        return [(dose, old.get(dose), new.get(dose)) for dose in sorted(old.keys() | new.keys())]

    @property
    def fingerprint(self) -> str:
        """Changes with the times."""
        return _fingerprint(self.old, [slot.pk for _, slot in self.new])


def target_of(*, registration_id: int, dose: int, now: datetime) -> Target:
    """The dose of a person that can get another time. Raises NothingToMove."""
    found = [one for one in targets.of_person(registration_id, now) if one.dose == dose]
    if not found:
        raise NothingToMove
    return found[0]


def preview(*, registration_id: int, dose: int, slot_id: int, now: datetime) -> TimesChange:
    """Look what the move of a dose, and of those after it, to a slot would do; nothing is taken.

    Raises NothingToMove, NoSuchSlot, SlotPast, SlotClosed, NotForYou, SlotFull, NoLaterSlot.
    """
    target = target_of(registration_id=registration_id, dose=dose, now=now)
    slot = target.slot(slot_id, now)
    old = _appointments_from(target)
    own = [one.slot_id for one in old]
    if slot.booked >= slot.capacity and slot.pk not in own:
        raise errors.SlotFull
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slots FROM reservation_slots_of_doses(%s, %s, %s, %s, %s, %s)",
            [slot.pk, dose, target.last_dose(slot), now, target.need.birth_date, own],
        )
        (keys,) = cursor.fetchone() or (None,)
    if keys is None:
        raise errors.NoLaterSlot
    slots = Slot.objects.select_related("site", "vaccine").in_bulk(keys)
    return TimesChange(target, old, tuple((dose + place, slots[key]) for place, key in enumerate(keys)))


def move(
    *,
    registration_id: int,
    dose: int,
    slot_id: int,
    now: datetime,
    shown: str | None = None,
    by: User | None = None,
    form: Sending = NO_FORM,
) -> None:
    """Move a dose to a slot and those after it to the best ones that follow, all or none, and tell the person.

    `shown` is the fingerprint of the change that was shown; None: nobody was asked. `by` is whoever of staff does it
    for them; people have a limit a day. A refusal changes nothing. Raises what `preview` raises, TimesChanged,
    TooManyMoves, AlreadyThere, RegistrationEnded, FormChanged.
    """

    def act() -> Outcome:
        _lock(registration_id)
        if by is None:
            _count(registration_id, now)
        target = target_of(registration_id=registration_id, dose=dose, now=now)
        slot, old = target.slot(slot_id, now), _appointments_from(target)
        if presence.is_anybody_there([one.pk for one in old]):
            raise AlreadyThere
        if slot.pk == target.appointment.slot_id and target.appointment.state == Appointment.State.BOOKED:
            return {}
        taken = _swap(target, slot, old, now)
        if shown not in (None, _fingerprint(old, taken)):
            raise TimesChanged
        _write(target, old, taken)
        moving_messages.tell_moved(_appointments_from(target))
        freed.wake()
        return {}

    with history.recording(Operation.CHANGE_TIMES, by=by, registration=registration_id):
        sent_forms.once(form, act)


def times_to_give_back(*, registration_id: int, now: datetime) -> tuple[Appointment, ...]:
    """The booked times that `cancel` would give back; none where one of them has begun."""
    booked = Appointment.objects.to_come(registration_id).filter(reservation__is_finished=False)
    times = tuple(booked.select_related("slot__site", "slot__vaccine", "reservation__registration__person"))
    has_begun = any(targets.has_begun(one, now) for one in times)
    return () if has_begun else tuple(one for one in times if one.slot.starts_at > now)


def fingerprint_of(times: Sequence[Appointment]) -> str:
    """Names these times, for the form that gives them back."""
    return _fingerprint(times, [])


def cancel(
    *,
    registration_id: int,
    now: datetime,
    shown: str | None = None,
    by: User | None = None,
    form: Sending = NO_FORM,
) -> None:
    """Give back all times to come and tell the person how they choose again; a dose that was given stays.

    They keep their registration and their turn: where no PIN2 is valid they get a new one. Raises NothingToMove,
    TimesChanged, TooManyMoves, AlreadyThere, RegistrationEnded, FormChanged.
    """

    def act() -> Outcome:
        _lock(registration_id)
        if by is None:
            _count(registration_id, now)
        times = times_to_give_back(registration_id=registration_id, now=now)
        if not times:
            raise NothingToMove
        if shown not in (None, fingerprint_of(times)):
            raise TimesChanged
        if presence.is_anybody_there([one.pk for one in times]):
            raise AlreadyThere
        reservation = times[0].reservation
        if not giving_back.give_up(reservation, now):
            raise NothingToMove  # a check-in that was taken back keeps its appointment
        moving_messages.tell_cancelled(reservation, times)
        _let_choose_again(reservation.registration, now)
        freed.wake()
        return {}

    with history.recording(Operation.CANCEL_TIMES, by=by, registration=registration_id):
        sent_forms.once(form, act)


def _lock(registration_id: int) -> None:
    """Lock the registration, as whoever holds or checks in, then its confirmed reservation."""
    people = Registration.objects.standing().select_for_update(of=("self",), no_key=True)
    if not people.filter(pk=registration_id).exists():
        raise errors.RegistrationEnded
    confirmed = Reservation.objects.confirmed().filter(registration=registration_id)
    list(confirmed.select_for_update(of=("self",), no_key=True).values_list("pk"))


def _count(registration_id: int, now: datetime) -> None:
    """Count a change of the person; a refusal undoes the count together with the change."""
    if tries.count(CHANGES_A_DAY, str(registration_id), now=now).is_over:
        raise TooManyMoves


def _appointments_from(target: Target) -> tuple[Appointment, ...]:
    """The appointments of the dose and of those after it."""
    following = Appointment.objects.filter(
        reservation=target.appointment.reservation_id, dose_number__gte=target.dose
    ).select_related("slot__site", "slot__vaccine")
    return tuple(following.order_by("dose_number"))


def _fingerprint(old: Sequence[Appointment], new: Sequence[int]) -> str:
    return keyed_hash("change of times", json.dumps([[(one.pk, one.slot_id) for one in old], list(new)]))


def _swap(target: Target, slot: Slot, old: Sequence[Appointment], now: datetime) -> list[int]:
    """Give the old seats back and take the new ones, in one call; returns the slots by dose."""
    own = [one.slot_id for one in old]
    arguments: list[Any] = [own, slot.pk, target.dose, target.last_dose(slot), now, target.need.birth_date]
    try:
        sql = "SELECT taken FROM reservation_swap_seats(%s, %s, %s, %s, %s, %s)"
        (taken,) = seat_calls.call_until_seated(sql, arguments)
    except DatabaseError as error:
        state = seat_calls.sqlstate(error)
        if state in _REFUSALS:
            raise _REFUSALS[state] from None
        raise
    return list(taken)


def _write(target: Target, old: Sequence[Appointment], taken: Sequence[int]) -> None:
    """Write the new slots into the appointments; a series of another vaccine may have more doses, or fewer."""
    reservation = target.appointment.reservation
    Reservation.objects.filter(pk=reservation.pk).change()
    by_dose = {one.dose_number: one for one in old}
    for dose, slot_id in enumerate(taken, start=target.dose):
        if dose in by_dose:
            mine = Appointment.objects.filter(pk=by_dose.pop(dose).pk)
            mine.update(slot=slot_id, state=Appointment.State.BOOKED)
        else:
            Appointment.objects.create(reservation=reservation, dose_number=dose, slot_id=slot_id)
    try:
        for surplus in by_dose.values():
            surplus.delete()
    except ProtectedError as error:  # somebody was checked in for it once
        raise NothingToMove from error
    affected_messages.withdraw_settled([reservation])


def _let_choose_again(registration: Registration, now: datetime) -> None:
    """Send a new PIN2 where it is the person's turn and none is valid.

    No seat is kept for it, or for the valid one: the one that they gave back is for the next person.
    """
    kind = Invitation.Kind.GAVE_BACK
    is_turn = Registration.objects.filter(turn.is_turn("pk", now=now), pk=registration.pk)
    if Invitation.objects.valid(now).filter(registration=registration).update(kind=kind) or not is_turn.exists():
        return
    invitation, pin2 = issuing.issue([registration], kind, now)[registration.pk]
    outbox.queue_all(issuing.messages(invitation, pin2, lane=Message.Lane.PERSONAL))
