"""Issuing beside corrections, annulments, other desks and workers that die, on real PostgreSQL, with twins."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from certificates.desk import counter
from certificates.issuing import facts, issuing, requests, taken_away, writing
from certificates.models import Certificate, IssueRequest
from certificates.models.certificates import Cause
from logistics.models import VaccinationSite
from tests.certificates.issuing.conftest import LATER, MINUTE, Vaccinated, annul, ask, correct, is_true, run
from tests.factories import NOW, context, make_certificate
from tests.race import race
from tests.waiting import wait_until_somebody_waits
from vaccination.models import Dose, VialSession

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock", "key")]


@pytest.fixture(autouse=True)
def every_living_certificate_is_true() -> Any:
    yield
    living = list(Certificate.objects.living())
    assert all(map(is_true, living))
    assert len({certificate.dose_id for certificate in living}) == len(living)


class Paused:
    """Stops the worker between signing and storing, until it may go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_signed, self.may_store = threading.Event(), threading.Event()
        store = issuing.store

        def wait(*args: Any, **more: Any) -> Any:
            self.is_signed.set()
            self.may_store.wait(timeout=10)
            return store(*args, **more)

        monkeypatch.setattr(issuing, "store", wait)


def beside_issuing(paused: Paused, act: Callable[[], Any]) -> list[Any]:
    """Run `act` while a worker stands between signing and storing."""

    def acting() -> Any:
        paused.is_signed.wait(timeout=10)
        try:
            return act()
        finally:
            paused.may_store.set()

    return race(run, acting)


# --- corrections and annulments -----------------------------------------------------------------


