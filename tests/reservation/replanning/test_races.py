"""Re-planning on real PostgreSQL: plans, workers, bookings and answers at once; and the control twins."""

import multiprocessing
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from threading import BrokenBarrierError
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction

from crs import advisory_locks
from crs.messaging.models import Message
from logistics.models import VaccinationSite
from reservation.arranging import seating
from reservation.models import Appointment, Closure, Invitation, PlannedMove, Replan, Slot
from reservation.replanning import answers, planning, publishing, replan_messages, undoing, working
from reservation.replanning.planning import ReplanDraft
from reservation.reserving import booking
from reservation.slots import check
from tests import factories
from tests.factories import NOW
from tests.race import race, tally
from tests.reservation.replanning.conftest import Start, fill

pytestmark = pytest.mark.django_db(transaction=True)

Close = Callable[..., Closure]
Days = Callable[..., None]
PEOPLE = 6


@pytest.fixture
def closed(site: VaccinationSite, days_of: Days, close: Close) -> None:
    """Six people of two closed days, and four seats to which they can move."""
    for number in range(PEOPLE):
        factories.make_reservation(site=site, day=10 + number % 2)
    fill()
    days_of(8, capacity=4)
    close(10, 11)


def begin(coordinator: User) -> Replan:
    draft = ReplanDraft(Replan.Scope.AFFECTED, reason="Havárie vody")
    return Replan.objects.create(**vars(draft), made_at=NOW, made_by=coordinator)


def work(*_: Any) -> int:
    return working.work_all(now=NOW)


def test_two_coordinators_who_plan_at_once_count_each_person_and_each_seat_once(
    closed: None, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "BATCH", 2)
    plans = [begin(coordinator) for _ in range(2)]
    race(*(partial(planning.plan_part, replan_id=plan.pk, now=NOW) for plan in plans * 3))
    work()
    moves = PlannedMove.objects.filter(state="PLANNED").values_list("appointment", flat=True)
    assert len(moves) == len(set(moves)) == 4


def test_without_the_lock_they_plan_one_seat_twice(
    closed: None, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = multiprocessing.Barrier(2)
    monkeypatch.setattr(advisory_locks, "take", lambda *_: None)
    place = planning._places

    def together(*args: Any) -> Any:
        if not both.broken and both.n_waiting < 2:
            # Whoever goes on first breaks it, also for the other one, who is about to go on.
            with suppress(BrokenBarrierError):
                both.wait(timeout=20)
            both.abort()
        return place(*args)

    monkeypatch.setattr(planning, "_places", together)
    plans = [begin(coordinator) for _ in range(2)]
    race(*(partial(planning.plan_part, replan_id=plan.pk, now=NOW) for plan in plans))
    assert PlannedMove.objects.filter(state="PLANNED").count() > 4


def test_workers_who_publish_at_once_move_and_tell_each_person_once_beside_people_who_book(
    closed: None, site: VaccinationSite, start: Start, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "BATCH", 2)
    replan = start()
    to = Slot.objects.get(day=NOW.date() + timedelta(days=8))
    factories.make_slot(29, for_doses="SECOND", capacity=9, site=site)
    booking_people: list[Invitation] = [factories.make_invitation() for _ in range(2)]
    Replan.objects.filter(pk=replan.pk).update(state="PUBLISHING", published_at=NOW, published_by=coordinator)
    outcomes = race(
        *(work for _ in range(3)),
        *(partial(booking.hold, invitation_id=one.pk, slot_id=to.pk, now=NOW) for one in booking_people),
    )
    assert set(tally(outcomes)) <= {"int", "Held", "SlotFull"}
    held = tally(outcomes)["Held"]
    states = list(PlannedMove.objects.filter(replan=replan).values_list("state", flat=True))
    assert (states.count("MOVED"), states.count("FAILED")) == (4 - held, held)
    told = list(Message.objects.filter(template="reservation/replanned").values_list("reference", flat=True))
    assert len(told) == len(set(told)) == 4 - held
    replan.refresh_from_db()
    assert replan.state == "PUBLISHED"
    assert check.wrong_counters() == []


def _pause_in_undo(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> list[Any]:
    """Let `act` run on another connection once an undoing has looked who has acted."""
    look = undoing._has_not_acted
    outcomes: list[Any] = []

    def looking(*args: Any) -> bool:
        found = look(*args)
        if not outcomes:
            outcomes.append(None)
            outcomes.extend(race(act))
        return found

    monkeypatch.setattr(undoing, "_has_not_acted", looking)
    return outcomes


def moved(start: Start, coordinator: User) -> tuple[Replan, PlannedMove]:
    replan = start()
    publishing.publish(replan_id=replan.pk, by=coordinator, now=NOW)
    work()
    return replan, PlannedMove.objects.filter(state="MOVED").select_related("appointment", "to_slot")[0]


def impatient(move: PlannedMove) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '500ms'")  # LOCAL, as the connection goes back into the pool
        return answers.answer(move=move, now=NOW)


def test_whoever_agrees_while_it_is_undone_waits_and_is_told_the_truth(
    closed: None, start: Start, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    replan, move = moved(start, coordinator)
    outcomes = _pause_in_undo(monkeypatch, partial(impatient, move))
    undoing.undo(replan_id=replan.pk, by=coordinator, now=NOW)
    work()
    assert type(outcomes[1]).__name__ == "OperationalError"  # it waited for the undoing
    assert answers.answer(move=move, now=NOW) is False
    move.refresh_from_db()
    assert (move.state, move.answered_at) == ("UNDONE", None)
    assert check.wrong_counters() == []


def test_without_the_lock_of_the_person_somebody_who_agreed_is_moved_back(
    closed: None, start: Start, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    replan, move = moved(start, coordinator)
    monkeypatch.setattr(seating, "lock_appointment", lambda key: Appointment.objects.get(pk=key))
    outcomes = _pause_in_undo(monkeypatch, partial(impatient, move))
    undoing.undo(replan_id=replan.pk, by=coordinator, now=NOW)
    assert outcomes[1] is True
    move.refresh_from_db()
    assert (move.state, move.answered_at) == ("UNDONE", NOW)


def _work_and_die(replan_id: int) -> None:
    """Publish one part, and be killed in the middle of the next one."""
    tell = replan_messages.tell_moved
    calls: list[int] = []

    def die(*args: Any, **more: Any) -> None:
        tell(*args, **more)
        calls.append(1)
        if len(calls) == 2:
            os.kill(os.getpid(), 9)

    replan_messages.tell_moved = die
    working.work_all(now=NOW)


def test_a_worker_that_is_killed_loses_nobody_and_tells_nobody_twice(
    closed: None, start: Start, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "BATCH", 1)
    replan = start()
    Replan.objects.filter(pk=replan.pk).update(state="PUBLISHING", published_at=NOW, published_by=coordinator)
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]
    child = multiprocessing.get_context("fork").Process(target=_work_and_die, args=(replan.pk,))
    child.start()
    child.join(timeout=60)
    assert child.exitcode == -9
    assert PlannedMove.objects.filter(state="MOVED").count() == 1
    work()
    told = list(Message.objects.filter(template="reservation/replanned").values_list("reference", flat=True))
    assert len(told) == len(set(told)) == 4
    assert PlannedMove.objects.filter(state="MOVED").count() == 4
    assert check.wrong_counters() == []
