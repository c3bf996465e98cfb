"""Checks with registers: wanted, asked, kept, told; and nobody is refused by them."""

import json
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from crs.messaging.models import Message
from registration.applying import ending
from registration.models import (
    HealthWorkerRecord,
    InsuredRecord,
    Mismatch,
    Person,
    PriorityClaim,
    RegisterCheck,
    Registration,
)
from registration.people.insured_number import lookup_hash
from registration.registers import checking, configured
from registration.registers.checking import LATE, TAKEN_FOR, check_due, tell_late, want
from registration.registers.state import words_of
from tests.factories import NOW, make_registration
from tests.race import race
from tests.registration.registers.far_end import Handler, Register, nobody_listens

JANA = "6854021240"
State = RegisterCheck.State


@pytest.fixture(autouse=True)
def registers(settings: Settings) -> Iterator[None]:
    """Both registers are kept here."""
    settings.INSURERS_REGISTER = settings.HEALTH_WORKERS_REGISTER = "local"
    yield
    cache.clear()


def jana(**fields: Any) -> Registration:
    """Jana is registered under her real number."""
    registration = make_registration(birth_date=date(1968, 4, 2), **fields)
    Person.objects.filter(pk=registration.person_id).update(insured_number=JANA, insured_number_hash=lookup_hash(JANA))
    return Registration.objects.select_related("person").get(pk=registration.pk)


def insured(**fields: Any) -> InsuredRecord:
    values = {
        "number_hash": lookup_hash(JANA),
        "first_name": "JANA",
        "last_name": "NOVAKOVA",
        "birth_date": date(1968, 4, 2),
        "insurer": "111",
    }
    return InsuredRecord.objects.create(**(values | fields))


def worker(**fields: Any) -> HealthWorkerRecord:
    values = {
        "number_hash": lookup_hash(JANA),
        "worker_number": "100",
        "first_name": "Jana",
        "last_name": "Nováková",
        "profession": "sestra",
    }
    return HealthWorkerRecord.objects.create(**(values | fields))


def told() -> list[str]:
    return list(Message.objects.filter(channel="SMS").order_by("pk").values_list("template", flat=True))


def only_check() -> RegisterCheck:
    return RegisterCheck.objects.get()


pytestmark = pytest.mark.django_db


def test_data_that_agree_are_checked_in_silence() -> None:
    insured()
    want(registration=jana(), now=NOW)
    assert not check_due(now=NOW)
    check = only_check()
    assert (check.state, check.attempts) == (State.AGREES, 1)
    assert json.loads(check.answer)["last_name"] == "NOVAKOVA"
    assert told() == []


def test_a_check_is_wanted_once_and_only_where_there_is_a_register_and_a_number(settings: Settings) -> None:
    registration = jana(claims={"health-workers": "PENDING", "carers": "PENDING"})
    for claim in registration.priority_claims.all():
        want(registration=registration, claim=claim, now=NOW)
    for _twice in range(2):
        want(registration=registration, now=NOW)
    assert sorted(RegisterCheck.objects.values_list("register", "claim__group")) == [
        ("INSURERS", None),
        ("WORKERS", "health-workers"),  # a carer proves it by a code
    ]
    settings.INSURERS_REGISTER = ""
    want(registration=make_registration(), now=NOW)
    settings.INSURERS_REGISTER = "local"
    nobody = make_registration()
    Person.objects.filter(pk=nobody.person_id).update(insured_number=None, insured_number_hash="", document_hash="x")
    want(registration=Registration.objects.get(pk=nobody.pk), now=NOW)
    assert RegisterCheck.objects.count() == 2


def test_the_task_is_started_after_the_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr("crs.queueing.send_once", started.append)
    with django_capture_on_commit_callbacks(execute=True):
        want(registration=jana(), now=NOW)
        assert started == []
    assert started == ["registration.check_with_registers"]


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ({"last_name": "Dvořáková"}, "NAME"),
        ({"birth_date": date(1968, 4, 3)}, "BIRTH_DATE"),
        ({"insured_until": date(2026, 12, 31)}, "NOT_INSURED"),
        ({"number_hash": "f" * 64}, "NOT_FOUND"),
    ],
)
def test_what_differs_goes_to_the_desk_and_refuses_nobody(record: dict[str, Any], kind: str) -> None:
    insured(**record)
    registration = jana(email="jana@seznam.cz")
    want(registration=registration, now=NOW)
    check_due(now=NOW)
    mismatch = Mismatch.objects.get()
    assert (mismatch.kind, only_check().state) == (kind, State.DISAGREES)
    assert mismatch.due_at > NOW
    registration.refresh_from_db()
    assert registration.state == "ACTIVE"
    assert told() == ["registration/mismatch"]
    for message in Message.objects.all():
        text = message.text + message.subject
        assert not any(word in text for word in ("Nováková", "Dvořáková", "1968", JANA, "narozen"))
    assert len(words_of(registration)) == 1


