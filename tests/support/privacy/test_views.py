"""The pages of links, of an expert's look at a timeline, and of the log of looks."""

import pytest
from django.test import Client
from django.urls import reverse

from logistics.models import Role
from registration.models import Person
from registration.people.insured_number import lookup_hash
from support.models import Look, Ticket, TicketLink
from tests.factories import NOW, make_agent, make_registration, make_site, make_staff, make_ticket
from tests.pages import form_key, log_in, summary, text_of
from vaccination.timeline.openings import openings_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NUMBER = "7554041506"


@pytest.fixture
def person() -> Person:
    found = make_registration().person
    Person.objects.filter(pk=found.pk).update(insured_number=NUMBER, insured_number_hash=lookup_hash(NUMBER))
    return Person.objects.get(pk=found.pk)


def test_what_is_linked_stands_at_the_ticket_and_a_wrong_number_stays_in_its_field(
    client: Client, person: Person
) -> None:
    ticket = make_ticket()
    log_in(client, make_agent(Role.SUPPORT_L2))
    page = reverse("support:link", args=[ticket.pk])
    answer = client.post(page, {"kind": "person", "number": "1"})
    assert "Nothing was found under this number" in text_of(answer)
    assert 'value="1"' in answer.content.decode()
    answer = client.post(page, {"kind": "person", "number": f"{NUMBER[:6]}/{NUMBER[6:]}\u200b"}, follow=True)
    assert person.listed_name in text_of(answer)
    link = ticket.links.get()
    client.post(reverse("support:unlink", args=[ticket.pk, link.pk]))
    assert not ticket.links.exists()


def test_level_one_neither_links_people_nor_reads_whom_a_ticket_is_about(client: Client, person: Person) -> None:
    ticket = make_ticket(requester_name="Petr")
    TicketLink.objects.create(ticket=ticket, person=person, by=make_agent(), at=NOW)
    log_in(client, make_agent(Role.SUPPORT_L1))
    shown = text_of(client.get(reverse("support:ticket", args=[ticket.pk])))
    assert "a person; level 2 sees who" in shown
    assert person.last_name not in shown
    client.post(reverse("support:link", args=[ticket.pk]), {"kind": "person", "number": NUMBER})
    assert ticket.links.count() == 1


def test_nobody_links_a_ticket_above_their_level(client: Client, person: Person) -> None:
    ticket = make_ticket(level=3)
    link = TicketLink.objects.create(ticket=ticket, person=person, by=make_agent(), at=NOW)
    log_in(client, make_agent(Role.SUPPORT_L2))
    answer = client.post(reverse("support:unlink", args=[ticket.pk, link.pk]), follow=True)
    assert "now at a level or in a region of others" in text_of(answer)
    answer = client.post(reverse("support:link", args=[ticket.pk]), {"kind": "person", "number": NUMBER})
    assert "now at a level or in a region of others" in summary(answer)
    assert f'value="{NUMBER}"' in answer.content.decode()
    assert ticket.links.get() == link


def test_the_timeline_opens_with_a_reason_and_each_look_is_logged(client: Client, person: Person) -> None:
    ticket, expert = make_ticket(), make_agent(Role.SUPPORT_L3)
    link = TicketLink.objects.create(ticket=ticket, person=person, by=expert, at=NOW)
    page = reverse("support:timeline", args=[ticket.pk, link.pk])
    log_in(client, expert)
    assert "Open it only where the letters are not enough" in text_of(client.get(page))
    assert not Look.objects.filter(what="TIMELINE").exists()
    assert "Write why you open the timeline" in text_of(client.post(page, {"reason": "."}))
    typed = {"reason": "certifikát nese jiné jméno", "form_key": form_key(client.get(page))}
    assert client.post(page, typed)["Location"] == page
    shown = text_of(client.post(page, typed, follow=True))  # the second of two clicks
    assert "You can read this page until 9:30" in shown
    assert [opening.reason for opening in openings_of(person)] == ["certifikát nese jiné jméno"]
    assert Look.objects.get(what="TIMELINE").person == person
    # Of another ticket, or a link to no person.
    other = make_ticket()
    assert client.get(reverse("support:timeline", args=[other.pk, link.pk])).status_code == 404


@pytest.mark.parametrize("role", [Role.SUPPORT_L1, Role.SUPPORT_L2, Role.SUPPORT_LEAD])
def test_only_experts_come_to_a_timeline(client: Client, person: Person, role: Role) -> None:
    ticket = make_ticket()
    link = TicketLink.objects.create(ticket=ticket, person=person, by=make_agent(), at=NOW)
    log_in(client, make_agent(role))
    page = reverse("support:timeline", args=[ticket.pk, link.pk])
    assert client.get(page).status_code == 404
    assert client.post(page, {"reason": "chci to vidět"}).status_code == 404
    assert not openings_of(person)


def test_a_field_team_of_another_region_links_nothing(client: Client) -> None:
    ticket: Ticket = make_ticket(site=make_site(district="CZ0312"))
    log_in(client, make_agent(Role.SUPPORT_L1, "CZ064"))
    assert client.get(reverse("support:link", args=[ticket.pk])).status_code == 404


def test_the_lead_reads_who_looked(client: Client) -> None:
    ticket, agent = make_ticket(), make_agent(Role.SUPPORT_L2, name="zvedava")
    log_in(client, agent)
    client.get(reverse("support:ticket", args=[ticket.pk]))
    log_in(client, make_agent(Role.SUPPORT_LEAD))
    for page in (reverse("support:looks"), reverse("support:looks_at_ticket", args=[ticket.pk])):
        assert "zvedava a ticket with its letters" in text_of(client.get(page))
    assert "zvedava" not in text_of(client.get(reverse("support:looks_at_ticket", args=[make_ticket().pk])))


def test_all_pages_of_support_have_the_bar_of_those_who_may_use_it(client: Client) -> None:
    lead, ticket = make_agent(Role.SUPPORT_LEAD), make_ticket()
    log_in(client, lead)
    Look.objects.create(what="SEARCH", user=lead, at=NOW)
    pages = (
        "/podpora/problemy/",
        "/podpora/prehled/",
        reverse("support:looks"),
        reverse("support:link", args=[ticket.pk]),
    )
    for page in pages:
        text = text_of(client.get(page))
        for door in ("Lists of tickets", "Figures", "Log of looks", "Known problems"):
            assert door in text, page
    assert "a search by an insured number – looked for" in text_of(client.get(reverse("support:looks")))
    log_in(client, make_staff(Role.MINISTRY))
    assert "Lists of tickets" not in text_of(client.get("/podpora/problemy/"))
