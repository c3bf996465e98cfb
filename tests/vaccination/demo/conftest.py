"""The site of the demonstration, and its day."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.utils import timezone

from logistics.models import VaccinationSite, Vaccine
from logistics.staff import demo as demo_staff
from logistics.stock.demo import load_stock
from reservation import demo as demo_sites
from vaccination.demo import day
from vaccination.visits.day_list import Standing, day_list

# A Sunday.
NOON = datetime(2026, 11, 29, 12, 10, tzinfo=ZoneInfo("Europe/Prague"))


def make_demo_site() -> VaccinationSite:
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
