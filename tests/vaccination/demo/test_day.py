"""The demonstration's day: in progress, made once a day, and adding up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from logistics.models import VaccinationSite
from registration.models import Person
from registration.people import insured_number
from reservation import demo as demo_sites
from reservation.models import Appointment, Slot
from tests.vaccination.demo.conftest import NOON, load, make_demo_site, standings
from vaccination.closing.figures import figures
from vaccination.demo.people import COME_FOR_SECOND, COMES_EARLY, PEOPLE
from vaccination.models import DayClosing, Dose, FilledQuestionnaire, HealthWorker, Station, VialSession, Visit
from vaccination.observation.observing import sitting
from vaccination.team import workers

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Noon:
    """The day as it was loaded at noon: how many people it has, and some seats for second doses 21 days later."""

    site: VaccinationSite
    seats: Slot
    people: int


@pytest.fixture(scope="module")
def noon(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Noon]:
    """It is made once: it takes seconds, and what a test does to it is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        site = make_demo_site()
        later = {
            "vaccine_id": demo_sites.VACCINE,
            "for_doses": Slot.Doses.SECOND,
            "starts_at": NOON + timedelta(days=21),
        }
        seats = Slot.objects.create(site=site, minutes=15, capacity=3, **later)
        yield Noon(site, seats, load(site))
        transaction.set_rollback(True)


def test_a_day_is_in_progress_and_agrees_with_the_stock(noon: Noon) -> None:
    site = noon.site
    assert noon.people == len(PEOPLE) + 1 + len(COME_FOR_SECOND) == 36
    noon.seats.refresh_from_db()
    assert noon.seats.booked == 3
    assert standings(site, NOON) == {"ocekavani": 18, "cekaji": 4, "pozorovani": 3, "odesli": 10, "bez-davky": 1}
    assert [one.is_over for one in sitting(site, now=NOON)] == [True, False, False]
    times = list(Appointment.objects.filter(slot__day=NOON.date()).values_list("slot__starts_at", flat=True))
    assert min(times) < NOON - timedelta(hours=1)
    assert max(times) > NOON + timedelta(hours=2)
    counted = figures(site, NOON.date())
    assert counted.given == counted.consumed == 13
    vial = VialSession.objects.open().get()
    assert (vial.station.name, vial.left) == ("1", 5)
    assert Station.objects.filter(site=site).count() == 2
    answered = FilledQuestionnaire.objects.filter(visit=None)
    assert answered.count() == sum(
        who.at_home and who.stage.name in ("EXPECTED", "WAITING") for who in (*PEOPLE, *COME_FOR_SECOND)
    )


def test_its_people_and_its_staff_are_plausible(noon: Noon) -> None:
    for person in Person.objects.all():
        assert person.age_on(NOON.date()) >= 80
        if person.insured_number:
            assert insured_number.parse(person.insured_number, today=NOON.date()).birth_date == person.birth_date
        else:
            assert (person.last_name, person.latin_last_name) in (("Шевченко", "SHEVCHENKO"), ("Коваленко", ""))
            assert person.document_country == "UA"
    logins = {one.user.username for one in HealthWorker.objects.working().exclude(user=None) if one.user}
    assert logins == {"vedouci", "ockovani", "registrace"}
    assert all(one.name.startswith("MUDr.") for one in workers.doctors(noon.site))
    # Three days too early for the second dose; the day of the first one is closed.
    expected = Appointment.objects.filter(dose_number=2, slot__day=NOON.date(), state="BOOKED")
    people = {one.reservation.registration.person.last_name: one.reservation.registration.person for one in expected}
    assert people.keys() == {"Hronková", COMES_EARLY.last_name}
    before = Dose.objects.get(person=people[COMES_EARLY.last_name])
    assert (NOON.date() - timezone.localdate(before.given_at)).days == 16
    closing = DayClosing.objects.get(day=timezone.localdate(before.given_at))
    assert (closing.vaccinated, closing.doses_given, closing.doses_consumed, closing.doses_wasted) == (6, 6, 6, 0)


def test_a_second_run_adds_nothing_and_one_on_a_later_day_makes_that_day(noon: Noon) -> None:
    site = noon.site
    assert load(site, NOON + timedelta(hours=3)) == 0
    assert Visit.objects.filter(day=NOON.date()).count() == 18
    for later in (1, 100):  # after a hundred days the batches of the first day are expired
        now = NOON + timedelta(days=later)
        assert load(site, now) == 36
        assert standings(site, now) == standings(site, NOON)
        assert VialSession.objects.open().get().opened_at > now - timedelta(hours=2)
        counted = figures(site, now.date())
        assert (counted.given, counted.consumed) == (13, 13)
    call_command("check_ledger")  # fails where a day does not add up
