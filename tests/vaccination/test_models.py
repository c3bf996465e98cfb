"""What the tables of vaccination promise by themselves."""

import pytest
from django.db import IntegrityError, transaction

from tests.factories import NOW, make_dose, make_open_vial, make_site, make_visit
from vaccination.models import Dose

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_a_person_has_each_dose_once_and_one_a_day() -> None:
    site = make_site()
    visit, vial = make_visit(site=site), make_open_vial(site)
    first = make_dose(visit, vial)
    for number in (1, 2):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_dose(visit, vial, number=number)
    Dose.objects.filter(pk=first.pk).update(state="IN_ERROR", error="WRONG_PERSON")
    assert make_dose(visit, vial, number=1).given_on == NOW.date()
