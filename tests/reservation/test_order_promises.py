"""What the order promises, whatever people, sites and coordinators do in whatever order.

A machine lets a few people choose, confirm, move and cancel, alone or in twos, wait on the list, answer offers and
calls to substitutes, while the clock runs, PIN2s are sent, a site's days are re-planned and that is undone. After each
step all that `check_promises` proves holds, and what this file adds: whoever did nothing kept what they had, two people
who reserved together are not half confirmed, a call gets no more people than doses, each reservation has its grounds.
"""

from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from crs.errors import DomainError
from logistics.models import DoseInterval, Role, Vaccine
from registration.models import Registration
from reservation.arranging import arrangements
from reservation.free_seats import folding
from reservation.inviting import invitations
from reservation.models import Appointment, Invitation, Replan, Reservation, SeatOffer, Slot, SubstituteOffer
from reservation.moving import moving
from reservation.replanning import planning, publishing, undoing, working
from reservation.replanning.planning import Draft
from reservation.replay import proof
from reservation.reserving import booking, together
from reservation.substitutes import agreeing, answering, calling
from reservation.waiting import answering as offers
from reservation.waiting import entries, offering
from tests.factories import NOW, make_invitation, make_registration, make_site, make_slot, make_staff

PEOPLE = 6
SHORTEST, IDEAL, LONGEST = 2, 3, 5
DAYS = range(20)

people = st.integers(0, PEOPLE - 1)
# Whatever a rule picks from, such as a slot: it counts on from the beginning as often as needed.
picks = st.integers(0, 200)

# Each finds rows that break a promise.
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
    "a time that is offered is held": """
        SELECT o.id::text FROM reservation_seatoffer o JOIN reservation_reservation r ON r.id = o.reservation_id
        WHERE (o.answer = 'ACCEPTED') <> (r.confirmed_at IS NOT NULL) AND o.answer <> ''
    """,
    "whoever is told that their times hold has them": """
        SELECT r.id::text FROM reservation_reservation r
        WHERE r.state = 'CONFIRMED' AND NOT r.is_by_staff AND NOT EXISTS (
            SELECT FROM messaging_message m WHERE m.template = 'reservation/confirmed' AND m.reference = r.id::text)
    """,
}


