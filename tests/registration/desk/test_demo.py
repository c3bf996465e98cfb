"""The demonstration has work for line 1221, once."""

import pytest
from django.utils import timezone

from registration.desk import demo, home_visits, requests
from registration.models import RegistrationClaim

pytestmark = pytest.mark.django_db


def test_a_request_a_claim_and_a_home_visit_wait_and_a_second_run_adds_nothing() -> None:
    assert demo.load(now=timezone.now()) == 3
    assert demo.load(now=timezone.now()) == 0
    assert requests.waiting().count() == RegistrationClaim.objects.count() == 1
    assert [district.pk for district in home_visits.districts()] == ["CZ0642"]