def test_a_register_that_is_asked_no_more_is_waited_for_no_more(settings: Settings) -> None:
    registration = jana()
    want(registration=registration, now=NOW)
    assert len(words_of(registration)) == 1
    settings.INSURERS_REGISTER = ""
    assert words_of(registration) == []


def test_of_a_death_the_telephone_learns_nothing() -> None:
    insured(died_on=date(2027, 1, 5), last_name="Jiná")
    want(registration=jana(), now=NOW)
    check_due(now=NOW)
    assert Mismatch.objects.get().kind == "DIED"
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("record", "state", "template"),
    [
        ({}, "PROVEN", []),
        ({"last_name": "Jiná"}, "DISPUTED", ["registration/worker_mismatch"]),
        ({"until": date(2026, 1, 1)}, "DISPUTED", ["registration/worker_mismatch"]),
    ],
)
def test_the_register_proves_or_disputes_a_health_workers_claim(
    record: dict[str, Any], state: str, template: list[str]
) -> None:
    worker(**record)
    registration = jana(claims={"health-workers": "PENDING"})
    claim = registration.priority_claims.get()
    want(registration=registration, claim=claim, now=NOW)
    check_due(now=NOW)
    claim.refresh_from_db()
    assert claim.state == state
    assert told() == template


def test_what_is_not_wanted_any_more_is_void() -> None:
    insured(), worker()
    registration = jana(claims={"health-workers": "PENDING"})
    want(registration=registration, now=NOW)
    want(registration=registration, claim=registration.priority_claims.get(), now=NOW)
    PriorityClaim.objects.update(state="WITHDRAWN")
    Registration.objects.update(state="COMPLETED")
    check_due(now=NOW)
    assert set(RegisterCheck.objects.values_list("state", flat=True)) == {State.VOID}


def test_a_registration_that_is_opened_again_is_checked_again() -> None:
    registration = jana(claims={"health-workers": "PENDING"})
    want(registration=registration, now=NOW)
    ending.end(registration=registration, ending=Registration.Ending.LEFT, now=NOW)
    ending.reopen(registration=registration, now=NOW)
    states = RegisterCheck.objects.order_by("pk").values_list("register", "state")
    assert list(states) == [("INSURERS", "VOID"), ("INSURERS", "WAITING"), ("WORKERS", "WAITING")]


def waits() -> list[float]:
    """After how many minutes each of the next attempts comes, while nobody answers."""
    found, now = [], NOW
    for _attempt in range(9):
        check_due(now=now)
        found.append((only_check().due_at - now).total_seconds() / 60)
        now = only_check().due_at
    return found


def test_while_the_register_is_away_people_wait_longer_and_longer() -> None:
    want(registration=jana(), now=NOW)  # nothing was imported
    assert waits() == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    insured()
    check_due(now=only_check().due_at)
    assert only_check().state == State.AGREES


def test_a_register_that_is_away_is_asked_once_in_a_round_and_the_other_one_goes_on(settings: Settings) -> None:
    settings.INSURERS_REGISTER, settings.INSURERS_REGISTER_TOKEN = nobody_listens(), "t"
    worker()
    registration = jana(claims={"health-workers": "PENDING"})
    for one in (registration, make_registration(), make_registration()):
        want(registration=one, now=NOW)
    want(registration=registration, claim=registration.priority_claims.get(), now=NOW)
    assert not check_due(now=NOW)
    assert sorted(RegisterCheck.objects.values_list("register", "attempts")) == [
        ("INSURERS", 0),
        ("INSURERS", 0),
        ("INSURERS", 1),
        ("WORKERS", 1),
    ]
    assert RegisterCheck.objects.get(register="WORKERS").state == State.AGREES


@pytest.fixture
def far_end(settings: Settings) -> Iterator[Register]:
    """The insurers' register over HTTP."""
    there = Register()
    settings.INSURERS_REGISTER, settings.INSURERS_REGISTER_TOKEN = there.url, "token"
    yield there
    there.end()