def test_a_dose_that_is_corrected_while_its_certificate_is_signed_gets_the_true_one(
    vaccinated: Vaccinated, other_vial: VialSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    dose = vaccinated()
    counts, _dose = beside_issuing(Paused(monkeypatch), partial(correct, dose, vial=other_vial, now=NOW + MINUTE))
    assert counts.issued == 1
    assert Certificate.objects.get().request == IssueRequest.objects.get()


def test_a_dose_that_is_annulled_while_its_certificate_is_signed_gets_none(
    vaccinated: Vaccinated, monkeypatch: pytest.MonkeyPatch
) -> None:
    dose = vaccinated()
    counts, _dose = beside_issuing(Paused(monkeypatch), partial(annul, dose, now=NOW + MINUTE))
    assert (counts.issued, Certificate.objects.count()) == (0, 0)
    assert IssueRequest.objects.get().state == "DROPPED"


def test_a_correction_waits_for_the_storing_and_then_revokes(
    vaccinated: Vaccinated, other_vial: VialSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    dose = vaccinated()
    is_locked = threading.Event()
    newest = taken_away.newest_certificates

    def slowly(*args: Any) -> Any:
        is_locked.set()
        wait_until_somebody_waits()  # the correction, at the person's row
        return newest(*args)

    monkeypatch.setattr(issuing, "newest_certificates", slowly)

    def correcting() -> Any:
        is_locked.wait(timeout=10)
        return correct(dose, vial=other_vial, now=NOW + MINUTE)

    race(run, correcting)
    assert Certificate.objects.get().revocation == "DOSE_CORRECTED"
    monkeypatch.setattr(issuing, "newest_certificates", newest)
    assert run(now=LATER).issued == 1


def test_without_the_lock_of_the_person_a_certificate_is_stored_that_is_not_true(
    vaccinated: Vaccinated, other_vial: VialSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    dose = vaccinated()
    is_read, is_corrected = threading.Event(), threading.Event()
    newest, people = taken_away.newest_certificates, facts._people

    def wait(*args: Any) -> Any:
        is_read.set()
        is_corrected.wait(timeout=10)
        return newest(*args)

    monkeypatch.setattr(issuing, "newest_certificates", wait)
    monkeypatch.setattr(facts, "_people", lambda keys, **_more: people(keys, is_locking=False))

    # The twin of the request's own lock, too: the correction looks at requests without waiting for it.
    def correcting() -> Any:
        is_read.wait(timeout=10)
        try:
            return correct(dose, vial=other_vial, now=NOW + MINUTE)
        finally:
            is_corrected.set()

    race(run, correcting)
    stored = Certificate.objects.living().get()
    assert not is_true(stored)
    Certificate.objects.filter(pk=stored.pk).update(
        state="REVOKED", revoked_at=NOW, revocation=Certificate.Revocation.OTHER
    )


# --- workers and desks --------------------------------------------------------------------------


def test_workers_at_once_share_the_work(vaccinated: Vaccinated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "BATCH", 1)
    doses = [vaccinated() for _ in range(5)]
    outcomes = race(run, run, run)
    assert sum(counts.issued for counts in outcomes) == 5
    assert sum(counts.failed for counts in outcomes) == 0
    assert {row.dose for row in Certificate.objects.all()} == set(doses)


def test_without_skip_locked_claims_a_certificate_is_signed_twice_but_stored_once(
    vaccinated: Vaccinated, monkeypatch: pytest.MonkeyPatch
) -> None:
    vaccinated()
    row = IssueRequest.objects.get()
    both_have_it = threading.Barrier(2)
    signed: list[int] = []
    write, given = writing.write, threading.local()

    def claim(**_asked: Any) -> Any:
        if hasattr(given, "once"):
            return [], 0
        given.once = True
        return [IssueRequest.objects.get(pk=row.pk)], 0

    def together(*args: Any, **more: Any) -> Any:
        both_have_it.wait(timeout=10)
        signed.append(1)
        return write(*args, **more)

    monkeypatch.setattr(issuing, "claim", claim)
    monkeypatch.setattr(issuing, "write", together)
    outcomes = race(run, run)
    assert sum(counts.issued for counts in outcomes) == 1
    assert len(signed) == 2
    assert Certificate.objects.count() == 1


def test_two_desks_that_issue_one_request_get_one_certificate(vaccinated: Vaccinated) -> None:
    vaccinated()
    row = IssueRequest.objects.get()
    first, second = race(*(partial(issuing.issue, request=row, now=NOW) for _ in range(2)))
    assert first == second == Certificate.objects.get()


def test_two_desks_that_renew_one_certificate_get_one(first_dose: Callable[..., Dose]) -> None:
    old = make_certificate(first_dose())

    def renew() -> Certificate | None:
        return issuing.issue(request=ask(old.dose, Cause.RENEWED, instead_of=old), now=NOW)

    first, second = race(renew, renew)
    assert first == second == Certificate.objects.living().get()
    assert Certificate.objects.count() == 2


def test_without_the_lock_two_desks_meet_only_the_constraint(
    first_dose: Callable[..., Dose], monkeypatch: pytest.MonkeyPatch
) -> None:
    dose = first_dose()
    both_have_looked = threading.Barrier(2)
    known, people = requests._known, facts._people

    def wait(*args: Any) -> Any:
        found = known(*args)
        both_have_looked.wait(timeout=10)
        return found

    monkeypatch.setattr(requests, "_known", wait)
    monkeypatch.setattr(facts, "_people", lambda keys, **_more: people(keys, is_locking=False))
    outcomes = race(partial(ask, dose), partial(ask, dose))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["IntegrityError", "IssueRequest"]


def test_batches_of_the_same_people_close_no_ring(first_dose: Callable[..., Dose], vaccinated: Vaccinated) -> None:
    """Two workers store at once what belongs to the same persons, in orders that cross."""
    doses = [first_dose() for _ in range(4)]
    for dose in doses:
        IssueRequest.objects.create(dose=dose, cause=Cause.REQUESTED, asked_at=NOW)
    seconds = [vaccinated(dose.registration) for dose in reversed(doses)]
    rows = list(IssueRequest.objects.order_by("pk"))
    assert len(rows) == len(doses) + len(seconds)
    outcomes = race(*(partial(issue_batch, part) for part in (rows[:4], rows[4:], rows[::2], rows[1::2])))
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert Certificate.objects.count() == 8


def issue_batch(rows: list[IssueRequest]) -> issuing.Counts:
    counts = issuing.Counts()
    issuing._issue_batch(list(rows), NOW, counts)
    return counts


def test_a_dose_is_recorded_again_and_again_beside_the_workers(
    vaccinated: Vaccinated, other_vial: VialSession, vial: VialSession
) -> None:
    dose = vaccinated()

    def correcting() -> None:
        for of in (other_vial, vial, other_vial):
            correct(Dose.objects.get(pk=dose.pk), vial=of, now=NOW + MINUTE)

    def working() -> None:
        for _ in range(4):
            run()

    outcomes = race(correcting, working, working)
    assert outcomes == [None, None, None]
    run(now=LATER)
    assert Certificate.objects.living().count() == 1


# --- a worker that is killed --------------------------------------------------------------------

_WORKER = """
import sys
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from certificates.issuing import issuing
from django.utils.dateparse import parse_datetime
def stop(*_args, **_more):
    print("signed", flush=True)
    sys.stdin.read()
issuing.store = stop
issuing.issue_pending(now=parse_datetime(sys.argv[2]))
"""


def test_a_worker_that_is_killed_between_claim_and_store_loses_nothing(vaccinated: Vaccinated) -> None:
    vaccinated()
    worker = subprocess.Popen(
        [sys.executable, "-c", _WORKER, connection.settings_dict["NAME"], NOW.isoformat()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "crs.settings"},
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "signed\n"
    worker.send_signal(signal.SIGKILL)
    worker.communicate(timeout=30)
    row = IssueRequest.objects.get()
    assert (row.state, row.claimed_at is not None) == ("WAITING", True)
    # Another worker leaves it alone until the claim is over.
    assert run(now=NOW + MINUTE).looked_at == 0
    assert run(now=NOW + 5 * MINUTE).issued == 1


# --- many at once -------------------------------------------------------------------------------


def test_two_who_ask_for_the_same_people_in_other_orders_wait_for_each_other(
    first_dose: Callable[..., Dose], site: VaccinationSite
) -> None:
    doses = [first_dose().pk for _ in range(8)]
    asked = race(*(partial(requests.ask_for_all, order, by=None, site=site, now=NOW) for order in (doses, doses[::-1])))
    assert sorted(asked) == [0, 8]


def test_one_by_one_they_would_stand_in_a_ring(first_dose: Callable[..., Dose], site: VaccinationSite) -> None:
    doses = [first_dose() for _ in range(2)]
    both = threading.Barrier(2)

    def ask_each(order: list[Dose]) -> None:
        with transaction.atomic():
            for dose in order:
                ask(dose, site=site)
                if dose is order[0]:
                    both.wait(timeout=10)

    outcomes = race(partial(ask_each, doses), partial(ask_each, doses[::-1]))
    assert [type(one) for one in outcomes].count(OperationalError) == 1


def test_a_revocation_beside_issuing_leaves_nothing_behind(
    vaccinated: Vaccinated, monkeypatch: pytest.MonkeyPatch
) -> None:
    dose = vaccinated()
    run()
    certificate = Certificate.objects.get()
    ask(dose, Cause.RENEWED, now=LATER)
    revoke = partial(
        counter.revoke,
        certificate=certificate,
        why=Certificate.Revocation.FRAUD,
        note="x",
        context=context(LATER + MINUTE),
    )
    beside_issuing(Paused(monkeypatch), revoke)
    assert not Certificate.objects.living().exists()
    assert not IssueRequest.objects.open().exists()
