"""What the tests of closing share: a site in its day, with a vial at station 1."""

from datetime import timedelta

import pytest
from django.test import Client

from logistics.models import Role, VaccinationSite
from reservation.models import Appointment
from tests.factories import NOW, make_dose, make_open_vial, make_site, make_staff, make_visit
from tests.pages import browser, log_in
from vaccination.models import Dose, VialSession, Visit


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


@pytest.fixture
def vial(site: VaccinationSite) -> VialSession:
    return make_open_vial(site, now=NOW - timedelta(minutes=30))


@pytest.fixture
def nurse(site: VaccinationSite) -> Client:
    return log_in(browser(), make_staff(Role.VACCINATOR, site=site, name="sestra"))


@pytest.fixture
def manager(site: VaccinationSite) -> Client:
    return log_in(browser(), make_staff(Role.MANAGER, site=site, name="vedouci"))


def vaccinate(site: VaccinationSite, vial: VialSession, *, state: str = "GONE") -> Dose:
    """Somebody who got a dose at nine, and has gone unless the `state` of the visit says otherwise."""
    visit = make_visit(site=site)
    dose = make_dose(visit, vial)
    until = {"observe_until": NOW + timedelta(minutes=15)}
    left = {"left_at": NOW + timedelta(minutes=15)} if state == "GONE" else {}
    Visit.objects.filter(pk=visit.pk).update(state=state, **until, **left)
    Appointment.objects.filter(pk=visit.appointment_id).update(state="FULFILLED")
    return dose