def test_a_register_is_left_alone_for_as_long_as_it_says(far_end: Register) -> None:
    far_end.answering = lambda one: one.answer({}, 429, Retry_After="600")
    want(registration=jana(), now=NOW)
    want(registration=make_registration(), now=NOW)
    check_due(now=NOW)
    check_due(now=NOW + timedelta(minutes=1))
    assert len(far_end.asked) == 1
    assert RegisterCheck.objects.get(attempts=1).due_at == NOW + timedelta(minutes=10)


def test_one_answer_that_cannot_be_read_holds_up_nobody_else(far_end: Register) -> None:
    def answer(one: Handler) -> None:
        one.answer(one.person() if one.question["number"] == JANA else {"nonsense": True})

    far_end.answering = answer
    want(registration=make_registration(), now=NOW)
    want(registration=jana(), now=NOW + timedelta(seconds=1))
    check_due(now=NOW + timedelta(minutes=1))
    assert list(RegisterCheck.objects.order_by("pk").values_list("state", flat=True)) == [State.WAITING, State.AGREES]


def test_a_round_ends_in_time_and_says_that_something_is_left() -> None:
    want(registration=jana(), now=NOW)
    assert check_due(now=NOW, seconds=0)
    assert only_check().attempts == 0


def test_whose_worker_was_killed_is_asked_about_again() -> None:
    insured()
    want(registration=jana(), now=NOW)
    checking._take(configured.configured(), now=NOW)  # and then kill -9
    check_due(now=NOW + TAKEN_FOR - timedelta(seconds=1))
    assert only_check().state == State.WAITING
    check_due(now=NOW + TAKEN_FOR)
    assert (only_check().state, only_check().attempts) == (State.AGREES, 2)


def test_a_worker_that_comes_back_too_late_changes_nothing() -> None:
    insured(last_name="Jiná")
    want(registration=jana(), now=NOW)
    late = checking._take(configured.configured(), now=NOW)
    assert late is not None
    check_due(now=NOW + TAKEN_FOR)
    checking._keep(late, None, now=NOW + TAKEN_FOR)
    assert Mismatch.objects.get().kind == "NAME"
    assert told() == ["registration/mismatch"]


def test_whoever_waits_for_hours_is_told_once_and_once_more_when_it_is_done() -> None:
    registration = jana(claims={"health-workers": "PENDING"})
    want(registration=registration, now=NOW)
    want(registration=registration, claim=registration.priority_claims.get(), now=NOW)
    assert tell_late(now=NOW + LATE) == 0
    later = NOW + LATE + timedelta(minutes=1)
    assert (tell_late(now=later), tell_late(now=later)) == (1, 0)
    assert told() == ["registration/check_late"]
    insured(), worker()
    check_due(now=later + timedelta(hours=2))
    assert told() == ["registration/check_late", "registration/check_done"]


def test_at_night_nobody_is_woken() -> None:
    insured(last_name="Jiná")
    night = NOW.replace(hour=2)
    want(registration=jana(), now=night)
    check_due(now=night)
    assert Message.objects.get(channel="SMS").due_at == NOW.replace(hour=8)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_never_ask_about_one_person_twice(far_end: Register) -> None:
    def slowly(one: Handler) -> None:
        one.server.is_over.wait(0.05)
        one.answer(one.person(first_name="Jana"))

    far_end.answering = slowly
    with transaction.atomic():
        for _someone in range(8):
            want(registration=make_registration(birth_date=date(1968, 4, 2)), now=NOW)
    race(*[partial(check_due, now=NOW)] * 4)
    asked = [question["number"] for _path, _heads, question in far_end.asked]
    assert len(asked) == len(set(asked)) == 8
    assert set(RegisterCheck.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_would(far_end: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    all_have_looked, met = threading.Barrier(4, timeout=30), set[int]()

    def unlocked(registers_asked: Any, *, now: datetime) -> RegisterCheck | None:
        check = (
            RegisterCheck.objects.filter(state=State.WAITING, due_at__lte=now)
            .select_related("registration__person")
            .order_by("due_at", "pk")
            .first()
        )
        if threading.get_ident() not in met:  # the first look of each
            met.add(threading.get_ident())
            all_have_looked.wait()
        if check is not None:
            check.attempts += 1
            RegisterCheck.objects.filter(pk=check.pk).update(attempts=check.attempts, due_at=now + TAKEN_FOR)
        return check

    monkeypatch.setattr(checking, "_take", unlocked)
    with transaction.atomic():
        for _someone in range(3):
            want(registration=make_registration(birth_date=date(1968, 4, 2)), now=NOW)
    race(*[partial(check_due, now=NOW)] * 4)
    assert len(far_end.asked) > 3
