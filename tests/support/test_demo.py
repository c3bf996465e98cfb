"""The demonstration's morning: letters of both desks in every state of their work."""

import pytest
from django.utils import timezone

from logistics.staff import demo as staff
from support import demo
from support.models import CannedAnswer, Desk, Incident, Letter, Note, Ticket
from support.tickets import canned
from tests.factories import make_site

pytestmark = pytest.mark.django_db(transaction=True)


def test_both_desks_have_letters_in_every_state_of_their_work() -> None:
    staff.add(site=make_site())
    now = timezone.now()
    assert demo.load(now=now) == len(demo.LETTERS)
    assert demo.load(now=now) == 0
    assert Letter.objects.filter(direction="IN").count() == len(demo.LETTERS)
    states = set(Ticket.objects.values_list("state", flat=True))
    assert {"NEW", "ASSIGNED", "WAITING", "RESOLVED", "MERGED"} <= states
    assert set(Ticket.objects.values_list("desk", "level")) >= {(Desk.SITES, 1), (Desk.SITES, 3), (Desk.LINE, 2)}
    assert Note.objects.filter(kind="ESCALATION").count() == 3
    assert not Incident.objects.open()
    assert not [text for one in CannedAnswer.objects.all() for text in canned.unknown_in(one.text_cs + one.text_en)]


def test_an_absence_note_gets_no_receipt_and_people_get_theirs() -> None:
    staff.add(site=make_site())
    demo.load(now=timezone.now())
    away = Letter.objects.get(kind="AUTO_REPLY")
    assert not Letter.objects.filter(ticket=away.ticket, kind="RECEIPT", received_at__gte=away.received_at).exists()
    assert Letter.objects.filter(kind="RECEIPT").count() >= 10
