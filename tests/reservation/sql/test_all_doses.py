"""Both doses or none: the database looks when a transaction ends."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from logistics.models import Vaccine
from reservation.models import Appointment, Reservation, Slot
from reservation.reserving import booking
from tests.factories import NOW
from tests.reservation.conftest import Invite, Make, MakePair

pytestmark = pytest.mark.django_db


def committed(change: Callable[[], Any]) -> None:
    """Do `change` and have everything looked at that is looked at when a transaction ends."""
    with transaction.atomic(), connection.cursor() as cursor:
        change()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_reservation_that_holds_seats_without_both_doses_cannot_be_committed(
    make_pair: MakePair, make_invitation: Invite
) -> None:
    first, second = make_pair()
    registration = make_invitation().registration

    def reserve(*doses: tuple[int, Slot]) -> None:
        with transaction.atomic():
            reservation = Reservation.objects.create(
                registration=registration, state="HELD", pairing="EXACT", held_until=NOW
            )
            for number, slot in doses:
                Appointment.objects.create(reservation=reservation, dose_number=number, slot=slot)

    for half in ((), ((1, first),), ((2, second),)):
        with pytest.raises(IntegrityError, match="has not all its doses"):
            committed(partial(reserve, *half))
    committed(partial(reserve, (1, first), (2, second)))


def test_no_dose_can_be_taken_from_or_added_to_a_reservation_that_holds_seats(
    make_pair: MakePair, make_slot: Make, make_invitation: Invite, one_dose_vaccine: Vaccine
) -> None:
    first, second = make_pair()
    single = make_slot(2, vaccine=one_dose_vaccine)
    two = booking.hold(invitation_id=make_invitation().pk, slot_id=first.pk, now=NOW).reservation_id
    one = booking.hold(invitation_id=make_invitation().pk, slot_id=single.pk, now=NOW).reservation_id
    changes: list[Callable[[], Any]] = [
        lambda: Appointment.objects.filter(reservation=two, dose_number=2).delete(),
        lambda: Appointment.objects.filter(reservation=two, dose_number=2).update(reservation=one),
        lambda: Appointment.objects.filter(reservation=two, dose_number=2).update(slot=single),
        lambda: Appointment.objects.create(reservation_id=one, dose_number=2, slot=second),
    ]
    for change in changes:
        with pytest.raises(IntegrityError):
            committed(change)


def test_an_ended_reservation_lives_again_only_with_both_doses(make_pair: MakePair, make_invitation: Invite) -> None:
    first, _ = make_pair()
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    booking.release(reservation_id=held.reservation_id, registration_id=invitation.registration_id)
    Appointment.objects.filter(reservation=held.reservation_id, dose_number=2).delete()
    with pytest.raises(IntegrityError):
        committed(lambda: Reservation.objects.update(state="HELD"))
