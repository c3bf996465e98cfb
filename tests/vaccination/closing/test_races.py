"""Two people who close, and people who work while the day is closed, on real PostgreSQL; with control twins."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from logistics.models import StockBalance, VaccinationSite
from reservation.models import Appointment
from tests.factories import (
    NOW,
    context,
    make_open_vial,
    make_registration,
    make_reservation,
    make_site,
    make_station,
    make_worker,
)
from tests.race import race, tally
from vaccination.closing import day as closing
from vaccination.closing.errors import StillWaiting
from vaccination.closing.figures import figures
from vaccination.doses import recording
from vaccination.doses.recording import DoseEntry
from vaccination.models import DayClosing, Dose, VialSession, Visit
from vaccination.vials import sessions
from vaccination.vials.errors import VialDayIsClosed
from vaccination.visits import check_in
from vaccination.visits.check_in import CheckInDetails

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]

TODAY = NOW.date()
EVENING = NOW + timedelta(hours=9)


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


def close(site: VaccinationSite) -> DayClosing:
    return closing.close(
        site=site, day=TODAY, explanation="", waste_reason="LEFT_OVER", nobody_comes=True, context=context(EVENING)
    )


def dose_of_another_system(site: VaccinationSite) -> Callable[[], Dose]:
    """A dose without a visit, so that nobody has to sit."""
    vial, doctor = make_open_vial(site, now=NOW - timedelta(minutes=10)), make_worker(site)
    entry = DoseEntry(
        registration=make_registration(),
        site=site,
        visit=None,
        vial=vial,
        number=1,
        given_at=NOW,
        where="LEFT_ARM",
        is_dominant_side=False,
        given_by=doctor,
        doctor=doctor,
    )
    return partial(recording.record, entry=entry, context=context())


class Held:
    """Does something, and commits only a while after the other has begun."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.act = act
        self.is_written = threading.Event()
        self.may_commit = threading.Event()

    def first(self) -> Any:
        """The one that is held."""
        with transaction.atomic():
            made = self.act()
            self.is_written.set()
            self.may_commit.wait(timeout=10)
        return made

    def then(self, other: Callable[[], Any]) -> Any:
        """The one that comes meanwhile."""
        self.is_written.wait(timeout=10)
        threading.Timer(0.2, self.may_commit.set).start()
        return other()


def unlocked(site_id: object, day: object) -> None:
    """What the closing would do without its lock."""


# --- two who close ------------------------------------------------------------------------------


def test_two_people_who_close_at_once_make_one_closing(site: VaccinationSite) -> None:
    vial = make_open_vial(site)
    assert tally(race(*[partial(close, site)] * 3)) == {"DayClosing": 1, "AlreadyClosed": 2}
    vial.refresh_from_db()
    assert (vial.wasted, DayClosing.objects.get().doses_wasted) == (6, 6)


def test_without_the_lock_only_the_constraint_is_left(site: VaccinationSite, monkeypatch: pytest.MonkeyPatch) -> None:
    both_have_read = threading.Barrier(2)
    require = closing._require_finished

    def wait(*args: Any, **kwargs: Any) -> None:
        both_have_read.wait(timeout=10)
        require(*args, **kwargs)

    monkeypatch.setattr(closing, "_lock", unlocked)
    monkeypatch.setattr(closing, "_require_finished", wait)
    assert tally(race(*[partial(close, site)] * 2)) == {"DayClosing": 1, "IntegrityError": 1}


# --- a dose -------------------------------------------------------------------------------------


def test_a_closing_counts_the_dose_that_is_being_recorded(site: VaccinationSite) -> None:
    late = dose_of_another_system(site)
    VialSession.objects.update(ended_at=NOW, end="PUT_ASIDE")
    held = Held(dose_of_another_system(site))
    _dose, closed = race(held.first, partial(held.then, partial(close, site)))
    assert (closed.doses_given, closed.doses_consumed) == (1, 1)
    assert tally(race(late)) == {"DoseRefused": 1}


def test_without_the_lock_a_closing_misses_the_dose(site: VaccinationSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "_lock", unlocked)
    held = Held(dose_of_another_system(site))
    _dose, closed = race(held.first, partial(held.then, partial(close, site)))
    assert closed.doses_given == 0
    assert Dose.objects.count() == 1


# --- somebody who comes -------------------------------------------------------------------------


def coming(site: VaccinationSite) -> Callable[[], Visit]:
    appointment = make_reservation(site=site).appointments.get(dose_number=1)
    details = CheckInDetails(identity="PASSPORT", consent="SPOKEN")
    return partial(check_in.check_in, appointment=appointment, site=site, details=details, context=context())


def test_a_closing_sees_who_is_being_checked_in(site: VaccinationSite) -> None:
    held = Held(coming(site))
    _visit, refusal = race(held.first, partial(held.then, partial(close, site)))
    assert isinstance(refusal, StillWaiting)
    assert not Appointment.objects.filter(state="MISSED").exists()


def test_without_the_lock_somebody_who_stands_here_is_marked_as_missing(
    site: VaccinationSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "_lock", unlocked)
    held = Held(coming(site))
    _visit, closed = race(held.first, partial(held.then, partial(close, site)))
    assert closed.missed == 1
    assert Visit.objects.get().state == "ARRIVED"


# --- a vial -------------------------------------------------------------------------------------


def opening(site: VaccinationSite) -> Callable[[], VialSession]:
    make_open_vial(site, station="2", now=NOW - timedelta(hours=1))
    closed = StockBalance.objects.present().exclude(item__storage="OPEN").get().item
    return partial(sessions.open_vial, station=make_station(site), item=closed, doses=5, context=context())


def test_a_closing_throws_away_the_vial_that_is_being_opened(site: VaccinationSite) -> None:
    held = Held(opening(site))
    _vial, closed = race(held.first, partial(held.then, partial(close, site)))
    assert closed.doses_wasted == 6 + 5
    assert not VialSession.objects.with_rest().exists()


def test_without_the_lock_a_vial_stays_open_on_a_closed_day(
    site: VaccinationSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "_lock", unlocked)
    held = Held(opening(site))
    race(held.first, partial(held.then, partial(close, site)))
    assert VialSession.objects.open().count() == 1


def closing_and_throwing_away(site: VaccinationSite) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """A closing that keeps a vial for tomorrow, and somebody who throws the rest of it away meanwhile."""
    vial = make_open_vial(site, number="ABV1234", vaccine="vaxzevria", doses_per_vial=10)
    close = partial(
        closing.close,
        site=site,
        day=TODAY,
        explanation="",
        waste_reason="LEFT_OVER",
        nobody_comes=True,
        kept_items=[vial.item_id],
        context=context(EVENING),
    )
    end = partial(sessions.end, vial=vial, how="WASTED", waste_reason="LEFT_OVER", context=context(EVENING))
    held = Held(close)
    return held.first, partial(held.then, end)


def test_what_a_closing_keeps_is_not_thrown_away_on_the_closed_day(site: VaccinationSite) -> None:
    closed, refusal = race(*closing_and_throwing_away(site))
    assert isinstance(refusal, VialDayIsClosed)
    assert (closed.doses_wasted, figures(site, TODAY).wasted) == (0, 0)


def test_without_the_lock_more_is_thrown_away_than_the_closing_says(
    site: VaccinationSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(site: VaccinationSite, at: Any) -> None:
        if DayClosing.objects.is_closed(site, TODAY):
            raise VialDayIsClosed

    monkeypatch.setattr(sessions, "_hold_open_day", look)
    closed, _vial = race(*closing_and_throwing_away(site))
    assert (closed.doses_wasted, figures(site, TODAY).wasted) == (0, 6)


# --- opening again ------------------------------------------------------------------------------


def test_two_managers_open_a_day_once(site: VaccinationSite) -> None:
    row = close(site)
    reopen = partial(closing.reopen, closing=row, reason="A dose is missing", context=context(EVENING))
    assert tally(race(reopen, reopen)) == {"DayClosing": 1, "NotClosed": 1}
