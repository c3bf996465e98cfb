"""Registrations of people who had doses before the last one was kept."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection

from registration.models import Registration
from tests.factories import NOW, make_dose_elsewhere, make_registration

pytestmark = pytest.mark.django_db


def test_what_was_given_before_is_filled_in_and_what_is_kept_stays() -> None:
    had, joined, kept, none = (make_registration() for _ in range(4))
    make_dose_elsewhere(had)
    last = NOW - timedelta(days=3)
    make_dose_elsewhere(joined, number=2, vaccine_id="spikevax", given_at=last, recorded_at=NOW)
    make_dose_elsewhere(
        joined, number=3, vaccine_id="janssen", given_at=NOW, recorded_at=NOW, state="IN_ERROR", error="OTHER"
    )
    joined.person.merged_into = had.person
    joined.person.save()
    make_dose_elsewhere(kept)
    Registration.objects.filter(pk=had.pk).update(doses_received=2)
    Registration.objects.filter(pk=kept.pk).update(doses_received=1, last_dose_on=NOW.date())
    with connection.cursor() as cursor:
        cursor.execute(import_module("vaccination.migrations.0004_last_doses").FILL)
    told = {
        row[0]: row[1:]
        for row in Registration.objects.values_list("pk", "last_dose_on", "last_vaccine", "first_vaccine")
    }
    assert told[had.pk] == (last.date(), "spikevax", "comirnaty")
    assert told[kept.pk] == (NOW.date(), None, None)
    assert told[none.pk] == (None, None, None)