class Order(RuleBasedStateMachine):
    """Two sites, six people, and a coordinator."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()

    def teardown(self) -> None:
        """Everything is undone."""
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        """Few seats on many days; four people have PIN2, two wait for it."""
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
        for registration in self.people[:4]:
            make_invitation(registration, expires_at=NOW + timedelta(days=400))
        # Somebody is booked, somebody waits on the list, and somebody agreed to be called.
        self.reserve(0, 6)
        self.reserve(1, 9)
        self.join(4)
        self.agree(2)
        self.agree(5)
        folding.fold(now=self.now)

    # --- what people do -------------------------------------------------------------------------

    @rule(who=people, which=picks)
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

    @rule(who=people)
    def confirm(self, who: int) -> None:
        """Somebody confirms what they hold, with the person of their party."""
        for held in Reservation.objects.filter(registration=self.people[who], state="HELD"):
            both = Reservation.objects.filter(party=held.party).exclude(party=None)
            actors = [self.number(one) for one in both]
            mine: dict[str, Any] = {"reservation_id": held.pk, "registration_id": held.registration_id}
            self.act([who, *actors], lambda: booking.confirm(**mine, now=self.now))  # noqa: B023 - called at once

    @rule(who=people)
    def release(self, who: int) -> None:
        """Somebody gives back what they hold."""
        for held in Reservation.objects.filter(registration=self.people[who], state="HELD"):
            mine: dict[str, Any] = {"reservation_id": held.pk, "registration_id": held.registration_id}
            self.act([who], lambda: booking.release(**mine))  # noqa: B023 - called at once

    @rule(whose=picks, dose=st.integers(1, 2), which=picks)
    def move(self, whose: int, dose: int, which: int) -> None:
        """Somebody moves a dose and those after it."""
        booked = self.pick(Reservation.objects.confirmed(), whose)
        if booked is not None:
            mine: dict[str, Any] = {
                "registration_id": booked.registration_id,
                "dose": dose,
                "slot_id": self.slot(which),
            }
            self.act([self.number(booked)], lambda: moving.move(**mine, now=self.now))

    @rule(whose=picks)
    def cancel(self, whose: int) -> None:
        """Somebody gives all times back."""
        booked = self.pick(Reservation.objects.confirmed(), whose)
        if booked is not None:
            mine = booked.registration_id
            self.act([self.number(booked)], lambda: moving.cancel(registration_id=mine, now=self.now))

    # --- the waiting list -----------------------------------------------------------------------

    @rule(who=people)
    def join(self, who: int) -> None:
        """Somebody goes on the list."""
        self.act([who], lambda: entries.join(registration_id=self.people[who].pk, now=self.now))

    @rule(who=people)
    def leave(self, who: int) -> None:
        """Somebody leaves the list."""
        self.act([who], lambda: entries.leave(registration_id=self.people[who].pk, now=self.now))

    @rule()
    def offer(self) -> None:
        """Free times are offered."""
        folding.fold(now=self.now)
        self.act([], lambda: offering.offer(now=self.now))

    @rule(which=picks, accepts=st.booleans())
    def answer(self, which: int, accepts: bool) -> None:
        """Somebody answers an offer."""
        offer = self.pick(SeatOffer.objects.filter(answer="").select_related("entry"), which)
        if offer is not None:
            answer = offers.accept if accepts else offers.decline
            self.act([self.number(offer.entry)], lambda: answer(offer=offer, now=self.now))

    # --- substitutes ----------------------------------------------------------------------------

    @rule(who=people)
    def agree(self, who: int) -> None:
        """Somebody agrees to be called."""
        agreed: dict[str, Any] = {"whose": self.people[who], "sites": self.sites[:1], "minutes": 20}
        self.act([who], lambda: agreeing.agree(**agreed, now=self.now))

    @rule(doses=st.integers(1, 2))
    def call(self, doses: int) -> None:
        """A site calls substitutes."""
        asked: dict[str, Any] = {
            "site": self.sites[0],
            "vaccine": Vaccine.objects.get(pk="comirnaty"),
            "doses": doses,
            "minutes": 60,
        }
        self.act([], lambda: calling.start(**asked, by=self.coordinator, now=self.now))

    @rule(which=picks, comes=st.booleans())
    def answer_call(self, which: int, comes: bool) -> None:
        """Somebody who was asked comes, or does not."""
        offer = self.pick(SubstituteOffer.objects.select_related("registration"), which)
        if offer is not None:
            answer = answering.accept if comes else answering.decline
            self.act([self.number(offer)], lambda: answer(offer_id=offer.pk, now=self.now))

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

    @rule()
    def miss(self) -> None:
        """Whoever did not come until yesterday is marked."""
        late = Appointment.objects.filter(state="BOOKED", slot__starts_at__lt=self.now - timedelta(hours=12))
        late = late.filter(reservation__state="CONFIRMED").select_related("slot", "reservation")
        whose = {one.reservation.registration_id for one in late}
        actors = [number for number, one in enumerate(self.people) if one.pk in whose]
        self.act(actors, lambda: arrangements.miss_all(appointments=list(late), now=self.now))

    @rule(site=st.integers(0, 1), ahead=st.integers(0, 8), is_published=st.booleans())
    def replan(self, site: int, ahead: int, is_published: bool) -> None:
        """The days of a site before a late delivery are planned elsewhere, and perhaps published."""
        day = self.now.date() + timedelta(days=ahead)
        draft = Draft(
            Replan.Scope.DAYS,
            "Dodávka přijde později.",
            site=self.sites[site],
            first_day=day,
            last_day=day + timedelta(days=1),
            not_before=day + timedelta(days=2),
        )
        self.act([], lambda: planning.start(draft=draft, by=self.coordinator, now=self.now))
        if is_published:
            self.publish(200)

    @rule(which=picks)
    def publish(self, which: int) -> None:
        """A plan is published: whom it concerns gets other times."""
        working.work_all(now=self.now)
        plan = self.pick(Replan.objects.filter(state=Replan.State.PLANNED), which)
        if plan is not None:
            terms: dict[str, Any] = {"replan_id": plan.pk, "by": self.coordinator, "now": self.now}
            self.act(self.of_plan(plan), lambda: publishing.publish(**terms))
            self.act(self.of_plan(plan), lambda: working.work_all(now=self.now))

    @rule(which=picks)
    def undo(self, which: int) -> None:
        """A published plan is undone."""
        plan = self.pick(Replan.objects.filter(state=Replan.State.PUBLISHED), which)
        if plan is not None:
            terms: dict[str, Any] = {"replan_id": plan.pk, "by": self.coordinator, "now": self.now}
            self.act(self.of_plan(plan), lambda: undoing.undo(**terms))
            self.act(self.of_plan(plan), lambda: working.work_all(now=self.now))

    # --- what holds after each step -------------------------------------------------------------

    @invariant()
    def the_promises_are_kept(self) -> None:
        """All of `check_promises`, and the doses of each reservation, which the database asks for when it commits."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        assert [one for one in proof.prove(now=self.now) if not one.is_kept] == []

    @invariant()
    def nothing_is_half(self) -> None:
        """What stands in `BROKEN`."""
        with connection.cursor() as cursor:
            for name, sql in BROKEN.items():
                cursor.execute(sql)
                assert (name, cursor.fetchall()) == (name, [])

    # --- helpers --------------------------------------------------------------------------------

    def act(self, actors: Collection[int], operation: Callable[[], object]) -> None:
        """Do it, or be refused and leave all as it was; whoever has no part in it keeps their confirmed times."""
        before = self.times()
        try:
            with transaction.atomic():
                operation()
        except DomainError:
            assert self.times() == before
        others = [one.pk for number, one in enumerate(self.people) if number not in actors]
        after = self.times()
        assert {key: after.get(key) for key in others} == {key: before.get(key) for key in others}

    def times(self) -> dict[int, list[tuple[int, int, str]]]:
        """The confirmed times of people: dose, slot, state."""
        found: dict[int, list[tuple[int, int, str]]] = {}
        confirmed = Appointment.objects.filter(reservation__state="CONFIRMED").order_by("dose_number", "pk")
        for person, dose, slot, state in confirmed.values_list(
            "reservation__registration", "dose_number", "slot", "state"
        ):
            found.setdefault(person, []).append((dose, slot, state))
        return found

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
def test_the_order_keeps_its_promises() -> None:
    run_state_machine_as_test(
        Order,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )
