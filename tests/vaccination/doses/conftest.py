"""A site in its day: a vial at station 1, a doctor, and people who were checked in and asked."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from logistics.models import VaccinationSite
from registration.models import Registration
from tests.factories import NOW, make_open_vial, make_site, make_visit, make_worker
from vaccination.doses.recording import DoseEntry
from vaccination.models import FilledQuestionnaire, HealthWorker, Questionnaire, VialSession, Visit

MINUTE = timedelta(minutes=1)


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


@pytest.fixture
def vial(site: VaccinationSite) -> VialSession:
    return make_open_vial(site, now=NOW - 10 * MINUTE)


@pytest.fixture
def doctor(site: VaccinationSite) -> HealthWorker:
    return make_worker(site)


def ask(visit: Visit, answers: str = "{}") -> Visit:
    """The visit with confirmed answers, by default to no question at all."""
    questionnaire = Questionnaire.objects.order_by("number").first() or Questionnaire.objects.create(
        number=1, valid_from="2020-12-01"
    )
    FilledQuestionnaire.objects.create(
        registration=visit.registration,
        questionnaire=questionnaire,
        dose_number=visit.appointment.dose_number,
        answers=answers,
        filled_at=NOW,
        visit=visit,
        confirmed_at=NOW,
    )
    return visit


def come(site: VaccinationSite, registration: Registration | None = None, **fields: Any) -> Visit:
    """Somebody who was checked in and asked."""
    return ask(make_visit(registration, site=site, **fields))


Entry = Callable[..., DoseEntry]


@pytest.fixture
def entry(doctor: HealthWorker) -> Entry:
    """Make the entry of a dose from the vial for the visit."""

    def make(visit: Visit, vial: VialSession, given_at: datetime = NOW, /, **fields: Any) -> DoseEntry:
        values: dict[str, Any] = {
            "registration": visit.registration,
            "site": visit.site,
            "visit": visit,
            "vial": vial,
            "number": visit.registration.person.doses.valid().count() + 1,
            "given_at": given_at,
            "where": "LEFT_ARM",
            "is_dominant_side": False,
            "given_by": doctor,
            "doctor": doctor,
        }
        return DoseEntry(**(values | fields))

    return make
