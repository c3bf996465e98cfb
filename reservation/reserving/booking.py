"""Reserving all doses: hold, confirm, release. The only writer of reservations, appointments and seat counters.

The work on seats is done in SQL functions (reservation/sql/), one round trip each: under load the
round trips cost more than the locks (docs/adr/0006-reserve-in-one-call.md). The order of locks is
in docs/locking.md.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError

from crs import history, sent_forms
from crs.captcha import challenges
from crs.prepared_queries import Given, Prepared
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.people import telling
from reservation import errors
from reservation.models import Appointment, Reservation, new_check_in_code
from reservation.operations import Operation
from reservation.reserving import seat_calls, turn

HOLD_FOR = timedelta(minutes=10)
RELEASE_BATCH = 200
_APPOINTMENTS = Prepared(
    lambda: (
        Appointment.objects.filter(reservation=Given("reservation"))
        .select_related("slot__site", "reservation__registration__person")
        .order_by("dose_number")
    )
)


@dataclass(frozen=True)
class Held:
    """Seats kept for one person until the hold runs out."""

    reservation_id: UUID
    pairing: Reservation.Pairing


def hold(*, invitation_id: int, slot_id: int, now: datetime, until: datetime | None = None) -> Held:
    """Keep the seat in `slot_id` and one for each dose that follows `until` then, or for ten minutes; all or none.

    These are the doses of the whole series, the rest of it for whoever had some, or a booster alone. An earlier hold of
    the person is given back in that transaction; choosing its slot again returns it. Raises NotInvited, NotYourTurn,
    AlreadyReserved, NoSuchSlot, SlotPast, SlotClosed, NotForYou, SlotFull or NoLaterSlot; a refusal changes nothing, so
    an earlier hold stays.
    """
    arguments = (invitation_id, slot_id, now, until or now + HOLD_FOR, new_check_in_code())
    try:
        held = seat_calls.call_until_seated("SELECT * FROM reservation_hold_doses(%s, %s, %s, %s, %s)", arguments)
    except DatabaseError as error:
        raise seat_calls.refusal_of(error, invitation_id=invitation_id, slot_id=slot_id, now=now) from None
    return Held(held[0], Reservation.Pairing(held[1]))


def confirm(
    *,
    reservation_id: UUID,
    registration_id: int,
    now: datetime,
    captcha: challenges.Answer | None = None,
    form: Sending = NO_FORM,
) -> None:
    """Turn a hold into a valid reservation of its doses and write the messages about it.

    A hold older than ten minutes can be confirmed until its seats are given back: they are still this person's, and
    slow people are the rule here, not the exception. A second confirm changes nothing and sends nothing. With the hold
    of somebody who reserves together with another person, that one's is confirmed, or neither. Raises NotYourTurn (the
    hold stays until it runs out), SlotClosed (it is given up), HoldExpired, WrongAnswer, FormChanged.
    """

    def record() -> Outcome | None:
        if captcha is not None and not challenges.use_up(captcha):
            return None
        mine = Reservation.objects.filter(pk=reservation_id, registration_id=registration_id)
        # The WHERE clause is the check: a confirm from another page, or the sweep that frees old holds, finds no row.
        held = mine.filter(turn.is_turn("registration_id", now=now), state=Reservation.State.HELD, party=None)
        if held.update(state=Reservation.State.CONFIRMED, confirmed_at=now):
            _announce(reservation_id)
            return {}
        state, party = mine.values_list("state", "party").first() or (None, None)
        if state == Reservation.State.HELD and party is not None:
            _confirm_together(party, now)
            return {}
        if state == Reservation.State.HELD:
            raise turn.refusal(registration_id=registration_id, now=now)
        if state != Reservation.State.CONFIRMED:
            raise errors.HoldExpired
        return {}

    try:
        with history.recording(Operation.CONFIRM, registration=registration_id):
            if sent_forms.once(form, record) is None:
                raise challenges.WrongAnswer
    except errors.SlotClosed:
        release(reservation_id=reservation_id, registration_id=registration_id)
        raise


def _confirm_together(party: UUID, now: datetime) -> None:
    """Confirm the holds of both people, or neither."""
    both = Reservation.objects.filter(party=party)
    # Each of the two may press the button, at once: the locks are taken by rising key.
    states = [one.state for one in both.select_for_update(of=("self",), no_key=True).order_by("pk")]
    if states == [Reservation.State.CONFIRMED] * 2:
        return
    if states != [Reservation.State.HELD] * 2:
        raise errors.HoldExpired
    held = both.filter(turn.is_turn("registration_id", now=now))
    if held.update(state=Reservation.State.CONFIRMED, confirmed_at=now) < len(states):
        refused = both.exclude(state=Reservation.State.CONFIRMED).values_list("registration_id", flat=True)
        raise turn.refusal(registration_id=refused[0], now=now)
    for key in both.order_by("pk").values_list("pk", flat=True):
        _announce(key)


def release(*, reservation_id: UUID, registration_id: int) -> bool:
    """Give the seats of the person's hold back; False when there was no such hold."""
    with history.recording(Operation.RELEASE, registration=registration_id):
        released: tuple[bool] = seat_calls.call(
            # WITH, because django-pghistory attaches its context to no statement that begins with SELECT.
            "WITH released AS (SELECT reservation_release(%s, %s, 'HELD', 'CANCELLED') AS done) "
            "SELECT done FROM released",
            (reservation_id, registration_id),
        )
    return released[0]


def release_expired(*, now: datetime) -> int:
    """Give back the seats of every hold that ran out before `now`; return how many holds that were.

    It works in transactions of 200 holds, so that people who are choosing wait only briefly. Two runs at once share
    the work: each skips the rows that the other has locked.
    """
    count = 0
    with history.recording(Operation.RELEASE_EXPIRED):
        while True:
            released: tuple[int] = seat_calls.call(
                "WITH released AS (SELECT reservation_release_expired(%s, %s) AS count) SELECT count FROM released",
                (now, RELEASE_BATCH),
            )
            count += released[0]
            if released[0] < RELEASE_BATCH:
                return count


def _announce(reservation_id: UUID) -> None:
    """Tell the person, with the PDF and the calendar file where the way of telling carries files. Raises SlotClosed."""
    appointments = _APPOINTMENTS.all(reservation=reservation_id)
    reservation = appointments[0].reservation
    # Read under the lock of the reservation. Whoever closes a slot waits for it afterwards, and so finds every
    # reservation that was confirmed before this look (reservation/closing/finishing.py).
    if any(appointment.slot.is_closed for appointment in appointments):
        raise errors.SlotClosed(appointments[0].slot_id)
    context = {
        "registration": reservation.registration,
        "reservation": reservation,
        "site": appointments[0].slot.site,
        "times": [appointment.slot.starts_at for appointment in appointments],
    }
    telling.tell(reservation.registration, "reservation/confirmed", context, reference=str(reservation.pk))
