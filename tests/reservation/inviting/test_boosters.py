"""Who is invited to a booster, and when."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from registration.models import PriorityGroup, Registration
from reservation.inviting import boosters, invitations
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
    vaccines = {"last_vaccine_id": "comirnaty", "first_vaccine_id": "comirnaty"}
    return make_registration(**(told | vaccines | fields))


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


def test_what_no_rule_offers_is_asked_of_nobody(invite: Inviting, make_slot: Make) -> None:
    vaccinated(doses_received=4)
    assert not Registration.objects.filter(boosters._may_be_due(TODAY)).exists()
    once = vaccinated(61, doses_received=1, first_vaccine_id="janssen", last_vaccine_id="janssen")
    with CaptureQueriesContext(connection) as queries:
        assert invite().invited == 0
    assert not [query for query in queries if "reservation_first_day" in query["sql"]]  # there is no room
    make_slot(3, for_doses="SECOND")
    invite()
    assert invited() == [once.pk]


def test_first_doses_stay_promised_whatever_becomes_of_boosters(
    invite: Inviting, make_pair: MakePair, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_pair(capacity=2)
    first = make_registration()
    monkeypatch.setattr(boosters, "due", Mock(side_effect=OperationalError))
    with pytest.raises(OperationalError):
        invite()
    assert invited() == [first.pk]
