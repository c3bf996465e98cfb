"""The pages of coverage: of a site, and of all sites of a region or the country."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from logistics.models import AnnouncedDelivery, Role, VaccinationSite
from logistics.stock.ledger import EntryLine
from tests.factories import NOW, make_distributor, make_site, make_slot, make_staff, make_store, make_vials
from tests.pages import browser, log_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SITES = reverse("reservation:coverage_of_sites")


@pytest.fixture
def site() -> VaccinationSite:
    site = make_site()
    make_store(EntryLine(make_vials(), 1), site=site)
    make_slot(1, capacity=20, booked=8, site=site)
    return site


def of(site: VaccinationSite) -> str:
    return reverse("reservation:coverage", args=[site.pk])


def staff(role: Role, **place: object) -> Client:
    return log_in(browser(), make_staff(role, **place))  # type: ignore[arg-type]


def test_a_site_sees_who_has_no_dose_and_what_did_not_come(site: VaccinationSite) -> None:
    manager = make_staff(Role.MANAGER, site=site)
    AnnouncedDelivery.objects.create(
        sender=make_distributor(),
        store=site.store,
        vaccine_id="comirnaty",
        doses=60,
        expected_on=NOW.date() - timedelta(days=1),
        announced_at=NOW,
        announced_by=manager,
    )
    shown = text_of(log_in(browser(), manager).get(of(site)))
    assert "2 booked people have no dose." in shown
    assert "12 free seats have no dose." in shown
    assert "Tuesday 12. 1. 8 2 12 12" in shown
    assert "announced for 10. 1. 2027, has not come" in shown


def test_without_a_store_nothing_is_claimed() -> None:
    site = make_site()
    make_slot(1, capacity=2, site=site)
    shown = text_of(staff(Role.REGISTRAR, site=site).get(of(site)))
    assert "no store in CRS" in shown
    assert "have no dose" not in shown


def test_a_region_sees_its_own_sites_and_the_ministry_chooses_one(site: VaccinationSite) -> None:
    far = make_site("Nemocnice Brno", district="CZ0642")
    make_slot(1, capacity=3, site=far)
    region = staff(Role.REGION, region="CZ031")
    shown = text_of(region.get(SITES))
    assert "Nemocnice Tábor Comirnaty 2 12 6 0" in shown
    assert "Nemocnice Brno" not in shown
    assert "All regions" not in shown
    ministry = staff(Role.MINISTRY)
    assert "Nemocnice Brno no store in CRS" in text_of(ministry.get(SITES))
    assert "Nemocnice Tábor" not in text_of(ministry.get(SITES + "?kraj=CZ064"))


def test_sites_with_enough_are_shown_on_demand(site: VaccinationSite) -> None:
    ministry = staff(Role.MINISTRY)
    calm = make_site("Klid")
    make_store(EntryLine(make_vials(), 1), site=calm)
    assert "Klid" not in text_of(ministry.get(SITES))
    assert "Klid" in text_of(ministry.get(SITES + "?vse=1"))


def test_another_sites_staff_find_nothing(site: VaccinationSite) -> None:
    assert staff(Role.MANAGER, site=make_site("Jinde")).get(of(site)).status_code == 404
