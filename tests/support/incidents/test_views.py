"""The pages of known problems: for those who run them, with what was typed kept, from the declaration to the answer."""

from uuid import uuid4

import pytest
from django.test import Client

from logistics.models import Role
from support.incidents import running
from support.models import Incident, SharedAnswer
from tests.factories import make_agent, make_incident, make_staff, make_ticket
from tests.pages import browser, log_in, summary, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
WORDS = {"title_cs": "Nejdou SMS", "title_en": "No SMS", "text_cs": "Čekáme.", "text_en": "We wait."}


@pytest.fixture
def lead() -> Client:
    """A browser of the lead of the help desks."""
    client = browser()
    log_in(client, make_agent(Role.SUPPORT_LEAD, name="lenka"))
    return client


def test_a_problem_is_declared_told_of_ended_and_reopened(lead: Client) -> None:
    values = {**WORDS, "severity": "OUTAGE", "is_for_citizens": "on", "began_at": "8:30", "form_key": str(uuid4())}
    refused = lead.post("/podpora/problemy/novy/", {**values, "text_en": "\u200b", "began_at": "25. 12. 2099 8:00"})
    for words in ("Write the text in English.", "This time is still to come."):
        assert words in summary(refused)
    assert 'value="Nejdou SMS"' in refused.content.decode()
    shown = lead.post("/podpora/problemy/novy/", values, follow=True)
    incident = Incident.objects.get()
    assert (incident.severity, incident.is_for_citizens) == ("OUTAGE", True)
    assert "The pages tell of it from now on." in text_of(shown)
    page = f"/podpora/problemy/{incident.pk}/"
    assert "They go." in text_of(lead.post(page, {"text_cs": "Jdou.", "text_en": "They go."}, follow=True))
    changed = lead.post(f"{page}zmena/", {**values, "title_en": "SMS come", "form_key": str(uuid4())}, follow=True)
    assert "SMS come" in text_of(changed)
    early = lead.post(f"{page}konec/", {"ended_at": "8:00"})
    assert "The end cannot lie before the beginning." in summary(early)
    assert "Its banner is gone." in text_of(lead.post(f"{page}konec/", {"ended_at": "8:45"}, follow=True))
    assert "has ended already" in summary(lead.post(f"{page}konec/", {"ended_at": "8:50"}))
    assert "The problem goes on." in text_of(lead.post(f"{page}znovu/", follow=True))
    assert "need not be reopened" in text_of(lead.post(f"{page}znovu/", follow=True))
    assert "SMS come" in text_of(lead.get("/podpora/problemy/"))


def test_all_linked_tickets_are_answered_from_its_page(lead: Client) -> None:
    incident = make_incident()
    page = f"/podpora/problemy/{incident.pk}/"
    nobody = lead.post(f"{page}odpoved/", {"text_cs": "Už to jde."})
    assert "there is nobody to answer" in summary(nobody)
    ticket = make_ticket()
    running.link(ticket=ticket, incident=incident, by=incident.declared_by)
    assert "Answer all linked tickets together" in text_of(lead.get(page))
    shown = lead.post(f"{page}odpoved/", {"text_cs": "Už to jde.", "resolves": "on"}, follow=True)
    answer = SharedAnswer.objects.get()
    answer.tickets.update(state="SKIPPED", reason="CLAIMED")
    for words in ("Answered 0 of 1", "1 waits its turn."):
        assert words in text_of(shown)
    assert f"{ticket.number}: somebody else works on it" in text_of(lead.get(page))
    assert "1 ticket is tried again." in text_of(
        lead.post(f"/podpora/problemy/odpovedi/{answer.pk}/znovu/", follow=True)
    )


def test_other_staff_read_them_and_change_nothing() -> None:
    incident = make_incident(is_for_citizens=False)
    client = browser()
    log_in(client, make_staff(Role.DISTRIBUTOR))
    shown = client.get("/podpora/problemy/")
    assert incident.title_en in text_of(shown)
    assert "/novy/" not in shown.content.decode()
    page = f"/podpora/problemy/{incident.pk}/"
    for address in (page, "/podpora/problemy/novy/", *(f"{page}{act}/" for act in ("zmena", "konec", "odpoved"))):
        assert (client.get(address).status_code, client.post(address, WORDS).status_code) == (404, 404)
    for address in (f"{page}znovu/", "/podpora/problemy/odpovedi/1/znovu/"):
        assert client.post(address).status_code == 404
    assert Client().get("/podpora/problemy/").status_code == 302
