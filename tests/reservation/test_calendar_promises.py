"""What a calendar promises, whatever its site and its people do in whatever order.

A machine opens a site by rules, changes and withdraws them, closes times and opens them again, sets capacities, moves
the interval between doses and the clock, while people hold, confirm, release, move and miss their times. After each
step nobody who is booked has lost anything, whoever holds seats holds those of all doses, the counters and the sums say
what is there, closed times take nobody, and every first dose that is offered has its second one. The days are those on
which calendars break: summer time begins and ends, a leap day, Easter.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
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
from logistics.models import DoseInterval, Role
from reservation.arranging import arrangements
from reservation.closing import closing
from reservation.closing.closing import ClosureDraft
from reservation.free_seats import availability, folding
from reservation.free_seats.need import Need
from reservation.models import Appointment, Closure, Invitation, OpeningRule, Reservation, Slot
from reservation.opening import rules
from reservation.opening.drafts import Draft, Span
from reservation.opening.generating import generate
from reservation.reserving import booking
from reservation.slots import capacity, check
from tests.factories import make_invitation, make_registration, make_site, make_staff

PRAGUE = ZoneInfo("Europe/Prague")
# On the days after: summer time begins, Good Friday and Easter Monday, summer time ends, a leap day, a plain week.
STARTS = (date(2021, 3, 26), date(2021, 3, 31), date(2021, 10, 29), date(2024, 2, 26), date(2027, 1, 11))
AHEAD = 12
PEOPLE = 4
BORN = date(1940, 5, 1)
PASSER_BY = Need(BORN)
SHORTEST, IDEAL, LONGEST = 2, 3, 5

# From the hours that summer time leaves out or brings twice to an ordinary morning.
HOURS = ((time(1, 30), time(4)), (time(9), time(10)), (time(9, 30), time(11)), (time(14), time(16)))
SHARES = ((0, 0, 0), (50, 50, 0), (40, 40, 20), (0, 100, 0), (100, 0, 0))
drafts: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    vaccine_id=st.sampled_from(["comirnaty", "comirnaty", "janssen"]),
    begins=st.integers(0, 3),
    lasts=st.sampled_from([None, 2, 6]),
    hours=st.sampled_from(HOURS),
    weekdays=st.sampled_from([range(7), range(5), (0, 2, 5, 6)]),
    seats=st.integers(1, 3),
    minutes=st.sampled_from([30, 60]),
    shares=st.sampled_from(SHARES),
    ages=st.sampled_from([(0, 150), (0, 150), (60, 150), (12, 17)]),
    opens_on_holidays=st.booleans(),
)
USUAL = {"vaccine_id": "comirnaty", "begins": 0, "lasts": None, "weekdays": range(7), "ages": (0, 150), "seats": 3}
# Whatever a rule picks from, such as a slot: it counts on from the beginning as often as needed.
picks = st.integers(0, 200)

# The sums with what is not folded into them yet, beside the slots; rows that differ.
_WRONG_SUMS = """
SELECT site_id, vaccine_id, day, for_doses, youngest_age, oldest_age, sum(capacity), sum(booked) FROM (
    SELECT site_id, vaccine_id, day, for_doses, youngest_age, oldest_age, capacity, booked FROM reservation_dayseats
    UNION ALL
    SELECT site_id, vaccine_id, day, for_doses, youngest_age, oldest_age, capacity, booked FROM reservation_seatchange
    UNION ALL
    SELECT site_id, vaccine_id, day, for_doses, youngest_age, oldest_age, -capacity, -booked FROM reservation_slot
) AS told WHERE day >= %s GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(capacity) <> 0 OR sum(booked) <> 0
"""


class Calendar(RuleBasedStateMachine):
    """One site and a few people."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.promised: dict[int, int] = {}  # the slot of each booked appointment

    def teardown(self) -> None:
        """Everything is undone."""
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @initialize(start=st.sampled_from(STARTS), first=drafts)
    def begin(self, start: date, first: dict[str, Any]) -> None:
        """A site that is open for two weeks, two people who are booked there, and an interval of a few days."""
        self.now = datetime.combine(start, time(8), PRAGUE)
        DoseInterval.objects.filter(vaccine="comirnaty").delete()
        self.set_interval(start - timedelta(days=90), SHORTEST)
        self.site = make_site()
        self.manager = make_staff(Role.MANAGER, site=self.site)
        terms = {"issued_at": self.now, "expires_at": self.now + timedelta(days=400)}
        self.people: list[Invitation] = [
            make_invitation(make_registration(birth_date=BORN), **terms) for _ in range(PEOPLE + 1)
        ]
        self.passer_by = self.people.pop()
        self.open_by(first | USUAL)
        for person in self.people[:2]:
            self.book(person, self.slots().upcoming(self.now).free(), 0)

    # --- what the site does ---------------------------------------------------------------------

    @rule(draft=drafts)
    def open_by(self, draft: dict[str, Any]) -> None:
        """A new rule."""
        self.plan(lambda: rules.save(self.site, self.draft(draft), by=self.manager, now=self.now))

    @rule(draft=drafts, which=picks, hands_over=st.booleans())
    def change_rule(self, draft: dict[str, Any], which: int, hands_over: bool) -> None:
        """Another rule in the place of a standing one."""
        old = self.pick(OpeningRule.objects.standing(), which)
        if old is not None:
            new = self.draft(draft | {"vaccine_id": old.vaccine_id})
            changed = {"replaces": old, "hands_over": hands_over}
            self.plan(lambda: rules.save(self.site, new, by=self.manager, now=self.now, **changed))

    @rule(which=picks, last=st.sampled_from([None, 0, 4]), hands_over=st.booleans())
    def end_rule(self, which: int, last: int | None, hands_over: bool) -> None:
        """A rule ends at once, or with a day."""
        old = self.pick(OpeningRule.objects.standing(), which)
        if old is not None:
            last_day = None if last is None else self.day(last)
            self.plan(lambda: rules.end(old, last_day=last_day, by=self.manager, now=self.now, hands_over=hands_over))

    @rule(ahead=st.integers(0, 8), hour=st.sampled_from([0, 9, 10, 15]), hours=st.sampled_from([1, 5, 30]))
    def close(self, ahead: int, hour: int, hours: int) -> None:
        """A time is closed."""
        starts_at = datetime.combine(self.day(ahead), time(hour), PRAGUE)
        draft = ClosureDraft(self.site, starts_at, starts_at + timedelta(hours=hours), "Nejde proud.")
        self.plan(lambda: closing.close(draft=draft, shown=None, by=self.manager, now=self.now))

    @rule(which=picks)
    def lift(self, which: int) -> None:
        """A closure is lifted."""
        closure = self.pick(Closure.objects.standing(), which)
        if closure is not None:
            self.plan(lambda: closing.lift(closure_id=closure.pk, by=self.manager, now=self.now))

    @rule(which=picks, seats=st.integers(0, 3))
    def set_by_hand(self, which: int, seats: int) -> None:
        """Somebody changes the seats of one slot."""
        slot = self.pick(Slot.objects.upcoming(self.now), which)
        if slot is not None:
            with time_machine.travel(self.now, tick=False):
                self.attempt(lambda: capacity.set_capacity(slot_id=slot.pk, capacity=seats))

    @rule(shortest=st.integers(1, SHORTEST + 1))
    def change_interval(self, shortest: int) -> None:
        """The interval of those who book from now on changes."""
        self.set_interval(self.day(0), shortest)
        self.generate()

    @rule(hours=st.sampled_from([1, 5, 24, 48, 24 * 5]))
    def wait(self, hours: int) -> None:
        """Time passes; what runs by night and each minute runs."""
        self.now += timedelta(hours=hours)
        booking.release_expired(now=self.now)
        self.generate()

    @rule()
    def fold(self) -> None:
        """The sums are brought up to date."""
        folding.fold(now=self.now)

    # --- what people do, and staff for them -----------------------------------------------------

    @rule(who=picks, which=picks)
    def hold(self, who: int, which: int) -> None:
        """Somebody chooses a time, free or not."""
        self.choose(self.people[who % PEOPLE], self.slots().upcoming(self.now).for_dose(1), which)

    @rule(who=picks, which=picks)
    def reserve(self, who: int, which: int) -> None:
        """Somebody chooses a free time and confirms it at once."""
        self.book(self.people[who % PEOPLE], self.slots().upcoming(self.now).for_dose(1).free(), which)

    @rule(who=picks)
    def confirm(self, who: int) -> None:
        """Somebody confirms what they hold."""
        self.confirm_held(self.people[who % PEOPLE])

    @rule(who=picks)
    def release(self, who: int) -> None:
        """Somebody gives back what they hold."""
        person = self.people[who % PEOPLE]
        for reservation in Reservation.objects.filter(registration=person.registration_id, state="HELD"):
            booking.release(reservation_id=reservation.pk, registration_id=person.registration_id)

    @precondition(lambda self: self.promised)
    @rule(which=picks, where=picks)
    def move(self, which: int, where: int) -> None:
        """Staff move an appointment."""
        appointment = Appointment.objects.get(pk=sorted(self.promised)[which % len(self.promised)])
        slots = self.slots().upcoming(self.now).for_dose(appointment.dose_number)
        slot = self.pick(slots.filter(vaccine=appointment.slot.vaccine_id), where)
        if slot is not None and self.attempt(
            lambda: arrangements.move(appointment=appointment, slot_id=slot.pk, now=self.now)
        ):
            self.promised[appointment.pk] = slot.pk

    @precondition(lambda self: self.promised)
    @rule()
    def miss(self) -> None:
        """Whoever did not come today or before is marked; who missed the first dose gives all back."""
        late = Appointment.objects.filter(pk__in=self.promised, slot__starts_at__lt=self.now).select_related("slot")
        for missed in arrangements.miss_all(appointments=list(late), now=self.now):
            of_reservation = Appointment.objects.filter(reservation=missed.reservation_id)
            lost = of_reservation if missed.dose_number == 1 else of_reservation.filter(pk=missed.pk)
            for key in lost.values_list("pk", flat=True):
                self.promised.pop(key, None)

    # --- what holds after each step -------------------------------------------------------------

    @invariant()
    def nobody_lost_anything(self) -> None:
        """Each booked appointment stands where it was put, in a confirmed reservation."""
        standing = Appointment.objects.filter(pk__in=self.promised, state="BOOKED", reservation__state="CONFIRMED")
        assert dict(standing.values_list("pk", "slot_id")) == self.promised

    @invariant()
    def whoever_holds_seats_holds_those_of_all_doses(self) -> None:
        """The database asks at the end of a transaction; the machine asks now, and counts by itself."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        for reservation in Reservation.objects.holding_seats().filter(is_by_staff=False):
            doses = list(reservation.appointments.select_related("slot__vaccine").order_by("dose_number"))
            vaccine = doses[0].slot.vaccine
            assert [dose.dose_number for dose in doses] == [*range(1, vaccine.doses + 1)]
            assert {dose.slot.vaccine_id for dose in doses} == {vaccine.pk}
            days = [dose.slot.day for dose in doses]
            assert days == sorted(set(days))

    @invariant()
    def counters_and_sums_say_what_is_there(self) -> None:
        """Counters are appointments, sums are slots."""
        assert check.wrong_counters() == []
        with connection.cursor() as cursor:
            cursor.execute(_WRONG_SUMS, [folding.kept_from(self.now)])
            assert cursor.fetchall() == []

    @invariant()
    def closed_times_take_nobody(self) -> None:
        """No seat is free in a slot that begins in a closure."""
        for closure in Closure.objects.standing():
            times = Slot.objects.filter(starts_at__gte=closure.starts_at, starts_at__lt=closure.ends_at)
            assert not times.upcoming(self.now).free().exists()

    @invariant()
    def whatever_is_offered_can_be_had(self) -> None:
        """A passer-by can hold a time of the last day that is offered, with all its doses."""
        days = list(availability.days(site_id=self.site.pk, need=PASSER_BY, now=self.now))
        for day in days[-1:]:
            times = availability.times(site_id=self.site.pk, day=day, need=PASSER_BY, now=self.now)
            with transaction.atomic():
                booking.hold(invitation_id=self.passer_by.pk, slot_id=times[-1].slot_id, now=self.now)
                transaction.set_rollback(True)

    # --- helpers --------------------------------------------------------------------------------

    def day(self, ahead: int) -> date:
        """The day so many days ahead."""
        return self.now.astimezone(PRAGUE).date() + timedelta(days=ahead)

    def slots(self) -> Any:
        """The slots of the site."""
        return Slot.objects.filter(site=self.site)

    def pick(self, found: Any, which: int) -> Any:
        """One of the rows; None where there is none."""
        rows = list(found.order_by("pk"))
        return rows[which % len(rows)] if rows else None

    def draft(self, drawn: dict[str, Any]) -> Draft:
        """The rule that was drawn, from its day on."""
        first, second, substitute = drawn["shares"]
        begins, (opens, closes), (youngest, oldest) = self.day(drawn["begins"]), drawn["hours"], drawn["ages"]
        return Draft(
            vaccine_id=drawn["vaccine_id"],
            valid_from=begins,
            valid_until=None if drawn["lasts"] is None else begins + timedelta(days=drawn["lasts"]),
            hours=tuple(Span(weekday, opens, closes) for weekday in drawn["weekdays"]),
            seats=drawn["seats"],
            minutes=drawn["minutes"],
            first_percent=first,
            second_percent=second,
            substitute_percent=substitute,
            youngest_age=youngest,
            oldest_age=oldest,
            opens_on_holidays=drawn["opens_on_holidays"],
        )

    def set_interval(self, day: date, shortest: int) -> None:
        """The interval of those who book from a day on."""
        days = {"min_days": shortest, "ideal_days": IDEAL, "max_days": LONGEST}
        DoseInterval.objects.update_or_create(vaccine_id="comirnaty", dose_number=2, valid_from=day, defaults=days)

    def attempt(self, operation: Callable[[], Any]) -> Any:
        """What the operation returned, or True; None where it was refused in words."""
        try:
            with transaction.atomic():
                return operation() or True
        except DomainError:
            return None

    def plan(self, operation: Callable[[], Any]) -> None:
        """A change of the calendar, and the generation that follows it."""
        self.attempt(operation)
        self.generate()

    def generate(self) -> None:
        """The slots follow the rules."""
        generate(now=self.now, site_ids=[self.site.pk], until=self.day(AHEAD))

    def choose(self, person: Invitation, slots: Any, which: int) -> None:
        """Hold one of the slots; a refusal leaves the person with what they had."""
        slot, before = self.pick(slots, which), self.held_by(person)
        if slot is None:
            return
        if self.attempt(lambda: booking.hold(invitation_id=person.pk, slot_id=slot.pk, now=self.now)) is None:
            assert self.held_by(person) == before
        else:
            assert not slot.is_closed

    def confirm_held(self, person: Invitation) -> None:
        """Confirm what the person holds; what is confirmed is promised."""
        for reservation in Reservation.objects.filter(registration=person.registration_id, state="HELD"):
            whose: dict[str, Any] = {"reservation_id": reservation.pk, "registration_id": person.registration_id}
            self.attempt(partial(booking.confirm, **whose, now=self.now))
            self.promise(Reservation.objects.filter(pk=reservation.pk, state="CONFIRMED"))

    def book(self, person: Invitation, slots: Any, which: int) -> None:
        """Hold and confirm."""
        self.choose(person, slots, which)
        self.confirm_held(person)

    def held_by(self, person: Invitation) -> list[tuple[int, int]]:
        """The doses and slots that somebody holds or booked."""
        held = Appointment.objects.filter(reservation__registration=person.registration_id)
        own = held.filter(reservation__state__in=Reservation.HOLDING_SEATS)
        return list(own.order_by("dose_number").values_list("dose_number", "slot_id"))

    def promise(self, reservations: Any) -> None:
        """Their appointments stand from now on."""
        booked = Appointment.objects.filter(reservation__in=reservations)
        self.promised |= dict(booked.values_list("pk", "slot_id"))


@pytest.mark.django_db
def test_a_calendar_keeps_its_promises() -> None:
    run_state_machine_as_test(
        Calendar,
        settings=settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )
