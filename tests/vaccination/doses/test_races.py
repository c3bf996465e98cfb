"""Many people at one dose, vial, batch and day on real PostgreSQL, and twins that show what a lock is for."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, transaction

from crs import advisory_locks
from crs.advisory_locks import Lock
from crs.errors import DomainError
from logistics.models import Role, StockDocument, Store, VaccinationSite
from logistics.stock import ledger_check
from logistics.vaccines import batches
from reservation.models import Appointment
from tests.factories import NOW, context, make_open_vial, make_registration, make_site, make_staff, make_worker
from tests.race import race
from tests.vaccination.doses.conftest import MINUTE, Entry, come
from vaccination.doses import annulments, case_facts, corrections, recording
from vaccination.doses.case_facts import Facts
from vaccination.doses.corrections import Correction
from vaccination.doses.recording import DoseEntry
from vaccination.models import DayClosing, Dose, VialSession, Visit
from vaccination.signals import dose_recorded
from vaccination.vials import sessions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.fixture(autouse=True)
def it_adds_up_in_the_end() -> Any:
    yield
    assert ledger_check.differences() == []
    assert Dose.objects.valid().count() == StockDocument.objects.not_reversed().filter(kind="CONSUMPTION").count()


def record(entry: DoseEntry, **fields: Any) -> Callable[[], Dose]:
    return partial(recording.record, entry=entry, context=context(**fields))


def names(outcomes: list[Any]) -> list[str]:
    return sorted(type(outcome).__name__ for outcome in outcomes)


# --- one dose -----------------------------------------------------------------------------------


def test_a_double_click_is_one_dose_for_both(site: VaccinationSite, vial: VialSession, entry: Entry) -> None:
    what, key = entry(come(site), vial), uuid4()
    outcomes = race(record(what, key=key), record(what, key=key))
    assert outcomes[0] == outcomes[1] == Dose.objects.get()


def test_two_tabs_and_two_nurses_with_one_person_give_one_dose(
    site: VaccinationSite, vial: VialSession, entry: Entry
) -> None:
    other = make_open_vial(site, station="2", now=NOW - MINUTE)
    nurse = make_worker(site)
    visit = come(site)
    first, second = entry(visit, vial), entry(visit, other, given_by=nurse)
    assert names(race(record(first), record(second), record(first))) == ["AlreadyRecorded", "AlreadyRecorded", "Dose"]
    assert Appointment.objects.filter(state="FULFILLED").count() == 1


def test_two_systems_with_one_person_give_one_dose(site: VaccinationSite, vial: VialSession, entry: Entry) -> None:
    what = entry(come(site), vial, visit=None)
    assert names(race(record(what), record(what))) == ["Dose", "DoseRefused"]


def test_without_the_lock_of_the_person_only_the_constraint_is_left(
    site: VaccinationSite, vial: VialSession, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_have_read = threading.Barrier(2)
    meet, read = recording._weighed, case_facts.read

    def unlocked(**asked: Any) -> Facts:
        return read(**{**asked, "is_locking": False})

    def wait(*args: Any) -> Any:
        both_have_read.wait(timeout=10)
        return meet(*args)

    monkeypatch.setattr(case_facts, "read", unlocked)
    monkeypatch.setattr(recording, "_weighed", wait)
    what = entry(come(site), vial, visit=None)
    assert names(race(record(what), record(what))) == ["Dose", "IntegrityError"]


def test_the_last_dose_goes_to_one_of_two_people(site: VaccinationSite, entry: Entry) -> None:
    vial = make_open_vial(site, doses=1, now=NOW - MINUTE)
    make_open_vial(site, station="2", now=NOW - MINUTE)
    entries = [entry(come(site), vial) for _ in range(2)]
    assert names(race(*map(record, entries))) == ["Dose", "VialEmpty"]
    vial.refresh_from_db()
    assert (vial.given, vial.end) == (1, "EMPTY")
    # Nothing of the other dose stayed.
    assert Visit.objects.filter(state="ARRIVED").count() == 1
    assert Appointment.objects.filter(state="FULFILLED").count() == 1


# --- one batch, one day -------------------------------------------------------------------------


class Held:
    """Holds the transaction of a dose open just before its commit."""

    def __init__(self) -> None:
        self.is_written = threading.Event()
        self.may_commit = threading.Event()

    def hold(self, dose: Dose, **_more: Any) -> None:
        """Receive the signal."""
        self.is_written.set()
        self.may_commit.wait(timeout=10)


@pytest.fixture
def held() -> Any:
    receiver = Held()
    dose_recorded.connect(receiver.hold)
    yield receiver
    receiver.may_commit.set()
    dose_recorded.disconnect(receiver.hold)


def test_a_block_of_the_batch_waits_for_the_dose_that_is_being_recorded(
    site: VaccinationSite, vial: VialSession, entry: Entry, held: Held
) -> None:
    batch, ministry = vial.item.batch, make_staff(Role.MINISTRY)
    assert batch
    late = entry(come(site), vial)

    def block() -> str:
        held.is_written.wait(timeout=10)
        threading.Timer(0.2, held.may_commit.set).start()
        batches.block(batch=batch, reason="Recall", by=ministry, now=NOW)
        return f"{Dose.objects.count()} before the block"

    assert race(record(entry(come(site), vial)), block)[1] == "1 before the block"
    assert names(race(record(late))) == ["DoseRefused"]


def close(site: VaccinationSite, held: Held, *, is_locked: bool) -> str:
    """Close the day as the operation does, while a dose is written and not committed."""
    held.is_written.wait(timeout=10)
    threading.Timer(0.2, held.may_commit.set).start()
    with transaction.atomic():
        if is_locked:
            advisory_locks.take(Lock.DAY_OF_A_SITE, f"{site.pk} {NOW.date()}")
        given = Dose.objects.valid().filter(site=site).count()
        numbers = dict.fromkeys(("expected", "vaccinated", "missed", "doses_consumed", "doses_wasted"), given)
        DayClosing.objects.create(site=site, day=NOW.date(), closed_at=NOW, doses_given=given, **numbers)
    return f"{given} counted"


def test_a_closing_waits_for_the_dose_that_is_being_recorded(
    site: VaccinationSite, vial: VialSession, entry: Entry, held: Held
) -> None:
    late = entry(come(site), vial)
    outcomes = race(record(entry(come(site), vial)), partial(close, site, held, is_locked=True))
    assert outcomes[1] == "1 counted"
    assert names(race(record(late))) == ["DoseRefused"]


def test_without_the_lock_of_the_day_a_closing_misses_a_dose(
    site: VaccinationSite, vial: VialSession, entry: Entry, held: Held
) -> None:
    outcomes = race(record(entry(come(site), vial)), partial(close, site, held, is_locked=False))
    assert outcomes[1] == "0 counted"
    assert Dose.objects.count() == 1


# --- corrections --------------------------------------------------------------------------------


def test_annulling_and_correcting_one_dose_end_in_one_story(
    site: VaccinationSite, vial: VialSession, entry: Entry
) -> None:
    other = make_open_vial(site, station="2", number="FE8405", now=NOW - MINUTE)
    for _ in range(3):
        dose = record(entry(come(site), vial))()
        annul = partial(annulments.annul, dose=dose, error="NEVER_GIVEN", reason="Left", context=context())
        change = Correction(vial=other)
        correct = partial(corrections.correct, dose=dose, change=change, reason="Misread", context=context())
        annulled, corrected = race(annul, correct)
        assert isinstance(annulled, Dose)
        assert type(corrected).__name__ in ("Dose", "NotCorrectable")
        dose.refresh_from_db()
        assert dose.state == Dose.State.IN_ERROR
    assert list(VialSession.objects.values_list("given", flat=True)) == [0, 0]


def crossed(site: VaccinationSite, vial: VialSession, entry: Entry) -> list[Callable[[], Dose]]:
    """Two corrections that go opposite ways between two vials."""
    other = make_open_vial(site, station="2", number="FE8405", now=NOW - MINUTE)
    doses = [record(entry(come(site), each))() for each in (vial, other)]
    return [
        partial(corrections.correct, dose=dose, change=Correction(vial=wanted), reason="Exchanged", context=context())
        for dose, wanted in zip(doses, (other, vial), strict=True)
    ]


def test_corrections_that_cross_wait_for_each_other(site: VaccinationSite, vial: VialSession, entry: Entry) -> None:
    assert names(race(*crossed(site, vial, entry))) == ["Dose", "Dose"]
    assert list(VialSession.objects.values_list("given", flat=True)) == [1, 1]


def test_without_locks_taken_in_order_corrections_that_cross_deadlock(
    site: VaccinationSite, vial: VialSession, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_hold_one = threading.Barrier(2)
    put_back = sessions.put_back

    def wait(*, vial: VialSession) -> None:
        put_back(vial=vial)
        both_hold_one.wait(timeout=10)

    racers = crossed(site, vial, entry)
    monkeypatch.setattr(corrections, "lock_vials", lambda *_args: None)
    monkeypatch.setattr(corrections, "lock_ledger", lambda dose, _batch: Store.objects.get(site=dose.site))
    monkeypatch.setattr(sessions, "put_back", wait)
    outcomes = race(*racers)
    assert names(outcomes) == ["Dose", "OperationalError"]
    assert any(isinstance(each, OperationalError) and "deadlock" in str(each) for each in outcomes)


# --- a campaign ---------------------------------------------------------------------------------


def test_many_sites_record_and_correct_at_once_without_a_deadlock() -> None:
    racers: list[Callable[[], Any]] = []
    for number in range(4):
        site = make_site(name=f"Site {number}")
        doctor = make_worker(site)
        vials = [make_open_vial(site, station=str(table), doses=6, now=NOW - MINUTE) for table in (1, 2)]
        for turn in range(10):
            visit = come(site, make_registration())
            what = DoseEntry(
                registration=visit.registration,
                site=site,
                visit=visit,
                vial=vials[turn % 2],
                number=1,
                given_at=NOW,
                where="LEFT_ARM",
                is_dominant_side=None,
                given_by=doctor,
                doctor=doctor,
            )
            racers.append(partial(_recorded_and_corrected, what, vials[1 - turn % 2], turn))
    outcomes = race(*racers)
    assert [outcome for outcome in outcomes if not isinstance(outcome, Dose | DomainError)] == []
    assert sum(isinstance(outcome, Dose) for outcome in outcomes) > 30


def _recorded_and_corrected(what: DoseEntry, other: VialSession, turn: int) -> Dose:
    dose = recording.record(entry=what, context=context(key=uuid4()))
    if turn % 3 == 1:
        change = Correction(vial=other)
        return corrections.correct(dose=dose, change=change, reason="Misread", context=context(NOW + MINUTE))
    if turn % 3 == 2:
        return annulments.annul(dose=dose, error="OTHER", reason="Misread", context=context(NOW + MINUTE))
    return dose
