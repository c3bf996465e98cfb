"""The demonstration's day: in progress at any hour, made once a day, and adding up."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from logistics.models import VaccinationSite, Vaccine
from logistics.staff import demo as demo_staff
from logistics.stock.demo import load_stock
from registration.models import Person
from registration.people import insured_number
from reservation import demo as demo_sites
from reservation.models import Appointment, Slot
from vaccination.closing.figures import figures
from vaccination.demo import day
from vaccination.demo.people import COME_FOR_SECOND, COMES_EARLY, PEOPLE
from vaccination.models import DayClosing, Dose, FilledQuestionnaire, HealthWorker, Station, VialSession, Visit
from vaccination.observation.observing import sitting
from vaccination.team import workers
from vaccination.visits.day_list import Standing, day_list

# A Sunday.
NOON = datetime(2026, 11, 29, 12, 10, tzinfo=ZoneInfo("Europe/Prague"))

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> VaccinationSite:
    """The first demonstration site with its logins and its store, without the others and their slots."""
    site = demo_sites.read_sites()[0].site
    site.save()
    demo_staff.add(site=site)
    load_stock(sites=[site], by=User.objects.get(username=demo_staff.STOCK_KEEPER), now=NOON)
    return site


def load(site: VaccinationSite, now: datetime = NOON) -> int:
    """Load the day as the command does."""
    return day.load(site=site, vaccine=Vaccine.objects.get(pk=demo_sites.VACCINE), now=now)


def standings(site: VaccinationSite, now: datetime) -> Counter[Standing]:
    """How many people of the day stand where."""
    return Counter(row.standing for row in day_list(site, timezone.localdate(now), now).rows)


def test_a_day_is_in_progress_and_agrees_with_the_stock(site: VaccinationSite) -> None:
    later = {"vaccine_id": demo_sites.VACCINE, "for_doses": Slot.Doses.SECOND, "starts_at": NOON + timedelta(days=21)}
    seats = Slot.objects.create(site=site, minutes=15, capacity=3, **later)
    assert load(site) == len(PEOPLE) + 1 + len(COME_FOR_SECOND) == 36
    seats.refresh_from_db()
    assert seats.booked == 3
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


def test_its_people_and_its_staff_are_plausible(site: VaccinationSite) -> None:
    load(site)
    for person in Person.objects.all():
        assert person.age_on(NOON.date()) >= 80
        if person.insured_number:
            assert insured_number.parse(person.insured_number, today=NOON.date()).birth_date == person.birth_date
        else:
            assert (person.last_name, person.latin_last_name) in (("Шевченко", "SHEVCHENKO"), ("Коваленко", ""))
            assert person.document_country == "UA"
    logins = {one.user.username for one in HealthWorker.objects.working().exclude(user=None) if one.user}
    assert logins == {"vedouci", "ockovani", "registrace"}
    assert all(one.name.startswith("MUDr.") for one in workers.doctors(site))
    # Three days too early for the second dose; the day of the first one is closed.
    expected = Appointment.objects.filter(dose_number=2, slot__day=NOON.date(), state="BOOKED")
    people = {one.reservation.registration.person.last_name: one.reservation.registration.person for one in expected}
    assert people.keys() == {"Hronková", COMES_EARLY.last_name}
    before = Dose.objects.get(person=people[COMES_EARLY.last_name])
    assert (NOON.date() - timezone.localdate(before.given_at)).days == 16
    closing = DayClosing.objects.get(day=timezone.localdate(before.given_at))
    assert (closing.vaccinated, closing.doses_given, closing.doses_consumed, closing.doses_wasted) == (6, 6, 6, 0)


def test_a_second_run_adds_nothing_and_one_on_a_later_day_makes_that_day(site: VaccinationSite) -> None:
    load(site)
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


@pytest.mark.parametrize("clock", ["00:04", "23:57"])
def test_at_night_the_day_is_as_full(site: VaccinationSite, clock: str) -> None:
    hour, minute = map(int, clock.split(":"))
    now = NOON.replace(hour=hour, minute=minute)
    assert load(site, now) == 36
    found = standings(site, now)
    assert (found[Standing.ARRIVED], found[Standing.GONE] + found[Standing.OBSERVED]) == (4, 13)
    given = Dose.objects.filter(given_on=now.date())
    assert all(dose.given_at <= now for dose in given)
    assert given.count() == 13


def test_a_closed_site_gets_no_day(site: VaccinationSite) -> None:
    VaccinationSite.objects.filter(pk=site.pk).update(state="CLOSED")
    assert load(site) == 0
