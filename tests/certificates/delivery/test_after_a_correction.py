"""What a correction of a dose tells a person who has a certificate of it."""

from datetime import timedelta

import pytest

from certificates.delivery.voiding import VOID
from crs.messaging.models import Message
from tests.certificates.issuing.conftest import (
    Vaccinated,
    doctor,
    entry_of,
    first_dose,
    key,
    other_vial,
    run,
    site,
    vaccinated,
    vial,
)
from tests.factories import NOW, context, make_registration
from vaccination.doses import annulments, corrections
from vaccination.doses.corrections import Correction
from vaccination.models import Dose, VialSession

__all__ = ["doctor", "entry_of", "first_dose", "key", "other_vial", "site", "vaccinated", "vial"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "key")]

LATER = NOW + timedelta(minutes=30)


@pytest.fixture
def dose(vaccinated: Vaccinated) -> Dose:
    """A dose whose certificate has come by e-mail."""
    made = vaccinated(make_registration(phone="+420603123456", email="jana@seznam.cz"))
    run()
    Message.objects.update(state="SENT")
    return made


def _subjects() -> list[str]:
    return list(Message.objects.filter(channel="EMAIL", state="PREPARING").values_list("subject", flat=True))


def test_the_new_certificate_says_that_the_old_one_is_void(dose: Dose, other_vial: VialSession) -> None:
    corrections.correct(dose=dose, change=Correction(vial=other_vial), reason="x", context=context(LATER))
    run(now=LATER + timedelta(minutes=1))
    [subject] = _subjects()
    assert "opravený" in subject
    assert not Message.objects.filter(template=VOID).exists(), "not twice"


def test_of_a_dose_entered_in_error_the_person_hears_that_it_is_void(dose: Dose) -> None:
    annulments.annul(dose=dose, error=dose.Error.NEVER_GIVEN, reason="x", context=context(LATER))
    assert Message.objects.filter(template=VOID).count() == 1
