"""The demonstration's day: in progress at any hour, made once a day, and adding up."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from logistics.models import VaccinationSite, Vaccine
from logistics.staff import demo as demo_staff
from logistics.stock.demo import load_stock
from registration import insured_number
from registration.models import Person
from reservation import demo as demo_sites
from reservation.models import Appointment, Slot
from vaccination.closing.figures import figures
from vaccination.demo import day
from vaccination.models import DayClosing, Dose, HealthWorker, Station, VialSession, Visit
from vaccination.observation.observing import sitting
from vaccination.vials import balance
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
    return day.load(site=site, vaccine=Vaccine.objects.get(pk=demo_sites.VACCINE), now=now)


def test_a_day_is_in_progress(site: VaccinationSite) -> None:
    assert load(site) == 30
    print(Counter(row.standing for row in day_list(site, NOON.date(), NOON).rows))
    assert load(site) == 0
