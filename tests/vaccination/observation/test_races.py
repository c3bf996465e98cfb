"""Two people at one visit or one report, on real PostgreSQL, and the control twins."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from crs import advisory_locks
from crs.advisory_locks import Lock
from logistics.models import VaccinationSite
from logistics.stock.ledger import EntryContext
from tests.factories import NOW, context, make_event, make_site, make_sitting
from tests.race import race, tally
from tests.waiting import wait_until_somebody_waits
from vaccination.models import AdverseEvent, AdverseEventAddition, DayClosing, Dose, Visit
from vaccination.observation import adverse_events, observing

pytestmark = pytest.mark.django_db(transaction=True)
OVER = NOW + timedelta(minutes=15)


def visit_of(dose: Dose) -> Visit:
    assert dose.visit_id
    return Visit.objects.get(pk=dose.visit_id)


def test_two_nurses_who_press_at_once_let_the_person_go_once() -> None:
    visit = visit_of(make_sitting(make_site()))
    outcomes = race(*[partial(observing.leave, visit=visit_again(visit), context=context(OVER)) for _ in range(2)])
    assert tally(outcomes) == {"Visit": 2}
    assert visit.events.filter(state="GONE").count() == 1  # type: ignore[attr-defined]


def visit_again(visit: Visit) -> Visit:
    return Visit.objects.get(pk=visit.pk)


def test_nobody_leaves_while_a_doctor_keeps_them() -> None:
    visit, is_kept = visit_of(make_sitting(make_site())), threading.Event()

    def keep() -> None:
        with transaction.atomic():
            why = EntryContext(by=None, now=OVER, note="závrať")
            observing.prolong(visit=visit_again(visit), minutes=15, context=why)
            is_kept.set()
            wait_until_somebody_waits()  # the nurse has pressed

    def let_go() -> Visit:
        assert is_kept.wait(20)
        return observing.leave(visit=visit_again(visit), context=context(OVER))

    assert tally(race(keep, let_go)) == {"NoneType": 1, "StillObserved": 1}
    assert visit_again(visit).state == "OBSERVED"


def test_control_looked_at_without_the_guard_the_person_leaves_all_the_same() -> None:
    visit, is_kept = visit_of(make_sitting(make_site())), threading.Event()

    def keep() -> None:
        with transaction.atomic():
            why = EntryContext(by=None, now=OVER, note="závrať")
            observing.prolong(visit=visit_again(visit), minutes=15, context=why)
            is_kept.set()
            wait_until_somebody_waits()

    def let_go() -> None:
        assert is_kept.wait(20)
        seen = visit_again(visit)
        assert seen.observe_until == OVER
        Visit.objects.filter(pk=visit.pk).update(state="GONE", left_at=OVER)

    race(keep, let_go)
    gone = visit_again(visit)
    assert (gone.state, gone.observe_until) == ("GONE", OVER + timedelta(minutes=15))


def _close_slowly(site: VaccinationSite, meanwhile: Callable[[], object], *, is_locked: bool) -> None:
    with transaction.atomic():
        if is_locked:
            advisory_locks.take(Lock.DAY_OF_A_SITE, f"{site.pk} {NOW.date()}")
        numbers = ("expected", "vaccinated", "missed", "doses_given", "doses_consumed", "doses_wasted")
        DayClosing.objects.create(site=site, day=NOW.date(), closed_at=NOW, **dict.fromkeys(numbers, 0))
        meanwhile()


@pytest.mark.parametrize(("is_locked", "state"), [(True, "GONE"), (False, "OBSERVED")], ids=["lock", "control"])
def test_nobody_sits_again_on_a_day_that_is_being_closed(*, is_locked: bool, state: str) -> None:
    visit = visit_of(make_sitting(make_site()))
    observing.leave(visit=visit, context=context(OVER))
    is_closing, is_back = threading.Event(), threading.Event()

    def somebody_is_taken_back() -> None:
        is_closing.set()
        if is_locked:
            wait_until_somebody_waits()
        else:
            assert is_back.wait(20)

    def take_back() -> Visit:
        assert is_closing.wait(20)
        taken_back = observing.take_leave_back(visit=visit_again(visit), context=context(OVER))
        is_back.set()
        return taken_back

    outcomes = race(partial(_close_slowly, visit.site, somebody_is_taken_back, is_locked=is_locked), take_back)
    assert tally(outcomes) == {"NoneType": 1, "NotTakenBack" if is_locked else "Visit": 1}
    assert visit_again(visit).state == state


def _nullify_slowly(event: AdverseEvent, meanwhile: Callable[[], object]) -> None:
    with transaction.atomic():
        adverse_events.nullify(event=event, reason="omyl", context=context(OVER))
        meanwhile()


def test_nothing_is_added_to_a_report_that_is_nullified_at_the_moment() -> None:
    event, is_nullified = make_event(make_sitting(make_site())), threading.Event()

    def somebody_adds() -> None:
        is_nullified.set()
        wait_until_somebody_waits()

    def add() -> None:
        assert is_nullified.wait(20)
        adverse_events.add(event=event, text="ještě něco", context=context(OVER))

    assert tally(race(partial(_nullify_slowly, event, somebody_adds), add)) == {"NoneType": 1, "EventNullified": 1}
    assert not AdverseEventAddition.objects.exists()


def test_control_without_the_lock_it_is_added() -> None:
    event = make_event(make_sitting(make_site()))
    is_nullified, is_added = threading.Event(), threading.Event()

    def somebody_adds() -> None:
        is_nullified.set()
        assert is_added.wait(20)

    def add() -> None:
        assert is_nullified.wait(20)
        if AdverseEvent.objects.get(pk=event.pk).state == "REPORTED":
            AdverseEventAddition.objects.create(event=event, text="ještě něco", added_at=OVER)
        is_added.set()

    race(partial(_nullify_slowly, event, somebody_adds), add)
    assert AdverseEventAddition.objects.exists()


def test_two_people_who_nullify_a_report_give_it_one_reason() -> None:
    event = make_event(make_sitting(make_site()))
    outcomes = race(
        *[partial(adverse_events.nullify, event=event, reason=why, context=context(OVER)) for why in ("a", "b")]
    )
    assert tally(outcomes) == {"NoneType": 1, "EventNullified": 1}
