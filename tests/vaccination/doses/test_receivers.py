"""Doses of joined records count for the person who stays, and go back when the records are taken apart."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User

from logistics.models import VaccinationSite
from registration.applying import ending, merging
from registration.models import Registration
from reservation.models import Appointment
from tests.factories import NOW, make_account, make_dose_elsewhere, make_registration, make_reservation
from vaccination.models import Dose

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(db: None) -> User:
    return make_account("eva")


def test_joined_doses_complete_the_course_and_go_back(site: VaccinationSite, by: User) -> None:
    kept = make_reservation(site=site, day=1).registration
    # A newer record of the same person, by document, with the later dose.
    joined = make_registration()
    later = make_dose_elsewhere(joined, given_at=NOW - timedelta(days=3), recorded_at=NOW)
    earlier = make_dose_elsewhere(kept)
    Registration.objects.update(doses_received=1)

    merge = merging.merge(kept=kept.person, joined=joined.person, reason="x", by=by, now=NOW)
    for dose, number in ((earlier, 1), (later, 2)):
        dose.refresh_from_db()
        assert dose.number == number
    kept.refresh_from_db()
    assert (kept.state, kept.doses_received) == ("COMPLETED", 2)
    assert not Appointment.objects.to_come(kept).exists()

    merging.take_apart(merge=merge, by=by, now=NOW)
    later.refresh_from_db()
    kept.refresh_from_db()
    joined.refresh_from_db()
    assert (kept.state, kept.doses_received, later.number) == ("ACTIVE", 1, 1)
    assert (joined.state, joined.doses_received) == ("ACTIVE", 1)


def test_a_registration_that_is_opened_again_knows_the_doses_recorded_meanwhile(by: User) -> None:
    registration = make_registration()
    ending.end(registration=registration, ending=Registration.Ending.STAFF, now=NOW, by=by)
    make_dose_elsewhere(registration, vaccine_id="janssen")
    ending.reopen(registration=registration, now=NOW, by=by)
    registration.refresh_from_db()
    assert (registration.state, registration.doses_received) == ("COMPLETED", 1)
    assert Dose.objects.get().number == 1
    assert registration.person.birth_date == date(1940, 5, 1)
