"""What a person holds or has reserved."""

from datetime import timedelta

import pytest

from logistics.models import VaccinationSite
from reservation.models import Reservation
from reservation.papers import reservation_summary
from reservation.reserving import booking
from tests.factories import NOW, make_reservation
from tests.reservation.conftest import Invite, MakePair, Register

pytestmark = pytest.mark.django_db


LATER = NOW + booking.HOLD_FOR


def test_a_hold_that_ran_out_keeps_its_seats_but_is_not_valid(make_pair: MakePair, make_invitation: Invite) -> None:
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=make_pair()[0].pk, now=NOW)
    person = invitation.registration_id
    for now, is_valid in ((LATER - timedelta(seconds=1), True), (LATER, False)):
        found = reservation_summary.valid_reservation(registration_id=person, now=now)
        assert (found is not None) == is_valid
        assert Reservation.objects.holding_seats().get().pk == held.reservation_id
    lost = reservation_summary.latest_lost_hold(registration_id=person, now=LATER)
    assert lost is not None
    assert lost.pk == held.reservation_id
    booking.confirm(reservation_id=held.reservation_id, registration_id=person, now=LATER)
    confirmed = reservation_summary.valid_reservation(registration_id=person, now=LATER + timedelta(days=99))
    assert confirmed is not None
    assert reservation_summary.latest_lost_hold(registration_id=person, now=LATER) is None


@pytest.mark.parametrize("is_past_confirmed_last", [False, True])
def test_the_times_to_come_count_before_those_of_the_past(
    make_registration: Register, site: VaccinationSite, is_past_confirmed_last: bool
) -> None:
    person = make_registration()
    past = make_reservation(person, site=site, day=-60, is_finished=True)
    told = reservation_summary.confirmed(registration_id=person.pk, now=NOW)
    assert told is not None
    assert told.reservation_id == past.pk, "without others the times of the past"
    standing = make_reservation(person, site=site, day=5)
    # Staff may write a reservation of the past down later.
    first, last = (standing, past) if is_past_confirmed_last else (past, standing)
    for moment, one in enumerate((first, last)):
        Reservation.objects.filter(pk=one.pk).update(confirmed_at=NOW - timedelta(days=9 - moment))
    told = reservation_summary.confirmed(registration_id=person.pk, now=NOW)
    assert told is not None
    assert told.reservation_id == standing.pk
