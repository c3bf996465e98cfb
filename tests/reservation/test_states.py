"""Walks the table of allowed transitions of docs/states.md for reservations and invitations."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from crs.errors import DomainError
from registration.models import PriorityGroup
from reservation import booking, invitations
from reservation.models import Invitation, Reservation, Slot
from tests.reservation.conftest import NOW

pytestmark = pytest.mark.django_db

MakePair = Callable[..., tuple[Slot, Slot]]
Invite = Callable[..., Invitation]

LATER = NOW + timedelta(minutes=11)


def _confirm(reservation: Reservation, other: Slot) -> None:
    booking.confirm(reservation_id=reservation.pk, registration_id=reservation.registration_id, now=NOW)


def _release(reservation: Reservation, other: Slot) -> Any:
    return booking.release(reservation_id=reservation.pk, registration_id=reservation.registration_id)


def _sweep(reservation: Reservation, other: Slot) -> Any:
    return booking.release_expired(now=LATER)


def _choose_another_time(reservation: Reservation, other: Slot, now: datetime = NOW) -> Any:
    invitation = reservation.registration.invitations.get()
    return booking.hold(invitation_id=invitation.pk, slot_id=other.pk, now=now)


def _choose_too_late(reservation: Reservation, other: Slot) -> Any:
    return _choose_another_time(reservation, other, LATER)


ACTS: dict[str, Callable[[Reservation, Slot], Any]] = {
    "confirm": _confirm,
    "release": _release,
    "sweep": _sweep,
    "choose another time": _choose_another_time,
    "choose too late": _choose_too_late,
}

# From state and act to state; what is not here changes nothing.
ALLOWED = {
    ("HELD", "confirm"): "CONFIRMED",
    ("HELD", "release"): "CANCELLED",
    ("HELD", "sweep"): "EXPIRED",
    ("HELD", "choose another time"): "CANCELLED",
    ("HELD", "choose too late"): "EXPIRED",
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", Reservation.State.values)
def test_a_reservation_changes_only_as_the_table_says(
    make_pair: MakePair, make_invitation: Invite, state: str, act: str
) -> None:
    first, second = make_pair()
    other, _ = make_pair(2)
    held = booking.hold(invitation_id=make_invitation().pk, slot_id=first.pk, now=NOW)
    reservation = Reservation.objects.select_related("registration").get(pk=held.reservation_id)
    reach = {"CONFIRMED": _confirm, "CANCELLED": _release, "EXPIRED": _sweep}
    if state in reach:
        reach[state](reservation, other)
    try:
        ACTS[act](reservation, other)
    except DomainError:
        assert (state, act) not in ALLOWED
    reservation.refresh_from_db()
    assert reservation.state == ALLOWED.get((state, act), state)
    seats = 1 if reservation.state in Reservation.HOLDING_SEATS else 0
    assert {Slot.objects.get(pk=slot.pk).booked for slot in (first, second)} == {seats}


def test_an_invitation_is_valid_then_out_of_time_then_replaced(
    make_pair: MakePair, make_invitation: Invite, group: PriorityGroup
) -> None:
    make_pair(20)
    invitation = make_invitation()
    while_valid, after = NOW + timedelta(days=13), NOW + timedelta(days=14)
    assert invitations.invite(group=group, limit=1, now=while_valid).invited == 0
    assert invitations.invite(group=group, limit=1, now=after).again == 1
    invitation.refresh_from_db()
    assert invitation.revoked_at == after
    # What is replaced stays so.
    invitations.invite(group=group, limit=1, now=after + timedelta(days=3))
    invitation.refresh_from_db()
    assert invitation.revoked_at == after
