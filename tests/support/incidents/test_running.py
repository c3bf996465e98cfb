"""Known problems: declared once, told about, ended once, reopened, and published by each change."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from crs.banners import Audience
from crs.sent_forms import NO_FORM, Sending
from logistics.models import Role
from support.errors import TicketError
from support.incidents import banner, running, state
from support.incidents.errors import AlreadyEnded, EndsBeforeItBegan, StillOpen, TicketIsMerged
from support.incidents.running import IncidentFacts
from support.models import Incident, Ticket
from tests.factories import NOW, make_agent, make_incident, make_ticket
from tests.race import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

FACTS = IncidentFacts("Nejdou SMS", "No SMS", "Čekáme.", "We wait.", "OUTAGE", True, NOW - timedelta(minutes=5))


def test_a_double_click_declares_one_problem(django_capture_on_commit_callbacks: Any) -> None:
    form = Sending(uuid4(), "x")
    lead = make_agent(Role.SUPPORT_LEAD)
    with django_capture_on_commit_callbacks(execute=True):
        first = running.declare(facts=FACTS, by=lead, now=NOW, form=form)
        again = running.declare(facts=FACTS, by=lead, now=NOW, form=form)
    assert first == again == Incident.objects.get()
    assert [one.kind for one in banner.current(Audience.CITIZENS)] == ["error"]
    assert state.current(timezone.now())["state"] == "outage"


def test_each_change_is_published(django_capture_on_commit_callbacks: Any) -> None:
    incident = make_incident()
    by = incident.declared_by
    with django_capture_on_commit_callbacks(execute=True):
        running.change(incident=incident, facts=FACTS, by=by, form=NO_FORM)
        running.add_news(incident=incident, text_cs="Už jdou.", text_en="They go.", by=by, now=NOW, form=NO_FORM)
    (known,) = state.current(timezone.now())["open"]
    assert (known["title"]["en"], known["updates"][0]["text"]["en"]) == ("No SMS", "They go.")
    with django_capture_on_commit_callbacks(execute=True):
        running.end(incident=incident, ended_at=NOW, by=by, form=NO_FORM)
    assert (banner.current(Audience.STAFF), state.current(timezone.now())["open"]) == ([], [])
    with django_capture_on_commit_callbacks(execute=True):
        running.reopen(incident=incident, by=by, form=NO_FORM)
    assert len(banner.current(Audience.STAFF)) == 1


def test_it_ends_once_and_not_before_it_began() -> None:
    incident = make_incident()
    end = partial(running.end, incident=incident, by=incident.declared_by, form=NO_FORM)
    with pytest.raises(StillOpen):
        running.reopen(incident=incident, by=incident.declared_by, form=NO_FORM)
    with pytest.raises(EndsBeforeItBegan):
        end(ended_at=incident.began_at - timedelta(minutes=1))
    end(ended_at=NOW)
    with pytest.raises(AlreadyEnded):
        end(ended_at=NOW)
    late = replace(FACTS, began_at=NOW + timedelta(minutes=1))
    with pytest.raises(EndsBeforeItBegan):
        running.change(incident=incident, facts=late, by=incident.declared_by, form=NO_FORM)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_end_it_at_once_one_is_told() -> None:
    incident = make_incident()
    end = partial(running.end, incident=incident, by=incident.declared_by, form=NO_FORM)
    outcomes = race(*(partial(end, ended_at=NOW + timedelta(minutes=minutes)) for minutes in (1, 2)))
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyEnded", "Incident"]


def test_a_ticket_is_linked_and_unlinked_but_not_a_part_of_another() -> None:
    incident, ticket, main = make_incident(), make_ticket(), make_ticket()
    running.link(ticket=ticket, incident=incident, by=incident.declared_by)
    assert list(incident.tickets.all()) == [ticket]
    running.unlink(ticket=ticket, by=incident.declared_by)
    assert not incident.tickets.exists()
    Ticket.objects.filter(pk=ticket.pk).update(state="MERGED", merged_into=main)
    with pytest.raises(TicketIsMerged):
        running.link(ticket=ticket, incident=incident, by=incident.declared_by)
    assert not issubclass(TicketIsMerged, TicketError)


def test_a_late_letter_can_still_be_linked_for_a_week() -> None:
    by = make_agent(Role.SUPPORT_LEAD)
    lasting = make_incident(declared_by=by)
    ended = make_incident(declared_by=by, ended_at=NOW)
    assert {*running.linkable(NOW + timedelta(days=6))} == {lasting, ended}
    assert {*running.linkable(NOW + timedelta(days=8))} == {lasting}
