"""What the order promises, whatever people, sites and coordinators do in whatever order.

A machine lets a few people choose, confirm, move and cancel, alone or in twos, wait on the list, answer offers and
calls to substitutes, while the clock runs, PIN2s are sent, a site's days are re-planned and that is undone. After each
step all that `check_promises` proves holds, and what this file adds: whoever did nothing kept what they had, two people
who reserved together are not half confirmed, a call gets no more people than doses, each reservation has its grounds.
Each run begins with something of each kind, and at the end it is counted that each kind of step really happened.
"""

import sys
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crs.errors import DomainError
from logistics.models import DoseInterval, Role, VaccinationSite, Vaccine
from registration.models import Registration
from reservation.arranging import arrangements
from reservation.free_seats import folding
from reservation.inviting import invitations
from reservation.models import Appointment, Invitation, Replan, Reservation, SeatOffer, Slot, SubstituteOffer
from reservation.moving import moving
from reservation.replanning import planning, publishing, undoing, working
from reservation.replanning.planning import ReplanDraft
from reservation.replay import proof
from reservation.reserving import booking, together
from reservation.substitutes import agreeing, answering, calling
from reservation.waiting import answering as offers
from reservation.waiting import entries, offering
from tests.factories import NOW, make_invitation, make_registration, make_site, make_slot, make_staff

PEOPLE = 8
SHORTEST, IDEAL, LONGEST = 2, 3, 5
DAYS = range(20)

people = st.integers(0, PEOPLE - 1)
# Whatever a rule picks from, such as a slot: it counts on from the beginning as often as needed.
picks = st.integers(0, 200)

# Each finds rows that break a promise at the moment `now`.
BROKEN = {
    "two people who reserved together are confirmed both or neither": """
        SELECT party::text FROM reservation_reservation WHERE party IS NOT NULL
        GROUP BY party HAVING count(*) <> 2 OR bool_or(state = 'HELD') AND bool_or(state = 'CONFIRMED')
    """,
    "no more people come to a call than it has doses": """
        SELECT c.id::text FROM reservation_substitutecall c JOIN reservation_substituteoffer o ON o.call_id = c.id
        WHERE o.answer = 'COMES' GROUP BY c.id HAVING count(*) > c.doses
    """,
    "each reservation that was confirmed has its grounds": """
        SELECT r.id::text FROM reservation_reservation r WHERE r.confirmed_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM reservation_reservationgrounds g WHERE g.reservation_id = r.id)
    """,
    "a time that is offered is held until its person must answer": """
        SELECT o.id::text FROM reservation_seatoffer o JOIN reservation_reservation r ON r.id = o.reservation_id
        WHERE o.answer <> '' AND (o.answer = 'ACCEPTED') <> (r.confirmed_at IS NOT NULL)
           OR o.answer = '' AND o.answer_by > %(now)s
              AND (r.state = 'EXPIRED' OR r.state = 'HELD' AND r.held_until < o.answer_by)
    """,
    "whoever has times was told of them": """
        SELECT r.id::text FROM reservation_reservation r
        WHERE r.state = 'CONFIRMED' AND NOT r.is_by_staff AND NOT EXISTS (
            SELECT FROM messaging_message m WHERE m.template = 'reservation/confirmed' AND m.reference = r.id::text)
    """,
    "whoever was told last that they have times has them": """
        SELECT r.id::text FROM reservation_reservation r
        CROSS JOIN LATERAL (
            SELECT m.template FROM messaging_message m
            WHERE m.reference = r.id::text AND m.state <> 'CANCELLED' ORDER BY m.id DESC LIMIT 1
        ) last
        WHERE last.template IN ('reservation/confirmed', 'reservation/moved', 'reservation/replanned')
          AND r.state NOT IN ('CONFIRMED', 'MISSED')
    """,
}
# `check_promises` leaves out what staff arranged, where doses may lie apart; in the machine nobody of them means to.
BROKEN_BY_A_MOVE = {
    "the days between doses are those of the rule, or somebody is to find another time": """
        SELECT a.id::text FROM reservation_appointment a
        JOIN reservation_reservation r ON r.id = a.reservation_id AND r.state = 'CONFIRMED'
        JOIN reservation_slot s ON s.id = a.slot_id
        JOIN reservation_appointment b ON b.reservation_id = r.id AND b.dose_number = a.dose_number - 1
        JOIN reservation_slot earlier ON earlier.id = b.slot_id
        JOIN logistics_doseinterval i ON i.vaccine_id = s.vaccine_id AND i.dose_number = a.dose_number
        WHERE a.state = 'BOOKED' AND s.day - earlier.day NOT BETWEEN i.min_days AND i.max_days
          AND NOT EXISTS (SELECT FROM reservation_affectedappointment x WHERE x.appointment_id = a.id)
    """,
}


