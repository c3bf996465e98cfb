"""The timeline names our messages."""

import pytest
from django.utils import translation

from certificates.delivery import sending
from certificates.models import Certificate
from tests.factories import NOW
from vaccination.timeline import entries, sources

pytestmark = pytest.mark.django_db


def test_both_messages_stand_on_the_persons_timeline_by_name(certificate: Certificate) -> None:
    sending.send(certificate=certificate, now=NOW)
    rows = entries.Rows((certificate.person_id,), (certificate.dose.registration_id or 0,))
    with translation.override("en"):
        told = {str(entry.text) for entry in sources.messages(rows)}
    assert told == {
        "e-mail: the vaccination certificate (waiting for its attachments)",
        "SMS: the password of the vaccination certificate (waiting to be sent)",
    }


def test_on_nobody_elses(certificate: Certificate) -> None:
    sending.send(certificate=certificate, now=NOW)
    assert list(sources.messages(entries.Rows((0,), (0,)))) == []
