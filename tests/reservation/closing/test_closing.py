"""Closing an hour, a day, a week; who is affected, and opening again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError

from crs.errors import DomainError
from crs.messaging.models import Message
from crs.no_break import breakable
from logistics.models import Role, VaccinationSite, Vaccine
from reservation import errors as booking_errors
from reservation.affected import affected
from reservation.arranging import arrangements
from reservation.closing import closing, finishing
from reservation.closing.closing import ClosureDraft
from reservation.closing.errors import (
    ClosureChanged,
    ClosureLifted,
    ClosureOver,
    ClosurePast,
    ClosureStands,
    ClosureTooLong,
)
from reservation.models import AffectedAppointment, Closure, Reservation, Slot
from reservation.opening import rules
from reservation.opening.drafts import draft_of
from reservation.opening.generating import generate
from reservation.reserving import booking
from reservation.slots import check
from reservation.slots.generation import DayCapacity, generate_slots
from tests import factories
from tests.factories import NOW
from tests.reservation.conftest import Invite, Make, MakePair

pytestmark = pytest.mark.django_db

REASON = "Nepřivezli vakcínu."
Draft = Callable[..., ClosureDraft]


@pytest.fixture
def manager(site: VaccinationSite) -> User:
    return factories.make_staff(Role.MANAGER, site=site)


@pytest.fixture
def draft(site: VaccinationSite) -> Draft:
    def make(day: int = 1, begins: str = "00:00", *, hours: int = 24, **fields: Any) -> ClosureDraft:
        starts_at = factories.at(NOW.date() + timedelta(days=day), begins)
        return ClosureDraft(site, starts_at, starts_at + timedelta(hours=hours), REASON, **fields)

    return make


def close(draft: ClosureDraft, by: User, now: datetime = NOW) -> Closure:
    return closing.close(draft=draft, shown=None, by=by, now=now)


def told(template: str) -> list[Message]:
    return list(Message.objects.filter(template=f"reservation/{template}").order_by("channel"))


def state_of(slot: Slot) -> tuple[bool, int, int]:
    slot.refresh_from_db()
    return slot.is_closed, slot.capacity, slot.booked


def test_an_hour_is_closed_with_all_that_reaches_into_it(make_slot: Make, draft: Draft, manager: User) -> None:
    slots = {clock: make_slot(1, clock, capacity=4) for clock in ("08:45", "08:50", "09:00", "09:45", "10:00")}
    closure = close(draft(1, "09:00", hours=1), manager)
    assert {clock: state_of(slot)[0] for clock, slot in slots.items()} == {
        "08:45": False,
        "08:50": True,
        "09:00": True,
        "09:45": True,
        "10:00": False,
    }
    assert state_of(slots["09:00"]) == (True, 0, 0)
    closure.refresh_from_db()
    assert closure.done_at == NOW


def test_whoever_is_booked_keeps_the_seat_is_listed_and_told_once(
    site: VaccinationSite, draft: Draft, manager: User
) -> None:
    reservation = factories.make_reservation(site=site, day=1)
    closure = close(draft(), manager)
    (open_row,) = affected.open_at(NOW, site_id=site.pk)
    assert (open_row.appointment.dose_number, open_row.closure) == (1, closure)
    assert Reservation.objects.get().state == Reservation.State.CONFIRMED
    assert check.wrong_counters() == []
    (message,) = told("affected")
    assert "Neprivezli vakcinu." in (message.text or "")
    assert message.reference == str(reservation.pk)
    finishing.finish_all(now=NOW)
    Closure.objects.update(done_at=None)
    finishing.finish_all(now=NOW)
    assert len(told("affected")) == 1


def test_both_doses_in_a_closed_time_are_told_in_one_message(
    site: VaccinationSite, draft: Draft, manager: User
) -> None:
    registration = factories.make_registration(email="jana@example.cz")
    factories.make_reservation(registration, site=site, day=1)
    close(draft(1, hours=24 * 30), manager)
    email, sms = told("affected")
    assert REASON in (email.text or "")
    assert affected.open_at(NOW).count() == 2
    assert "12.1.2027 09:00, ut 2.2.2027 09:00, Nemocnice Motol" in (sms.text or "")


def test_of_a_second_dose_alone_the_first_stays_and_the_person_reads_so(
    site: VaccinationSite, draft: Draft, manager: User
) -> None:
    registration = factories.make_registration(email="jana@example.cz", phone="", language="en")
    factories.make_reservation(registration, site=site, day=1)
    close(draft(22), manager)
    (message,) = told("affected")
    assert message.text is not None
    assert "- dose 2: Tuesday 2. 2. 2027, 09:00" in breakable(message.text)
    assert "Your other time holds, please come:" in message.text
    assert [row.appointment.dose_number for row in affected.open_at(NOW)] == [2]


def test_a_seat_that_is_given_up_in_a_closed_time_goes_with_its_person(
    site: VaccinationSite, make_slot: Make, draft: Draft, manager: User
) -> None:
    reservation = factories.make_reservation(site=site, day=1)
    elsewhere = make_slot(2, "09:00", "ANY")
    close(draft(), manager)
    first = reservation.appointments.get(dose_number=1)
    closed = first.slot
    assert state_of(closed) == (True, 1, 1)
    arrangements.move(appointment=first, slot_id=elsewhere.pk, now=NOW)
    assert state_of(closed) == (True, 0, 0)
    assert not affected.open_at(NOW).exists()


def test_a_time_of_one_vaccine_alone_is_closed(
    make_slot: Make, one_dose_vaccine: Any, draft: Draft, manager: User
) -> None:
    kept, shut = make_slot(), make_slot(vaccine=one_dose_vaccine)
    close(draft(vaccine=one_dose_vaccine), manager)
    assert (state_of(kept)[0], state_of(shut)[0]) == (False, True)


def test_a_hold_in_a_closed_time_is_refused_kindly_and_given_up(
    make_pair: MakePair, make_invitation: Invite, draft: Draft, manager: User
) -> None:
    invitation = make_invitation()
    first, second = make_pair()
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    close(draft(22), manager)
    with pytest.raises(booking_errors.SlotClosed) as refusal:
        booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=NOW)
    assert refusal.value.slot_id == first.pk
    assert (state_of(first), state_of(second)) == ((False, 1, 0), (True, 0, 0))
    assert not told("confirmed")
    assert not AffectedAppointment.objects.exists()


def test_a_closed_time_that_an_old_page_offers_says_that_it_is_closed(
    make_pair: MakePair, make_invitation: Invite, draft: Draft, manager: User
) -> None:
    first, _second = make_pair()
    close(draft(), manager)
    with pytest.raises(booking_errors.SlotClosed):
        booking.hold(invitation_id=make_invitation().pk, slot_id=first.pk, now=NOW)


def test_of_a_running_day_the_rest_is_closed(make_slot: Make, draft: Draft, manager: User) -> None:
    now = factories.at(NOW.date(), "10:00")
    past, to_come = make_slot(0, "09:45"), make_slot(0, "10:15")
    closure = close(draft(0), manager, now)
    assert closure.starts_at == now
    assert (state_of(past)[0], state_of(to_come)[0]) == (False, True)


@pytest.mark.parametrize(
    ("day", "hours", "refusal"),
    [(-1, 12, ClosurePast), (1, 24 * 400, ClosureTooLong)],
)
def test_what_has_passed_or_is_a_slip_is_not_closed(
    draft: Draft, manager: User, day: int, hours: int, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        close(draft(day, hours=hours), manager)
    assert not Closure.objects.exists()


def test_a_time_that_is_closed_already_is_not_closed_again(draft: Draft, manager: User) -> None:
    close(draft(), manager)
    with pytest.raises(ClosureStands):
        close(draft(1, "09:00", hours=1), manager)


def test_whoever_books_while_the_list_is_read_is_shown_before_anything_is_closed(
    site: VaccinationSite, draft: Draft, manager: User
) -> None:
    factories.make_reservation(site=site, day=1)
    shown = closing.plan_closure(draft(), now=NOW)
    assert (shown.affected, shown.free_seats) == (1, 99)
    factories.make_reservation(site=site, day=1)
    with pytest.raises(ClosureChanged):
        closing.close(draft=draft(), shown=shown.fingerprint, by=manager, now=NOW)
    assert not Slot.objects.filter(is_closed=True).exists()
    again = closing.plan_closure(draft(), now=NOW)
    closing.close(draft=draft(), shown=again.fingerprint, by=manager, now=NOW)
    assert affected.open_at(NOW).count() == 2


def test_lifting_opens_the_seats_and_tells_those_who_are_still_there(
    site: VaccinationSite, make_slot: Make, draft: Draft, manager: User
) -> None:
    stays, leaves = (factories.make_reservation(site=site, day=1) for _ in range(2))
    closure = close(draft(), manager)
    elsewhere = make_slot(2, "09:00", "ANY")
    arrangements.move(appointment=leaves.appointments.get(dose_number=1), slot_id=elsewhere.pk, now=NOW)
    closing.lift(closure_id=closure.pk, by=manager, now=NOW)
    slot = stays.appointments.get(dose_number=1).slot
    assert state_of(slot) == (False, 100, 1)
    assert slot.capacity_when_open is None
    (message,) = told("kept")
    assert message.reference == str(stays.pk)
    assert not affected.open_at(NOW).exists()
    closure.refresh_from_db()
    assert closure.done_at == NOW


def test_lifting_opens_no_more_than_the_rules_want_by_then(site: VaccinationSite, draft: Draft, manager: User) -> None:
    rule = factories.make_opening_rule(site, minutes=60, vaccine_id="janssen")
    until = NOW.date() + timedelta(days=3)
    generate(now=NOW, until=until)
    closure = close(draft(hours=48), manager)
    fewer = replace(draft_of(rule), valid_from=NOW.date(), seats=2)
    fewer = replace(fewer, hours=tuple(replace(span, closes_at=time(12)) for span in fewer.hours))
    rules.save(site, fewer, replaces=rule, by=manager, now=NOW)
    closing.lift(closure_id=closure.pk, by=manager, now=NOW)
    of_closed_days = Slot.objects.filter(starts_at__range=(closure.starts_at, closure.ends_at))
    morning = of_closed_days.filter(wall_time__lt=time(12))
    assert set(morning.values_list("is_closed", "capacity")) == {(False, 2)}
    assert set(of_closed_days.difference(morning).values_list("is_closed", "capacity")) == {(True, 0)}
    generate(now=NOW, until=until)
    assert of_closed_days.free().count() == 2 * 4


def test_what_no_rule_wants_any_more_stays_closed_after_lifting(
    site: VaccinationSite, draft: Draft, manager: User
) -> None:
    rule = factories.make_opening_rule(site, minutes=60)
    until = NOW.date() + timedelta(days=3)
    generate(now=NOW, until=until)
    first = factories.make_reservation(site=site, day=1).appointments.get(dose_number=1)
    closure = close(draft(), manager)
    rules.end(rule, last_day=NOW.date(), by=manager, now=NOW)
    closing.lift(closure_id=closure.pk, by=manager, now=NOW)
    generate(now=NOW, until=until)
    assert not Slot.objects.free().filter(day__gt=NOW.date(), day__lte=until).exists()
    assert state_of(first.slot) == (True, 1, 1)
    assert len(told("kept")) == 1


def test_lifting_opens_what_a_file_asked_for_meanwhile(
    site: VaccinationSite, vaccine: Vaccine, draft: Draft, manager: User
) -> None:
    asked = DayCapacity(site.pk, NOW.date() + timedelta(days=1), "ANY", 40, time(8), time(9))
    generate_slots(days=[asked], vaccine=vaccine)
    closure = close(draft(), manager)
    for _ in range(2):
        generate_slots(days=[replace(asked, seats=6, closes_at=time(8, 30))], vaccine=vaccine)
        assert set(Slot.objects.values_list("capacity", "is_closed")) == {(0, True)}
    closing.lift(closure_id=closure.pk, by=manager, now=NOW)
    assert list(Slot.objects.order_by("starts_at").values_list("capacity", "is_closed")) == [
        *[(3, False)] * 2,
        *[(0, True)] * 2,
    ]


def test_what_another_closure_closes_stays_closed_and_nobody_is_told_otherwise(
    site: VaccinationSite, draft: Draft, manager: User
) -> None:
    reservation = factories.make_reservation(site=site, day=1)
    day = close(draft(), manager)
    week = close(draft(hours=24 * 7), manager)
    closing.lift(closure_id=day.pk, by=manager, now=NOW)
    slot = reservation.appointments.get(dose_number=1).slot
    assert state_of(slot) == (True, 1, 1)
    assert not told("kept")
    assert [row.closure for row in affected.open_at(NOW)] == [week]
    closing.lift(closure_id=week.pk, by=manager, now=NOW)
    assert state_of(slot) == (False, 100, 1)
    assert len(told("kept")) == 1


def test_a_time_that_is_closed_once_more_is_told_once_more(site: VaccinationSite, draft: Draft, manager: User) -> None:
    factories.make_reservation(site=site, day=1)
    closing.lift(closure_id=close(draft(), manager).pk, by=manager, now=NOW)
    close(draft(), manager)
    assert len(told("affected")) == 2
    assert affected.open_at(NOW).count() == 1


def test_whoever_left_and_came_back_before_it_is_closed_again_is_told_again(
    site: VaccinationSite, make_slot: Make, draft: Draft, manager: User
) -> None:
    first = factories.make_reservation(site=site, day=1).appointments.get(dose_number=1)
    closure = close(draft(), manager)
    arrangements.move(appointment=first, slot_id=make_slot(2, "09:00", "ANY").pk, now=NOW)
    closing.lift(closure_id=closure.pk, by=manager, now=NOW)
    arrangements.move(appointment=first, slot_id=first.slot_id, now=NOW)
    assert not affected.open_at(NOW).exists()
    again = close(draft(), manager)
    assert [row.closure for row in affected.open_at(NOW)] == [again]
    assert len(told("affected")) == 2


def test_a_closure_is_lifted_once_and_not_after_its_time(draft: Draft, manager: User) -> None:
    closure = close(draft(), manager)
    closing.lift(closure_id=closure.pk, by=manager, now=NOW)
    with pytest.raises(ClosureLifted):
        closing.lift(closure_id=closure.pk, by=manager, now=NOW)
    other = close(draft(), manager)
    with pytest.raises(ClosureOver):
        closing.lift(closure_id=other.pk, by=manager, now=NOW + timedelta(days=3))


def test_what_a_broken_closing_left_the_task_finishes(
    site: VaccinationSite, draft: Draft, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a crash: the closure stands, and nothing else was done."""
    factories.make_reservation(site=site, day=1)
    with monkeypatch.context() as patch:
        patch.setattr(finishing, "begin", lambda **_: None)
        close(draft(), manager)
    assert not Slot.objects.filter(is_closed=True).exists()
    assert finishing.finish_all(now=NOW) == 1
    assert Slot.objects.filter(is_closed=True).count() == 1
    assert len(told("affected")) == 1
    assert finishing.finish_all(now=NOW) == 0


