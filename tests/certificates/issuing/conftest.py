"""A site in its day whose doses get certificates: a signing key, vials, and people who come for their last dose."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from certificates.issuing import issuing, requests, retrying
from certificates.issuing.facts import facts_of_doses
from certificates.issuing.issuing import Counts
from certificates.models import Certificate, IssueRequest, SigningKey
from certificates.models.certificates import Cause
from logistics.models import VaccinationSite
from registration.applying import at_a_site
from registration.models import Registration
from tests.factories import NOW, context, make_dose_elsewhere, make_open_vial, make_registration, make_signing_key
from tests.vaccination.doses.conftest import MINUTE, doctor, site, vial
from vaccination.doses import annulments, corrections, recording
from vaccination.doses.corrections import Correction
from vaccination.doses.recording import DoseEntry
from vaccination.models import Dose, HealthWorker, VialSession

__all__ = ["MINUTE", "doctor", "site", "vial"]

WEEKS_AGO = NOW - timedelta(days=28)
# When what has just been done is long past.
LATER = NOW + 30 * MINUTE

Vaccinated = Callable[..., Dose]


def is_true(certificate: Certificate) -> bool:
    """Whether the certificate says what the rows say now, coded as on the day when it was issued."""
    told = facts_of_doses([certificate.dose_id], on=timezone.localdate(certificate.issued_at)).get(certificate.dose_id)
    return told is not None and told.facts is not None and told.facts.hash == certificate.facts_hash


@pytest.fixture
def key() -> SigningKey:
    return make_signing_key(now=NOW - timedelta(days=1))


@pytest.fixture
def other_vial(site: VaccinationSite) -> VialSession:
    """Of another vaccine."""
    return make_open_vial(site, station="2", now=NOW - 10 * MINUTE, number="SPX1", vaccine="spikevax")


@pytest.fixture
def single_vial(site: VaccinationSite) -> VialSession:
    """Of a vaccine whose series is one dose."""
    return make_open_vial(site, station="3", now=NOW - 10 * MINUTE, number="JNJ1", vaccine="janssen")


@pytest.fixture
def first_dose() -> Callable[..., Dose]:
    """Somebody's dose four weeks ago."""
    return make_dose_elsewhere


@pytest.fixture
def entry_of(site: VaccinationSite, vial: VialSession, doctor: HealthWorker) -> Callable[..., DoseEntry]:
    """The entry of the next dose of a person, as another system records it: without a visit."""

    def make(registration: Registration, of: VialSession | None = None, **fields: Any) -> DoseEntry:
        values: dict[str, Any] = {
            "registration": registration,
            "site": site,
            "visit": None,
            "vial": of or vial,
            "number": registration.person.doses.valid().count() + 1,
            "given_at": NOW,
            "where": "LEFT_ARM",
            "is_dominant_side": False,
            "given_by": doctor,
            "doctor": doctor,
        }
        return DoseEntry(**(values | fields))

    return make


@pytest.fixture
def vaccinated(first_dose: Callable[..., Dose], entry_of: Callable[..., DoseEntry], doctor: HealthWorker) -> Vaccinated:
    """Record the second dose of somebody who had the first one four weeks ago."""

    def make(registration: Registration | None = None, of: VialSession | None = None) -> Dose:
        whose = registration or make_registration()
        if not whose.doses.exists():
            first_dose(whose)
        return recording.record(entry=entry_of(whose, of), context=context())

    return make


def ask(dose: Dose, cause: Cause = Cause.REQUESTED, **fields: Any) -> IssueRequest:
    """Ask for a certificate of the dose, by default at `NOW`, by nobody in particular, who does not want it sent."""
    values: dict[str, Any] = {"by": None, "site": None, "now": NOW, "is_to_be_sent": False}
    return requests.ask(dose=dose, cause=cause, **(values | fields))


def correct(dose: Dose, *, now: datetime = NOW + 10 * MINUTE, **change: Any) -> Dose:
    return corrections.correct(dose=dose, change=Correction(**change), reason="Misread", context=context(now))


def annul(dose: Dose, *, now: datetime = NOW + 10 * MINUTE) -> Dose:
    return annulments.annul(dose=dose, error=Dose.Error.NEVER_GIVEN, reason="Misread", context=context(now))


def spell(dose: Dose, last_name: str = "KOVALCHUK", by: User | None = None) -> None:
    """Write the name of the person, who is Olena, in Latin letters."""
    assert dose.registration is not None
    at_a_site.spell_in_latin(registration=dose.registration, first_name="OLENA", last_name=last_name, by=by)


def run(**fields: Any) -> Counts:
    """Let go on what was blocked, and issue what is due, as the workers do."""
    fields = {"now": NOW + 5 * MINUTE} | fields
    retrying.retry_complete(now=fields["now"])
    return issuing.issue_pending(**fields)
