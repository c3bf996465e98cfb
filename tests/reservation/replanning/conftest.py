"""What the tests of re-planning are made of: people who are booked, and times that cannot stay."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F

from logistics.models import Role, VaccinationSite
from reservation.closing import closing
from reservation.closing.closing import ClosureDraft
from reservation.models import Closure, Replan, Slot
from reservation.replanning import planning, publishing, undoing, working
from reservation.replanning.planning import ReplanDraft
from tests import factories
from tests.factories import NOW

Start = Callable[..., Replan]


@pytest.fixture
def coordinator(db: None) -> User:
    return factories.make_staff(Role.MINISTRY, name="koordinator")


def fill() -> None:
    """Leave no seat free in the slots that the reservations made."""
    Slot.objects.update(capacity=F("booked"))


@pytest.fixture
def close(site: VaccinationSite, coordinator: User) -> Callable[..., Closure]:
    """Close the days from one to another, counted from `NOW`."""

    def close(first: int, last: int | None = None) -> Closure:
        begin = factories.at(NOW.date() + timedelta(days=first), "00:00")
        end = factories.at(NOW.date() + timedelta(days=(first if last is None else last) + 1), "00:00")
        return closing.close(draft=ClosureDraft(site, begin, end, "Havárie vody"), shown=None, by=coordinator, now=NOW)

    return close


@pytest.fixture
def start(coordinator: User) -> Start:
    """A plan, made to its end."""

    def start(scope: str = "AFFECTED", **fields: Any) -> Replan:
        draft = ReplanDraft(Replan.Scope(scope), reason="Havárie vody", **fields)
        made = planning.start(draft=draft, by=coordinator, now=NOW)
        working.work_all(now=NOW)
        made.refresh_from_db()
        return made

    return start


@pytest.fixture
def days_of(site: VaccinationSite) -> Callable[..., None]:
    """Slots on these days, counted from `NOW`, each with so many seats, for first doses unless told otherwise."""

    def make(*days: int, doses: str = "FIRST", clock: str = "09:00", capacity: int = 1, **fields: Any) -> None:
        place = {"site": site} | fields
        for day in days:
            factories.make_slot(day, clock, doses, capacity, **place)

    return partial(make)


@pytest.fixture
def publish(coordinator: User) -> Callable[[Replan], None]:
    def publish(replan: Replan) -> None:
        publishing.publish(replan_id=replan.pk, by=coordinator, now=NOW)
        working.work_all(now=NOW)
        replan.refresh_from_db()
        assert replan.state == "PUBLISHED"

    return publish


@pytest.fixture
def undo(coordinator: User) -> Callable[[Replan], None]:
    def undo(replan: Replan) -> None:
        undoing.undo(replan_id=replan.pk, by=coordinator, now=NOW)
        working.work_all(now=NOW)
        replan.refresh_from_db()
        assert replan.state == "UNDONE"

    return undo
