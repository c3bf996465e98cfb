"""Ending a registration and opening it again."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connections

from registration.applying import course, ending
from registration.applying.course import Received
from registration.applying.errors import (
    AlreadyEnded,
    AnotherRegistrationHolds,
    CannotComeBack,
    NotEnded,
    NothingToLeave,
)
from registration.codes import using
from registration.models import EndingReason, PriorityClaim, Register, RegisterCheck, Registration
from registration.people.errors import PersonDied, PersonWasMerged
from registration.signals import registration_ended, registration_reopened
from tests.factories import NOW, make_account, make_codes, make_registration
from tests.race import race, tally
from tests.registration.conftest import texts_to

LATER = NOW + timedelta(days=1)
LEFT, STAFF = Registration.Ending.LEFT, Registration.Ending.STAFF
State = Registration.State


def end(registration: Registration, how: Registration.Ending = LEFT, **more: Any) -> Registration:
    return ending.end(registration=registration, ending=how, now=LATER, **more)


def reopen(registration: Registration, **more: Any) -> Registration:
    return ending.reopen(registration=registration, now=LATER, **more)


def state_of(registration: Registration) -> str:
    return Registration.objects.get(pk=registration.pk).state


@pytest.fixture
def room_above() -> Iterator[list[int]]:
    """A room that gives something back for every registration that ends."""
    asked: list[int] = []

    def give_back(sender: object, registration_id: int, **_: object) -> bool:
        asked.append(registration_id)
        return True

    registration_ended.connect(give_back)
    yield asked
    registration_ended.disconnect(give_back)


# --- ending -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_whoever_leaves_is_told_and_can_come_back_to_the_place_they_had(db: None) -> None:
    jana = make_registration(claims={"carers": "PENDING"})
    left = end(jana)
    assert (left.state, left.ending, left.ended_at) == (State.CANCELLED, LEFT, LATER)
    assert texts_to(str(jana.phone), "registration/ended")
    back = reopen(jana)
    assert (back.state, back.ending, back.ended_at) == (State.ACTIVE, "", None)
    assert (back.number, back.created_at) == (jana.number, jana.created_at)
    assert PriorityClaim.objects.get(registration=jana).state == PriorityClaim.State.PENDING
    assert texts_to(str(jana.phone), "registration/reopened")


@pytest.mark.django_db
def test_the_message_says_whether_times_were_given_back(room_above: list[int]) -> None:
    jana = make_registration(language="en")
    end(jana)
    assert room_above == [jana.pk]
    assert "times were given back" in texts_to(str(jana.phone), "registration/ended")[0]


@pytest.mark.django_db
def test_nothing_is_said_of_times_where_there_were_none() -> None:
    petr = make_registration(language="en")
    end(petr, STAFF, by=make_account("linka"))
    assert "times" not in texts_to(str(petr.phone), "registration/ended")[0]


@pytest.mark.django_db
def test_nobody_writes_to_the_dead() -> None:
    jana = make_registration(email="jana@example.cz")
    end(jana, Registration.Ending.DIED, by=make_account("linka"), died_on=NOW.date())
    jana.person.refresh_from_db()
    assert jana.person.died_on == NOW.date()
    with pytest.raises(PersonDied):
        reopen(jana, by=make_account("linka-2"))
    assert not texts_to(str(jana.phone), "registration/ended") + texts_to("jana@example.cz", "registration/ended")


@pytest.mark.django_db
def test_checks_that_nobody_decided_are_void() -> None:
    jana = make_registration()
    states = RegisterCheck.State
    checks = [
        RegisterCheck.objects.create(registration=jana, register=Register.INSURERS, state=state)
        for state in (states.WAITING, states.DISAGREES, states.AGREES)
    ]
    end(jana)
    assert [RegisterCheck.objects.get(pk=one.pk).state for one in checks] == [states.VOID, states.VOID, states.AGREES]


@pytest.mark.django_db
def test_the_reason_of_staff_is_kept_encrypted_beside_the_history() -> None:
    jana, operator = make_registration(), make_account("linka")
    end(jana, STAFF, by=operator, reason="volala dcera")
    reopen(jana, by=operator, reason="omyl")
    kept = EndingReason.objects.filter(registration=jana)
    assert [(one.is_end, one.reason, one.given_by) for one in kept] == [
        (True, "volala dcera", operator),
        (False, "omyl", operator),
    ]


@pytest.mark.django_db
def test_who_has_all_doses_has_nothing_to_leave() -> None:
    jana = make_registration(state=State.COMPLETED)
    with pytest.raises(NothingToLeave):
        end(jana)
    end(jana, STAFF, by=make_account("linka"))
    assert state_of(jana) == State.CANCELLED


@pytest.mark.django_db
def test_a_dose_that_is_recorded_later_leaves_an_ended_registration_alone() -> None:
    jana = end(make_registration())
    assert not course.keep(registration_id=jana.pk, received=Received(1), is_complete=False)
    assert state_of(jana) == State.CANCELLED


# --- opening again ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_room_above_hears_of_a_reopened_registration() -> None:
    heard: list[int] = []

    def hear(sender: object, registration_id: int, **_: object) -> None:
        heard.append(registration_id)

    registration_reopened.connect(hear)
    jana = end(make_registration())
    reopen(jana)
    registration_reopened.disconnect(hear)
    assert heard == [jana.pk]


@pytest.mark.django_db
def test_the_person_comes_back_only_after_leaving() -> None:
    jana = end(make_registration(), STAFF, by=make_account("linka"))
    with pytest.raises(CannotComeBack):
        reopen(jana)
    with pytest.raises(NotEnded):
        reopen(make_registration())
    assert reopen(jana, by=make_account("linka-2")).state == State.ACTIVE


@pytest.mark.django_db
def test_another_registration_a_death_and_a_joined_record_keep_it_closed() -> None:
    jana = end(make_registration())
    other = make_registration(person=jana.person)
    with pytest.raises(AnotherRegistrationHolds) as refusal:
        reopen(jana)
    assert refusal.value.registration == other
    end(other)
    jana.person.died_on = NOW.date()
    jana.person.save()
    with pytest.raises(PersonDied):
        reopen(jana)
    jana.person.died_on, jana.person.merged_into = None, make_registration().person
    jana.person.save()
    with pytest.raises(PersonWasMerged):
        reopen(jana)


@pytest.mark.django_db
def test_a_registration_of_a_record_that_was_joined_holds_for_the_person() -> None:
    jana = end(make_registration())
    joined = make_registration()
    joined.person.merged_into = jana.person
    joined.person.save()
    with pytest.raises(AnotherRegistrationHolds):
        reopen(jana)


@pytest.mark.django_db
def test_whoever_comes_back_is_told_of_the_code_that_became_free() -> None:
    jana = end(make_registration(email="jana@example.cz", language="en"))
    reopen(jana)
    for template in ("registration/ended", "registration/reopened"):
        assert "Did a registration code give you priority?" in texts_to("jana@example.cz", template)[0]


# --- at once ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_four_tabs_one_ends_the_registration_and_one_opens_it_again(room_above: list[int]) -> None:
    jana = make_registration()
    assert tally(race(*[partial(end, jana)] * 4)) == {"Registration": 1, "AlreadyEnded": 3}
    assert room_above == [jana.pk]
    assert tally(race(*[partial(reopen, jana)] * 4)) == {"Registration": 1, "NotEnded": 3}
    assert len(texts_to(str(jana.phone), "registration/ended")) == 1


@pytest.mark.django_db(transaction=True)
def test_control_twin_without_the_lock_both_tabs_end_it(db: None) -> None:
    jana = make_registration()
    both_have_looked = threading.Barrier(2, timeout=30)

    def careless() -> str:
        try:
            if Registration.objects.get(pk=jana.pk).state == State.CANCELLED:
                raise AlreadyEnded
            both_have_looked.wait()
            Registration.objects.filter(pk=jana.pk).update(state=State.CANCELLED, ending=LEFT, ended_at=LATER)
            return "ended"
        finally:
            connections.close_all()

    assert race(careless, careless) == ["ended", "ended"]


@pytest.mark.django_db(transaction=True)
def test_of_a_return_and_a_new_registration_one_holds(db: None) -> None:
    jana = end(make_registration())
    other = end(make_registration(person=jana.person))
    operator = make_account("linka")
    outcomes = race(partial(reopen, jana, by=operator), partial(reopen, other, by=operator))
    assert tally(outcomes) == {"Registration": 1, "AnotherRegistrationHolds": 1}
    assert Registration.objects.standing().filter(person=jana.person).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_dose_and_an_end_at_once_leave_the_registration_ended(db: None) -> None:
    for _ in range(3):
        jana = make_registration()
        race(partial(end, jana), partial(course.keep, registration_id=jana.pk, received=Received(1), is_complete=False))
        assert state_of(jana) == State.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_registrations_with_two_codes_in_crossed_order_end_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tally(race(*_crossed_endings(monkeypatch, partial(time.sleep, 0.2)))) == {"Registration": 2}


@pytest.mark.django_db(transaction=True)
def test_control_twin_without_the_codes_in_order_one_end_is_a_deadlock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(using, "lock_codes_of", lambda registration: None)
    both_gave_one_back = threading.Barrier(2, timeout=30).wait
    outcomes = race(*_crossed_endings(monkeypatch, both_gave_one_back))
    assert tally(outcomes) == {"Registration": 1, "OperationalError": 1}


def _crossed_endings(monkeypatch: pytest.MonkeyPatch, meet: Callable[[], object]) -> list[partial[Registration]]:
    """Two ends whose claims have the same two codes the other way round; each gives its first one back, and waits."""
    by_group = {group: make_codes(group=group, uses=2)[1][0] for group in ("school-staff", "carers")}
    found = []
    for groups in (list(by_group), list(by_group)[::-1]):
        registration = make_registration()
        for group in groups:
            claim = PriorityClaim.objects.create(registration=registration, group_id=group)
            with using.counted_try(text=by_group[group], phone=str(registration.phone), now=NOW) as code_try:
                assert code_try
                using.use(code_try=code_try, claim=claim, now=NOW)
        found.append(registration)
    give_back, begun = using.give_back, set[int]()

    def slow(claim: PriorityClaim) -> bool:
        gave = give_back(claim)
        if threading.get_ident() not in begun:
            begun.add(threading.get_ident())
            meet()
        return gave

    monkeypatch.setattr(using, "give_back", slow)
    return [partial(end, registration) for registration in found]