def test_a_closure_that_a_lock_holds_up_does_not_hold_up_the_others(
    make_slot: Make, draft: Draft, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = make_slot(2)
    with monkeypatch.context() as patch:
        patch.setattr(finishing, "begin", lambda **_: None)
        held_up, _other = close(draft(1), manager), close(draft(2), manager)
    move = finishing._move_slots

    def time_out(closure_id: int, now: datetime) -> None:
        if closure_id == held_up.pk:
            raise OperationalError
        move(closure_id, now)

    monkeypatch.setattr(finishing, "_move_slots", time_out)
    with pytest.raises(OperationalError):
        finishing.finish_all(now=NOW)
    assert state_of(slot) == (True, 0, 0)
    assert Closure.objects.get(done_at=None) == held_up


def test_many_people_are_told_in_parts(
    site: VaccinationSite, draft: Draft, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(affected, "BATCH", 2)
    monkeypatch.setattr(finishing, "SLOTS", 1)
    for clock in ("09:00", "09:15", "09:30"):
        factories.make_reservation(site=site, day=1, clock=clock)
    closure = close(draft(), manager)
    assert Slot.objects.filter(is_closed=True).count() == 3
    assert len(told("affected")) == 2
    finishing.finish_all(now=NOW)
    assert len(told("affected")) == 3
    closing.lift(closure_id=closure.pk, by=manager, now=NOW)
    finishing.finish_all(now=NOW)
    assert len(told("kept")) == 3


def test_whoever_was_told_not_to_come_is_not_marked_as_missing(
    site: VaccinationSite, draft: Draft, manager: User
) -> None:
    told_not_to, expected = (factories.make_reservation(site=site, day=1, clock=clock) for clock in ("09:00", "10:00"))
    close(draft(1, "09:00", hours=1), manager)
    of_day = [one.appointments.get(dose_number=1) for one in (told_not_to, expected)]
    evening = NOW + timedelta(days=1, hours=9)
    assert arrangements.miss_all(appointments=of_day, now=evening) == [of_day[1]]
    assert affected.open_at(evening).count() == 1


def test_whoever_was_kept_while_others_are_still_told_is_not_handed_over_again(
    site: VaccinationSite, draft: Draft, manager: User
) -> None:
    factories.make_reservation(site=site, day=1)
    close(draft(), manager)
    affected.keep(affected_ids=[affected.open_at(NOW).get().pk], by=manager, now=NOW)
    Closure.objects.update(done_at=None)
    finishing.finish_all(now=NOW)
    assert not affected.open_at(NOW).exists()
    assert AffectedAppointment.objects.count() == 1
