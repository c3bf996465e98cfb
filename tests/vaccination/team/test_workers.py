"""Health workers of a site: a row is never edited, so a dose keeps what was true."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from logistics.models import Role, VaccinationSite
from tests.factories import NOW, context, make_site, make_staff, make_worker
from tests.race import race, tally
from vaccination.models import HealthWorker
from vaccination.team import errors, workers
from vaccination.team.workers import WorkerDetails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "in_english")]

EVA = WorkerDetails("MUDr. Eva Malá", "123456789", "001", is_doctor=True)
NURSE = WorkerDetails("Bc. Petra Nová", "987654321", "001", is_doctor=False)


def test_a_worker_is_found_by_account_and_a_doctor_among_the_doctors(site: VaccinationSite) -> None:
    user = make_staff(Role.VACCINATOR, site=site)
    doctor = workers.add(site=site, details=EVA, context=context())
    nurse = workers.add(
        site=site, details=WorkerDetails(NURSE.name, "987654321", "001", False, user), context=context()
    )
    assert list(workers.working(site)) == [nurse, doctor]
    assert list(workers.doctors(site)) == [doctor]
    assert workers.worker_of(user, site) == nurse
    assert workers.worker_of(user, make_site("Hala")) is None
    assert doctor.began_at == NOW


def test_a_change_ends_the_row_and_makes_another(site: VaccinationSite) -> None:
    old = workers.add(site=site, details=EVA, context=context())
    later = context(NOW + timedelta(days=1))
    new = workers.replace(worker=old, details=WorkerDetails(EVA.name, "111111111", "002", True), context=later)
    old.refresh_from_db()
    assert (old.register_number, old.ended_at) == ("123456789", later.now)
    assert list(workers.working(site)) == [new]
    with pytest.raises(errors.WorkerEnded):
        workers.replace(worker=old, details=EVA, context=later)
    with pytest.raises(errors.WorkerEnded):
        workers.end(worker=old, context=later)


def test_a_change_that_is_refused_leaves_the_row_as_it_was(site: VaccinationSite) -> None:
    eva = workers.add(site=site, details=EVA, context=context())
    nurse = workers.add(site=site, details=NURSE, context=context())
    with pytest.raises(errors.NumberTaken):
        workers.replace(worker=nurse, details=EVA, context=context())
    assert set(workers.working(site)) == {eva, nurse}


def test_a_number_and_an_account_are_one_worker_at_a_site_and_another_one_elsewhere(site: VaccinationSite) -> None:
    user = make_staff(Role.VACCINATOR, site=site)
    workers.add(site=site, details=WorkerDetails(EVA.name, "123456789", "001", True, user), context=context())
    with pytest.raises(errors.NumberTaken):
        workers.add(site=site, details=EVA, context=context())
    with pytest.raises(errors.AccountTaken):
        workers.add(site=site, details=WorkerDetails("X Y", "222222222", "001", False, user), context=context())
    workers.add(site=make_site("Hala"), details=EVA, context=context())


def test_an_account_must_be_that_of_the_sites_staff(site: VaccinationSite) -> None:
    stranger = make_staff(Role.VACCINATOR, site=make_site("Hala"))
    with pytest.raises(errors.AccountFromElsewhere):
        workers.add(site=site, details=WorkerDetails("X Y", "222222222", "001", False, stranger), context=context())
    assert list(workers.staff_of(site)) == []


def test_whoever_ended_may_come_back(site: VaccinationSite) -> None:
    workers.end(worker=workers.add(site=site, details=EVA, context=context()), context=context())
    assert list(workers.working(site)) == []
    workers.add(site=site, details=EVA, context=context())


def test_a_form_sent_twice_adds_one(site: VaccinationSite) -> None:
    add = partial(workers.add, site=site, details=EVA, context=context(key=uuid4()))
    assert add() == add()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_one_row_one_is_told(site: VaccinationSite) -> None:
    row = make_worker(site)
    changes = [
        partial(workers.replace, worker=row, details=WorkerDetails("X", f"{n:09}", "001", True), context=context())
        for n in (1, 2, 3)
    ]
    assert tally(race(*changes)) == {"HealthWorker": 1, "WorkerEnded": 2}
    assert workers.working(site).count() == 1
    assert HealthWorker.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_one_number_one_is_told(site: VaccinationSite) -> None:
    add = partial(workers.add, site=site, details=EVA, context=context())
    assert tally(race(*[add] * 3)) == {"HealthWorker": 1, "NumberTaken": 2}
