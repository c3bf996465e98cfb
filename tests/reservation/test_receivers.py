"""A registration that ends gives back what was reserved for it, and nothing that ends here ends the registration."""

from datetime import timedelta

import pytest

from crs.messaging.models import Message
from logistics.models import VaccinationSite
from registration.applying import ending
from registration.models import Registration
from reservation.models import Appointment, Invitation, Reservation, Slot
from reservation.reserving import booking
from tests.factories import NOW, make_invitation, make_reservation
from tests.reservation.conftest import MakePair

pytestmark = pytest.mark.django_db


def leave(registration: Registration) -> None:
    ending.end(registration=registration, ending=Registration.Ending.LEFT, now=NOW)


def told() -> Message:
    """What the person reads about the end."""
    return Message.objects.filter(template="registration/ended").latest("pk")


def test_a_confirmed_reservation_is_freed_and_what_waited_does_not_go_out(make_pair: MakePair) -> None:
    first, second = make_pair()
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=NOW)
    leave(invitation.registration)
    assert Reservation.objects.get().state == "CANCELLED"
    assert {slot.booked for slot in Slot.objects.filter(pk__in=[first.pk, second.pk])} == {0}
    assert Invitation.objects.get().revoked_at == NOW
    assert set(Message.objects.filter(template="reservation/confirmed").values_list("state", flat=True)) == {
        "CANCELLED"
    }
    assert told().state == "QUEUED"


@pytest.mark.parametrize(("minutes", "state"), [(1, "CANCELLED"), (-1, "EXPIRED")])
def test_a_hold_is_freed_too(make_pair: MakePair, minutes: int, state: str) -> None:
    first, _ = make_pair()
    invitation = make_invitation()
    booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    Reservation.objects.update(held_until=NOW + timedelta(minutes=minutes))
    leave(invitation.registration)
    first.refresh_from_db()
    assert (Reservation.objects.get().state, first.booked) == (state, 0)


def test_a_dose_that_was_given_stays_and_the_later_time_is_given_back(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site)
    Appointment.objects.filter(dose_number=1).update(state="FULFILLED")
    leave(reservation.registration)
    reservation.refresh_from_db()
    assert reservation.state == "CONFIRMED"
    assert list(Appointment.objects.values_list("dose_number", "state")) == [(1, "FULFILLED")]
    assert list(Slot.objects.order_by("starts_at").values_list("booked", flat=True)) == [1, 0]


def test_nothing_reserved_means_nothing_freed() -> None:
    invitation = make_invitation()
    leave(invitation.registration)
    assert Invitation.objects.get().revoked_at == NOW


def test_giving_a_reservation_up_never_ends_the_registration(make_pair: MakePair) -> None:
    first, _ = make_pair()
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    assert booking.release(reservation_id=held.reservation_id, registration_id=invitation.registration_id)
    assert Registration.objects.get().state == "ACTIVE"