def broken(promises: Mapping[str, str], now: datetime) -> list[tuple[str, list[str]]]:
    """The promises that are not kept, each with its rows."""
    found = []
    with connection.cursor() as cursor:
        for name, sql in promises.items():
            cursor.execute(sql, {"now": now})
            if rows := [row for (row,) in cursor.fetchall()]:
                found.append((name, rows))
    return found


# How often a kind of step really happened.
HAPPENED: Counter[str] = Counter()
# What no run can miss; rarer acts, such as a 'no' after a 'yes', come in some runs.
REACHED = ("hold", "confirm", "offer", "publish")


class Order(RuleBasedStateMachine):
    """Two sites, eight people, and a coordinator. What each run begins with is made once, by one that goes no further.

    The runs come after it, each in a savepoint of its own.
    """

    first: "Order | None" = None

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime
        self.sites: list[VaccinationSite]
        self.coordinator: User
        self.people: list[Registration]
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        if self.first is not None:
            begun = self.first.now, self.first.sites, self.first.coordinator, self.first.people
            self.now, self.sites, self.coordinator, self.people = deepcopy(begun)

    def teardown(self) -> None:
        """Everything is undone."""
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def prepare(self) -> None:
        """Few seats on many days, and something of each kind that can go on."""
        self.now = NOW
        DoseInterval.objects.filter(vaccine="comirnaty").delete()
        terms: dict[str, Any] = {
            "valid_from": date(2020, 12, 1),
            "min_days": SHORTEST,
            "ideal_days": IDEAL,
            "max_days": LONGEST,
        }
        DoseInterval.objects.create(vaccine_id="comirnaty", dose_number=2, **terms)
        self.sites = [make_site("Nemocnice Motol"), make_site("Poliklinika")]
        self.coordinator = make_staff(Role.MINISTRY)
        for day in DAYS:
            for number, site in enumerate(self.sites):
                make_slot(day, "10:00", "ANY", 1 + day % 2, site=site)
                if not number:
                    make_slot(day, "10:15", "ANY", 1, site=site)
        make_slot(0, "17:00", "SUBSTITUTE", 2, site=self.sites[0])
        born = date(1940, 5, 1)
        self.people = [
            make_registration(birth_date=born + timedelta(days=number), sites=(self.sites[0], self.sites[number % 2]))
            for number in range(PEOPLE)
        ]
        for registration in self.people[:5]:
            make_invitation(registration, expires_at=NOW + timedelta(days=400))
        # Somebody was moved by a plan and may be moved back.
        self.reserve(0, 18)
        self.reserve(1, 31)
        self.replan(0, 6)
        self.publish(0)

    @initialize(is_undone=st.booleans(), comes=st.booleans(), confirms=st.booleans())
    def begin(self, is_undone: bool, comes: bool, confirms: bool) -> None:
        """The plan is undone or not; two hold times, somebody has an offer, two are called."""
        if is_undone:
            self.undo(0)
        self.hold_together(2, 1, 45)
        if confirms:
            self.confirm(2)
        self.join(5)
        self.offer()
        self.call(1)
        if comes:
            self.answer_call(0, comes=True)

    # --- what people do -------------------------------------------------------------------------

    def hold(self, who: int, which: int) -> None:
        """Somebody chooses a time."""
        self.act([who], lambda: booking.hold(invitation_id=self.pin2(who), slot_id=self.slot(which), now=self.now))

    @rule(who=people, which=picks)
    def reserve(self, who: int, which: int) -> None:
        """Somebody chooses a time and confirms it."""
        self.hold(who, which)
        self.confirm(who)

    @rule(who=people, step=st.integers(1, PEOPLE - 1), which=picks)
    def hold_together(self, who: int, step: int, which: int) -> None:
        """Two people choose a time."""
        other = (who + step) % PEOPLE
        both = {"invitation_id": self.pin2(who), "companion_id": self.pin2(other)}
        self.act([who, other], lambda: together.hold(**both, slot_id=self.slot(which), now=self.now))

    @rule(which=picks, confirms=st.booleans())
    @precondition(lambda self: self.held().exists())
    def finish(self, which: int, confirms: bool) -> None:
        """Somebody confirms what they hold, or gives it back."""
        held = self.pick(self.held(), which)
        (self.confirm if confirms else self.release)(self.number(held))

    def confirm(self, who: int) -> None:
        """Somebody confirms what they hold, with the person of their party."""
        for held in self.held().filter(registration=self.people[who]):
            both = Reservation.objects.filter(party=held.party).exclude(party=None)
            actors = [self.number(one) for one in both]
            mine: dict[str, Any] = {"reservation_id": held.pk, "registration_id": held.registration_id}
            kind = "confirm together" if held.party else "confirm"
            self.act([who, *actors], lambda: booking.confirm(**mine, now=self.now), kind)  # noqa: B023 - called at once

    def release(self, who: int) -> None:
        """Somebody gives back what they hold."""
        for held in self.held().filter(registration=self.people[who]):
            mine: dict[str, Any] = {"reservation_id": held.pk, "registration_id": held.registration_id}
            self.act([who], lambda: booking.release(**mine))  # noqa: B023 - called at once

    @rule(whose=picks, dose=st.integers(1, 2), which=picks)
    @precondition(lambda self: self.booked().exists())
    def move(self, whose: int, dose: int, which: int) -> None:
        """Somebody moves a dose and those after it, to one of three times."""
        booked = self.pick(self.booked(), whose)
        for step in range(3):
            slot = self.slot(which + step)
            mine: dict[str, Any] = {"registration_id": booked.registration_id, "dose": dose, "slot_id": slot}
            if self.act([self.number(booked)], lambda: moving.move(**mine, now=self.now)):  # noqa: B023 - called at once
                return

    @rule(whose=picks)
    @precondition(lambda self: self.booked().count() > 2)
    def cancel(self, whose: int) -> None:
        """Somebody gives all times back."""
        booked = self.pick(self.booked(), whose)
        mine = booked.registration_id
        self.act([self.number(booked)], lambda: moving.cancel(registration_id=mine, now=self.now))

    # --- the waiting list -----------------------------------------------------------------------

    @rule(who=people)
    def join(self, who: int) -> None:
        """Somebody goes on the list."""
        self.act([who], lambda: entries.join(registration_id=self.people[who].pk, now=self.now))

    @rule()
    def offer(self) -> None:
        """Free times are offered."""
        folding.fold(now=self.now)
        self.act([], lambda: offering.offer(now=self.now))

    @rule(which=picks, how=st.sampled_from([offers.accept, offers.accept, offers.decline, None]))
    @precondition(lambda self: SeatOffer.objects.filter(answer="").exists())
    def answer(self, which: int, how: Any) -> None:
        """Somebody answers an offer, or leaves the list."""
        offer = self.pick(SeatOffer.objects.filter(answer="").select_related("entry"), which)
        whose = offer.entry.registration_id
        if how is None:
            self.act([self.number(offer.entry)], lambda: entries.leave(registration_id=whose, now=self.now))
        else:
            self.act([self.number(offer.entry)], lambda: how(offer=offer, now=self.now))

    # --- substitutes ----------------------------------------------------------------------------

    @rule(doses=st.integers(1, 2))
    def call(self, doses: int) -> None:
        """A site calls substitutes; everybody agreed to come there."""
        for whose in self.people:
            agreeing.agree(whose=whose, sites=self.sites[:1], minutes=20, now=self.now)
        asked: dict[str, Any] = {
            "site": self.sites[0],
            "vaccine": Vaccine.objects.get(pk="comirnaty"),
            "doses": doses,
            "minutes": 60,
        }
        self.act([], lambda: calling.start(**asked, by=self.coordinator, now=self.now))

    @rule(which=picks, comes=st.booleans())
    @precondition(lambda self: self.called().exists())
    def answer_call(self, which: int, comes: bool) -> None:
        """Somebody who is asked comes, or does not, or cannot come after all."""
        offer = self.pick(self.called(), which)
        answer = answering.accept if comes and offer.answer != "COMES" else answering.decline
        kind = f"{answer.__name__} after {offer.answer or 'nothing'}"
        self.act([self.number(offer)], lambda: answer(offer_id=offer.pk, now=self.now), kind)

    # --- what goes on by itself, and the coordinator --------------------------------------------

    @rule(hours=st.sampled_from([0, 0, 2, 24]), is_first=st.booleans())
    def wait(self, hours: int, is_first: bool) -> None:
        """Time passes, and what runs each minute runs; holds end before the list is served, or after."""
        self.now += timedelta(hours=hours, minutes=11)
        runs: list[Callable[[], object]] = [
            lambda: booking.release_expired(now=self.now),
            lambda: offering.offer(now=self.now),
            lambda: invitations.invite(limit=2, now=self.now),
            lambda: calling.ask_all(self.now),
        ]
        for run in runs if is_first else runs[::-1]:
            folding.fold(now=self.now)
            self.act([], run)
        self.miss()

    def miss(self) -> None:
        """Whoever did not come until yesterday is marked."""
        late = Appointment.objects.filter(state="BOOKED", slot__starts_at__lt=self.now - timedelta(hours=12))
        late = late.filter(reservation__state="CONFIRMED").select_related("slot", "reservation")
        if late:
            actors = [self.number(one.reservation) for one in late]
            self.act(actors, lambda: arrangements.miss_all(appointments=list(late), now=self.now))

    @rule(site=st.integers(0, 1), ahead=st.integers(2, 8))
    def replan(self, site: int, ahead: int) -> None:
        """The days of a site before a late delivery are planned elsewhere."""
        day = self.now.date() + timedelta(days=ahead)
        draft = ReplanDraft(
            Replan.Scope.DAYS,
            "Dodávka přijde později.",
            site=self.sites[site],
            first_day=day,
            last_day=day + timedelta(days=1),
            not_before=day + timedelta(days=2),
        )
        self.act([], lambda: planning.start(draft=draft, by=self.coordinator, now=self.now))
        working.work_all(now=self.now)

    @rule(which=picks)
    @precondition(lambda self: self.plans("PLANNED").exists())
    def publish(self, which: int) -> None:
        """A plan is published: whom it concerns gets other times."""
        self.with_plan(self.pick(self.plans("PLANNED"), which), publishing.publish, "publish")

    @rule(which=picks)
    @precondition(lambda self: self.plans("PUBLISHED").exists())
    def undo(self, which: int) -> None:
        """A published plan is undone."""
        self.with_plan(self.pick(self.plans("PUBLISHED"), which), undoing.undo, "undo")

    def with_plan(self, plan: Replan, operation: Callable[..., object], kind: str) -> None:
        """Begin it, and go on with it to its end."""
        terms: dict[str, Any] = {"replan_id": plan.pk, "by": self.coordinator, "now": self.now}
        self.act(self.of_plan(plan), lambda: (operation(**terms), working.work_all(now=self.now)), kind)

    # --- what holds after each step -------------------------------------------------------------

    @invariant()
    def the_promises_are_kept(self) -> None:
        """All of `check_promises`, and the doses of each reservation, which the database asks for when it commits."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        assert [one for one in proof.prove(now=self.now) if not one.is_kept] == []

        assert broken({**BROKEN, **BROKEN_BY_A_MOVE}, self.now) == []

    # --- helpers --------------------------------------------------------------------------------

    def act(self, actors: Collection[int], operation: Callable[[], object], kind: str = "") -> bool:
        """Do it, or be refused; whoever has no part in it keeps their confirmed times. False: it was refused."""
        before = self.times()
        try:
            with transaction.atomic():
                operation()
        except DomainError:
            return False
        after = self.times()
        others = [one.pk for number, one in enumerate(self.people) if number not in actors]
        assert {key: after.get(key) for key in others} == {key: before.get(key) for key in others}
        HAPPENED[kind or sys._getframe(1).f_code.co_name] += not kind or after != before
        return True

    def times(self) -> dict[int, list[tuple[int, int, str]]]:
        """The confirmed times of people: dose, slot, state."""
        found: dict[int, list[tuple[int, int, str]]] = {}
        confirmed = Appointment.objects.filter(reservation__state="CONFIRMED").order_by("dose_number", "pk")
        for person, dose, slot, state in confirmed.values_list(
            "reservation__registration", "dose_number", "slot", "state"
        ):
            found.setdefault(person, []).append((dose, slot, state))
        return found

    def held(self) -> Any:
        """What people hold now, but for what is offered to them."""
        return Reservation.objects.filter(state="HELD", seat_offer=None)

    def booked(self) -> Any:
        """The reservations whose first dose is to come."""
        return Reservation.objects.confirmed().filter(
            appointments__in=Appointment.objects.filter(dose_number=1, slot__starts_at__gt=self.now)
        )

    def called(self) -> Any:
        """The offers to substitutes of calls that are not over."""
        return SubstituteOffer.objects.filter(call__come_by__gt=self.now).select_related("registration")

    def plans(self, state: str) -> Any:
        """The plans of that state."""
        return Replan.objects.filter(state=state)

    def number(self, theirs: Any) -> int:
        """Which of the people it is whose row this is."""
        return [one.pk for one in self.people].index(theirs.registration_id)

    def of_plan(self, plan: Replan) -> list[int]:
        """The people whom a plan moves."""
        moved = Registration.objects.filter(reservations__appointments__planned_moves__replan=plan)
        return [self.people.index(one) for one in set(moved)]

    def pin2(self, who: int) -> int:
        """The PIN2 of somebody, or one that is nobody's."""
        standing = Invitation.objects.filter(registration=self.people[who], revoked_at=None)
        return standing.values_list("pk", flat=True).first() or 0

    def slot(self, which: int) -> int:
        """One of the times to come, nearly."""
        slots = list(Slot.objects.filter(starts_at__gt=self.now - timedelta(hours=2)).order_by("pk"))
        return slots[which % len(slots)].pk if slots else 0

    def pick(self, found: Any, which: int) -> Any:
        """One of the rows; None where there is none."""
        rows = list(found.order_by("pk"))
        return rows[which % len(rows)] if rows else None


@pytest.mark.django_db
def test_the_order_keeps_its_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    HAPPENED.clear()
    first = Order()
    first.prepare()
    monkeypatch.setattr(Order, "first", first)
    run_state_machine_as_test(
        Order,
        settings=settings(
            max_examples=7,
            stateful_step_count=25,
            deadline=None,
            # Without shrinking: it takes minutes, and the steps of a failure are few enough to read.
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            report_multiple_bugs=False,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )
    first.teardown()
    # Steps that were all refused, or met nobody, would prove nothing.
    assert all(HAPPENED[kind] for kind in REACHED), HAPPENED
