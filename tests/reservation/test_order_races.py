"""Every two operations on one person, or on one last seat, at the same moment.

The tables below are the operations; each is raced against each other one, and against itself. Nobody waits in a ring,
nothing but a refusal in words comes of it, and afterwards all that `check_promises` proves holds. What single locks are
for is shown by the control twins beside each operation; the one here shows that the tables see a lock that is missing.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import combinations_with_replacement
from typing import Any

import pytest

from crs.errors import DomainError
from logistics.models import Role, VaccinationSite
from registration.applying import ending
from registration.models import Registration
from reservation.arranging import arrangements
from reservation.free_seats import folding
from reservation.models import (
    Appointment,
    Invitation,
    PlannedMove,
    Replan,
    Reservation,
    SeatOffer,
    Slot,
    SubstituteOffer,
)
from reservation.moving import moving
from reservation.postponing import postponing
from reservation.replanning import answers, planning, publishing, undoing
from reservation.replanning.planning import ReplanDraft
from reservation.replay import proof
from reservation.reserving import booking, together
from reservation.slots import check
from reservation.substitutes import agreeing, calling
from reservation.substitutes import answering as answering_calls
from reservation.waiting import answering, entries, offering
from tests.factories import ENDED, NOW, make_invitation, make_registration, make_site, make_slot, make_staff
from tests.race import race
from tests.reservation.test_order_promises import BROKEN, broken

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + timedelta(days=3)
Operation = Callable[["World"], object]


@dataclass
class World:
    """A site with seats on some days, and two people who have PIN2."""

    capacity: int = 4
    offer: Any = None
    site: VaccinationSite = field(default_factory=make_site)

    def __post_init__(self) -> None:
        # What races before this one left is nobody's any more.
        VaccinationSite.objects.exclude(pk=self.site.pk).update(state=VaccinationSite.State.CLOSED)
        Registration.objects.exclude(state="CANCELLED").update(**ENDED)
        Invitation.objects.filter(revoked_at=None).update(revoked_at=NOW)
        days = ((0, "ANY"), *((day, "FIRST") for day in (1, 2, 4, 5)), *((day, "SECOND") for day in (22, 23, 25, 26)))
        self.slots = {day: make_slot(day, "10:00", doses, self.capacity, site=self.site) for day, doses in days}
        self.one, self.other = self.person(), self.person()

    def person(self) -> Invitation:
        """Somebody with PIN2."""
        return make_invitation(make_registration(sites=(self.site,)))

    def hold(self, person: Invitation, day: int) -> Any:
        """The person chooses the time of the day."""
        return booking.hold(invitation_id=person.pk, slot_id=self.slots[day].pk, now=NOW)

    def book(self, person: Invitation, day: int) -> None:
        """The person chooses it and confirms."""
        mine: dict[str, Any] = {
            "reservation_id": self.hold(person, day).reservation_id,
            "registration_id": person.registration_id,
        }
        booking.confirm(**mine, now=NOW)

    @property
    def registration(self) -> Registration:
        """The first person, as they are now."""
        return Registration.objects.get(pk=self.one.registration_id)

    @property
    def plan(self) -> Replan:
        """The re-planning of the site."""
        return Replan.objects.get(site=self.site)

    @property
    def moves(self) -> list[PlannedMove]:
        """Where it moves the first person."""
        return answers.moves_of(replan_id=self.plan.pk, registration_id=self.one.registration_id)

    @property
    def held(self) -> dict[str, Any]:
        """What the first person held at the beginning."""
        mine = Reservation.objects.filter(registration=self.one.registration_id).order_by("created_at").first()
        assert mine is not None
        return {"reservation_id": mine.pk, "registration_id": self.one.registration_id}


def _seat_today(world: World) -> object:
    about: dict[str, Any] = {"registration": world.registration, "site": world.site, "vaccine": world.slots[1].vaccine}
    return arrangements.seat_today(**about, dose_number=1, now=NOW)


def _move(world: World, *, dose: int, day: int, whose: Invitation | None = None) -> None:
    person = (whose or world.one).registration_id
    moving.move(registration_id=person, dose=dose, slot_id=world.slots[day].pk, now=NOW)


def _move_by_staff(world: World) -> object:
    first = Appointment.objects.get(reservation__registration=world.one.registration_id, dose_number=1)
    return arrangements.move(appointment=first, slot_id=world.slots[4].pk, now=NOW)


def _together(world: World) -> object:
    people: dict[str, Any] = {"invitation_id": world.other.pk, "companion_id": world.one.pk}
    return together.hold(**people, slot_id=world.slots[2].pk, now=NOW)


def _end(world: World) -> object:
    return ending.end(registration=world.registration, ending=Registration.Ending.LEFT, now=NOW)


def _undo(world: World) -> None:
    undoing.undo(replan_id=world.plan.pk, by=world.plan.made_by, now=NOW)


def _answer(world: World, how: Callable[..., object]) -> None:
    offer = SubstituteOffer.objects.get(registration=world.one.registration_id)
    how(offer_id=offer.pk, now=NOW)


def _publish(world: World) -> None:
    publishing.publish(replan_id=world.plan.pk, by=world.plan.made_by, now=NOW)


ON_A_HOLD: dict[str, Operation] = {
    "confirm": lambda world: booking.confirm(**world.held, now=NOW),
    "release": lambda world: booking.release(**world.held),
    "the sweep": lambda world: booking.release_expired(now=LATER),
    "another time": lambda world: world.hold(world.one, 2),
    "together": _together,
    "a seat of today": _seat_today,
    "postpone": lambda world: postponing.postpone(
        registration_id=world.one.registration_id, ended_on=NOW.date(), now=NOW
    ),
    "end": _end,
}
ON_A_RESERVATION: dict[str, Operation] = {
    "move all": partial(_move, dose=1, day=4),
    "move the second": partial(_move, dose=2, day=26),
    "move by staff": _move_by_staff,
    "cancel": lambda world: moving.cancel(registration_id=world.one.registration_id, now=NOW),
    "a seat of today": _seat_today,
    "publish a plan": _publish,
}
ON_A_PUBLISHED_PLAN: dict[str, Operation] = {
    "undo": _undo,
    "it suits": lambda world: answers.accept(
        replan_id=world.plan.pk, registration_id=world.one.registration_id, now=NOW
    ),
    "another time": lambda world: answers.choose(move=world.moves[0], slot_id=world.slots[5].pk, now=NOW),
    "move all": partial(_move, dose=1, day=5),
    "cancel": ON_A_RESERVATION["cancel"],
}
ON_A_CALL: dict[str, Operation] = {
    "come": lambda world: _answer(world, answering_calls.accept),
    "cannot": lambda world: _answer(world, answering_calls.decline),
    "move all": ON_A_RESERVATION["move all"],
    "cancel": ON_A_RESERVATION["cancel"],
    "a seat of today": _seat_today,
}
ON_AN_OFFER: dict[str, Operation] = {
    "accept": lambda world: answering.accept(offer=world.offer, now=NOW),
    "decline": lambda world: answering.decline(offer=world.offer, now=NOW),
    "leave": lambda world: entries.leave(registration_id=world.one.registration_id, now=NOW),
    "the sweep": ON_A_HOLD["the sweep"],
    "another time": ON_A_HOLD["another time"],
    "together": _together,
    "more offers": lambda _world: offering.offer(now=NOW),
}
FOR_THE_LAST_SEAT: dict[str, Operation] = {
    "hold": lambda world: world.hold(world.one, 1),
    "hold by another": lambda world: world.hold(world.person(), 1),
    "move there": lambda world: _move(world, dose=1, day=1, whose=world.other),
    "offer": lambda _world: offering.offer(now=NOW),
    "together": lambda world: together.hold(
        invitation_id=world.person().pk, companion_id=world.person().pk, slot_id=world.slots[1].pk, now=NOW
    ),
}


def _held() -> World:
    world = World()
    world.hold(world.one, 1)
    return world


def _reserved() -> World:
    """The first person is booked, and a plan would move them."""
    world = World()
    world.book(world.one, 1)
    days: dict[str, Any] = {
        "first_day": world.slots[1].day,
        "last_day": world.slots[1].day,
        "not_before": world.slots[4].day,
    }
    draft = ReplanDraft(Replan.Scope.DAYS, "Dodávka přijde později.", site=world.site, **days)
    planning.start(draft=draft, by=make_staff(Role.MINISTRY), now=NOW)
    planning.plan_part(replan_id=Replan.objects.get(site=world.site).pk, now=NOW)
    return world


def _published() -> World:
    """The first person was moved by a plan."""
    world = _reserved()
    _publish(world)
    assert [one.state for one in world.moves][:1] == ["MOVED"]
    return world


def _called() -> World:
    """The first person has a time later and is called to come today."""
    world = World()
    world.book(world.one, 1)
    agreeing.agree(whose=world.registration, sites=[world.site], minutes=20, now=NOW)
    about: dict[str, Any] = {"site": world.site, "vaccine": world.slots[1].vaccine, "by": make_staff(Role.MINISTRY)}
    calling.start(**about, doses=1, minutes=60, now=NOW)
    assert SubstituteOffer.objects.filter(registration=world.one.registration_id).exists()
    return world


def _offered() -> World:
    world = World()
    entries.join(registration_id=world.one.registration_id, now=NOW)
    folding.fold(now=NOW)
    assert offering.offer(now=NOW) == 1
    world.offer = SeatOffer.objects.select_related("entry").get(entry__registration=world.one.registration_id)
    return world


def _full() -> World:
    """Two seats are left on the first day; one of those who want them is booked later, one waits on the list."""
    world = World()
    world.book(world.other, 2)
    Slot.objects.filter(site=world.site, pk__in=[world.slots[day].pk for day in (1, 22)]).update(capacity=2)
    entries.join(registration_id=world.person().registration_id, now=NOW)
    folding.fold(now=NOW)
    return world


@pytest.mark.parametrize(
    ("begin", "table"),
    [
        (_held, ON_A_HOLD),
        (_reserved, ON_A_RESERVATION),
        (_published, ON_A_PUBLISHED_PLAN),
        (_called, ON_A_CALL),
        (_offered, ON_AN_OFFER),
        (_full, FOR_THE_LAST_SEAT),
    ],
    ids=["a hold", "a reservation", "a published plan", "a call", "an offer", "the last seats"],
)
def test_no_two_operations_at_once_break_a_promise(begin: Callable[[], World], table: dict[str, Operation]) -> None:
    for names in combinations_with_replacement(table, 2):
        world = begin()
        outcomes = race(*(partial(table[name], world) for name in names))
        wrong = [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, DomainError)]
        assert (names, wrong, check.wrong_counters()) == (names, [], [])
    assert [one for one in proof.prove(now=NOW) if not one.is_kept] == []
    assert broken(BROKEN, LATER) == []


def test_control_twin_the_table_sees_a_lock_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two who cancel look at the times without the lock, each before the other one has written."""
    real, both_have_looked = moving.times_to_give_back, threading.Barrier(2, timeout=30)

    def slowly(**whose: Any) -> Any:
        times = real(**whose)
        both_have_looked.wait()
        return times

    monkeypatch.setattr(moving, "_lock", lambda _registration: None)
    # The count of changes would make the second wait, too.
    monkeypatch.setattr(moving, "_count", lambda *_of_whom: None)
    monkeypatch.setattr(moving, "times_to_give_back", slowly)
    world = _reserved()
    world.book(world.other, 1)
    race(*[partial(ON_A_RESERVATION["cancel"], world)] * 2)
    assert check.wrong_counters() != []
