"""The demonstration with its certificates."""

from datetime import datetime
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command

from certificates import demo
from certificates.models import Certificate, Delivery, IssueRequest, SigningKey
from crs.messaging.models import Message
from reservation import demo as demo_sites

# A Sunday.
NOON = datetime(2026, 11, 29, 12, 10, tzinfo=ZoneInfo("Europe/Prague"))

pytestmark = pytest.mark.django_db


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """One site with one day of slots."""
    settings.CALENDAR_DAYS_AHEAD = 1
    one_site = demo_sites.read_sites()[:1]
    monkeypatch.setattr(demo_sites, "read_sites", lambda: one_site)


@pytest.mark.usefixtures("small")
def test_the_command_loads_people_and_the_certificates_of_whoever_completed_the_series() -> None:
    told = StringIO()
    with time_machine.travel(NOON, tick=False):
        call_command("load_demo", stdout=told)
        call_command("load_demo", stdout=told)
    lines = told.getvalue().splitlines()
    for what, number in (("people of today", "36"), ("certificates", "4")):
        first, second = (line for line in lines if line.strip().startswith(what))
        assert first.endswith(number)
        assert second.endswith("kept")
    assert SigningKey.objects.signing(NOON).count() == 1
    assert set(Certificate.objects.values_list("dose_number", "total_doses", "cause")) == {(2, 2, "SERIES")}
    # Of one the passport's spelling is missing: the desk shows the obstacle.
    blocked = IssueRequest.objects.get(state="BLOCKED")
    assert (blocked.obstacle, blocked.dose.person.last_name) == ("LATIN_NAME", "Коваленко")
    # E-mails with the PDF; the passwords by SMS, or on paper for whoever has no telephone.
    assert sorted(Delivery.objects.values_list("password_way", flat=True)) == ["NONE", "NONE", "PAPER", "SMS"]
    assert Message.objects.filter(template="certificates/certificate").count() == 2
    assert Message.objects.filter(template="certificates/password").count() == 1


def test_without_anything_to_issue_there_is_a_key_all_the_same() -> None:
    assert demo.load(now=NOON) == 0
    assert demo.load(now=NOON) == 0
    assert SigningKey.objects.signing(NOON).count() == 1
