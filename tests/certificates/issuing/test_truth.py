"""What a correction of a dose or of a name does to certificates, and whose doing it is."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from certificates.issuing import truth
from certificates.models import Certificate, IssueRequest
from certificates.models.certificates import Cause
from logistics.models import Role, VaccinationSite
from registration.applying import creating
from registration.models import Person, Registration
from registration.people import persons
from registration.people.identity_document import IdentityDocument
from registration.people.persons import PersonDetails
from tests.certificates.issuing.conftest import LATER, MINUTE, Vaccinated, is_true, run, spell
from tests.factories import ENDED, NOW, context, make_registration, make_staff
from vaccination.doses import annulments, corrections
from vaccination.doses.corrections import Correction
from vaccination.models import Dose, VialSession

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "key")]


@pytest.fixture
def manager(site: VaccinationSite) -> User:
    return make_staff(Role.MANAGER, site=site)


def test_a_corrected_spelling_revokes_the_certificate_and_another_one_is_issued(
    vaccinated: Vaccinated, manager: User
) -> None:
    dose = vaccinated()
    Person.objects.filter(pk=dose.person_id).update(first_name="Олена", last_name="Шевченко")
    spell(dose, "SZEWCZENKO", manager)
    run()
    spell(dose, "SZEWCZENKO", manager)
    assert Certificate.objects.get().state == "VALID"
    spell(dose, "SHEVCHENKO", manager)
    wrong = Certificate.objects.get()
    assert (wrong.revocation, wrong.revoked_by) == ("PERSON_CORRECTED", manager)
    assert run(now=LATER).issued == 1
    right = Certificate.objects.living().get()
    assert is_true(right)
    assert (right.cause, right.issued_by, right.replaces) == ("CORRECTED", manager, wrong)


def test_who_registers_once_more_under_another_name_gets_another_certificate(vaccinated: Vaccinated) -> None:
    dose = vaccinated()
    run()
    person, registration = dose.person, dose.registration
    assert registration is not None
    Registration.objects.update(**ENDED)
    said = PersonDetails(
        identity=IdentityDocument("PASSPORT", "CZ", "1"),
        first_name=person.first_name,
        last_name="Vdaná",
        birth_date=person.birth_date,
    )
    application = creating.Application("", "", "cs")

    def register(details: PersonDetails) -> None:
        with transaction.atomic():
            row = Person.objects.select_for_update().get(pk=person.pk)
            creating.create(person=row, details=details, application=application, now=NOW)
        Registration.objects.update(**ENDED)

    register(replace(said, last_name=person.last_name))
    assert Certificate.objects.get().state == "VALID"
    register(said)
    assert Certificate.objects.get().revocation == "PERSON_CORRECTED"
    assert persons.standing_for(person).pk == IssueRequest.objects.open().get().dose.person_id


def test_a_correction_is_the_doing_of_whoever_corrects(
    vaccinated: Vaccinated, other_vial: VialSession, site: VaccinationSite, manager: User
) -> None:
    dose = vaccinated()
    recorder = make_staff(Role.VACCINATOR, site=site)
    Dose.objects.filter(pk=dose.pk).update(recorded_by=recorder)
    IssueRequest.objects.update(asked_by=recorder)
    run()
    entry = replace(context(LATER), by=manager)
    corrections.correct(dose=dose, change=Correction(vial=other_vial), reason="Misread", context=entry)
    run(now=LATER)
    before, after = Certificate.objects.order_by("issued_at")
    assert (before.issued_by, before.revoked_by, after.issued_by) == (recorder, manager, manager)
    request = IssueRequest.objects.get(cause=Cause.CORRECTED)
    assert (request.asked_by, request.issuer) == (manager, f"user:{manager.pk}")
    annulments.annul(dose=Dose.objects.get(pk=dose.pk), error=Dose.Error.NEVER_GIVEN, reason="x", context=entry)
    after.refresh_from_db()
    assert (after.revocation, after.revoked_by) == ("DOSE_ANNULLED", manager)


def test_boosters_are_requested_as_boosters(first_dose: Callable[..., Dose]) -> None:
    registration = make_registration()
    for number, days in ((1, 60), (2, 30), (3, 1)):
        given_at = NOW - days * 24 * 60 * MINUTE
        first_dose(registration, number=number, given_at=given_at, recorded_at=given_at)
    with transaction.atomic():
        truth.keep_true(person_id=registration.person_id, now=NOW)
    made = IssueRequest.objects.order_by("dose__number").values_list("dose__number", "cause")
    assert list(made) == [(2, Cause.SERIES), (3, Cause.BOOSTER)]
