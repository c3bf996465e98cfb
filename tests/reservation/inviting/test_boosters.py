"""Who is invited to a booster, and when."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from registration.models import PriorityGroup, Registration
from reservation.inviting import invitations
from reservation.models import Appointment, Invitation, Postponement
from reservation.reserving import booking
from tests.factories import NOW, make_registration, make_reservation
from tests.reservation.conftest import Make, MakePair

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
Inviting = Callable[..., invitations.InvitationRun]


@pytest.fixture
def invite(group: PriorityGroup) -> Inviting:
    return partial(invitations.invite, group=group, limit=100, now=NOW)


def vaccinated(days_ago: int = 200, **fields: Any) -> Registration:
    told: dict[str, Any] = {"doses_received": 2, "last_dose_on": TODAY - timedelta(days=days_ago), "state": "COMPLETED"}
    return make_registration(last_vaccine_id="comirnaty", first_vaccine_id="comirnaty", **(told | fields))


def invited() -> list[int]:
    return list(Invitation.objects.order_by("pk").values_list("registration_id", flat=True))


def test_they_come_after_those_who_wait_for_a_first_dose_and_the_longest_ago_first(
    invite: Inviting, make_pair: MakePair
) -> None:
    make_pair(capacity=3)
    later, longest = vaccinated(200), vaccinated(300)
    first = make_registration()
    assert invite().invited == 3
    assert invited() == [first.pk, longest.pk, later.pk]
    vaccinated()
    assert invite().invited == 0  # the seats are promised


def test_a_seat_for_later_doses_that_no_pair_needs_is_theirs(invite: Inviting, make_slot: Make) -> None:
    make_slot(3, for_doses="SECOND", capacity=2)
    people = [vaccinated(), vaccinated(), vaccinated()]
    make_registration()
    assert invite().invited == 2
    assert set(invited()) == {people[0].pk, people[1].pk}
    assert invite().invited == 0


def test_two_weeks_before_the_first_day_and_nobody_who_has_a_time_or_waits(invite: Inviting, make_slot: Make) -> None:
    slot = make_slot(3, for_doses="SECOND", capacity=9)
    vaccinated(137)  # five months are over in 15 days
    soon = vaccinated(138)
    vaccinated(doses_received=4)  # no rule offers a fifth dose
    vaccinated(is_immobile=True)
    vaccinated(phone="")
    ill, booked = vaccinated(), vaccinated()
    Postponement.objects.create(registration=ill, ended_on=TODAY, not_before=TODAY + timedelta(days=20))
    make_reservation(booked, site=slot.site, day=1)
    over = vaccinated()
    old = make_reservation(over, site=slot.site, day=-230)
    Appointment.objects.filter(reservation=old).update(state="FULFILLED")
    invite()
    assert set(invited()) == {soon.pk, over.pk}
    booking.hold(invitation_id=over.invitations.get().pk, slot_id=slot.pk, now=NOW)
