"""The page of a ticket: what is read there, by whom, and what each act does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from logistics.models import Role
from support.desk import conversation
from support.letters.covering import COVER
from support.models import Category, Letter, Look, Note, Participant, Ticket
from support.privacy.looks import looked
from support.tickets import claims, merging, notes
from tests.cast import JANA
from tests.factories import NOW, make_incident, make_site, make_staff, make_ticket
from tests.pages import browser, log_in, text_of
from tests.support.desk.conftest import Agent, address, letter_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NUMBER = JANA.insured_number
ACTS = (
    *("prevzeti/", "uvolneni/", "poznamka/", "vys/", "zpet/", "zarazeni/", "vyreseni/", "uzavreni/", "otevreni/"),
    *("slouceni/", "rozdeleni/", "problem/", "prideleni/"),
)


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_the_field_team_reads_covered_numbers_and_the_dispatcher_plain_ones_and_both_looks_are_kept(
    agent: Callable[..., Agent],
) -> None:
    soldier, jana = agent(Role.SUPPORT_L1), agent(Role.SUPPORT_L2)
    ticket = make_ticket()
    letter_at(ticket, f"Číslo {NUMBER} nejde najít.", quoted=f"> Napište číslo {NUMBER}")
    notes.add_note(ticket=ticket, text=f"Volala, číslo {NUMBER}.", by=jana.user, now=NOW)
    covered, plain = text_of(soldier.page(ticket)), text_of(jana.page(ticket))
    assert NUMBER not in covered
    assert covered.count(COVER) == 3
    assert plain.count(NUMBER) == 3
    looks = Look.objects.filter(ticket=ticket, what=Look.What.TICKET)
    assert {(look.user, look.saw_numbers) for look in looks} == {(soldier.user, False), (jana.user, True)}


def test_the_conversation_stands_in_the_order_of_time(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    ticket = make_ticket()
    letter_at(ticket, "První dopis")
    notes.add_note(ticket=ticket, text="Poznámka pro kolegy", by=jana.user, now=NOW + timedelta(minutes=1))
    later = NOW + timedelta(minutes=2)
    letter_at(ticket, "Naše odpověď", direction="OUT", kind="ANSWER", author=jana.user, received_at=later)
    refused = {"refused_at": later, "refusal": "550 5.1.1 <x> unknown", "received_at": NOW + timedelta(minutes=3)}
    letter_at(ticket, "Druhá odpověď", direction="OUT", kind="ANSWER", author=jana.user, **refused)
    letter_at(ticket, "Jsem na dovolené", kind="AUTO_REPLY", received_at=NOW + timedelta(minutes=4))
    letter_at(ticket, "A ještě něco", received_at=NOW + timedelta(minutes=5), quoted="> Naše odpověď")
    text = text_of(jana.page(ticket))
    order = ("První dopis", "Poznámka pro kolegy", "Naše odpověď", "Druhá odpověď", "Jsem na dovolené", "A ještě něco")
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "The mailbox of the sender refused this answer" in text
    assert "550 5.1.1 <x> unknown" in text
    assert text.count("not answered yet") == 1


def test_letters_of_a_merged_ticket_are_read_at_the_one_that_goes_on(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    part, whole = make_ticket("Podruhé"), make_ticket("Poprvé")
    letter_at(part, "Píšu podruhé")
    other = make_ticket("Jiné")
    shown = jana.send(part, "slouceni/", number="CRS-999999")
    assert "no such ticket" in text_of(shown)
    assert 'value="CRS-999999"' in shown.content.decode()
    preview = jana.send(part, "slouceni/", number=f"crs {whole.pk}")
    assert "This ticket goes on" in text_of(preview)
    assert fresh(part).state == "NEW"
    done = jana.send(part, "slouceni/", number=whole.number, confirmed="1", form_key=uuid4())
    assert done.redirect_chain == [(address(whole), 302)]
    assert "Píšu podruhé" in text_of(done)
    assert f"from the merged ticket {part.number}" in text_of(done)
    assert "part of another ticket" in text_of(jana.page(part))
    assert "Send the answer" not in text_of(jana.page(part))
    assert "stands alone again" in text_of(jana.send(part, "rozdeleni/"))
    assert (fresh(part).state, fresh(other).state) == ("NEW", "NEW")
    assert "Píšu podruhé" not in text_of(jana.page(whole))


def test_colleagues_see_who_works_on_a_ticket_and_who_has_it_open(agent: Callable[..., Agent]) -> None:
    jana, petr = agent(Role.SUPPORT_L2, name="jana"), agent(Role.SUPPORT_L2, name="petr")
    ticket = make_ticket()
    assert "Take it up" in text_of(petr.page(ticket))
    assert "Colleagues see it" in text_of(jana.send(ticket, "prevzeti/"))
    text = text_of(petr.page(ticket))
    assert "jana works on this ticket" in text
    assert "Opened by colleagues in the last ten minutes: jana" in text
    refused = petr.send(ticket, "vys/", reason="Nevím si rady")
    assert f"jana works on ticket {ticket.number} at present" in text_of(refused)
    assert "Nevím si rady</textarea>" in refused.content.decode()
    assert "Somebody else may take it" in text_of(jana.send(ticket, "uvolneni/"))
    assert fresh(ticket).claimed_by is None


def test_a_ticket_goes_up_with_a_reason_and_comes_back(agent: Callable[..., Agent]) -> None:
    soldier, jana = agent(Role.SUPPORT_L1), agent(Role.SUPPORT_L2)
    ticket = make_ticket()
    assert "Write the reason" in text_of(soldier.send(ticket, "vys/", reason=" "))
    assert "with the next level" in text_of(soldier.send(ticket, "vys/", reason="Neumím to"))
    assert fresh(ticket).level == 2
    text = text_of(soldier.page(ticket))
    assert "You can read it and write a note" in text
    assert "Send the answer" not in text
    refused = soldier.send(ticket, "vys/", reason="Ještě výš")
    assert "You can write a note for them" in text_of(refused)
    assert "The note is saved" in text_of(soldier.send(ticket, "poznamka/", text="Spěchá to"))
    text = text_of(jana.page(ticket))
    assert "L1 → L2" in text
    assert "Neumím to" in text
    assert "with the level below" in text_of(jana.send(ticket, "zpet/", reason="Zkuste restart"))
    assert fresh(ticket).level == 1


def test_a_double_click_writes_one_note_and_a_changed_form_says_so(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    ticket, key = make_ticket(), uuid4()
    for _click in range(2):
        assert "The note is saved" in text_of(jana.send(ticket, "poznamka/", text="Jednou", form_key=key))
    assert Note.objects.filter(ticket=ticket).count() == 1
    changed = jana.send(ticket, "poznamka/", text="Jinak", form_key=key)
    assert "already sent once" in text_of(changed)
    assert "Jinak</textarea>" in changed.content.decode()


def test_a_ticket_is_sorted_resolved_reopened_and_closed(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    ticket, site = make_ticket(), make_site()
    category = Category.objects.order_by("pk")[0]
    typed = {"desk": "LINE", "category": category.pk, "priority": 1, "site": site.pk}
    assert "is sorted" in text_of(jana.send(ticket, "zarazeni/", **typed))
    now = fresh(ticket)
    assert (now.desk, now.level, now.priority, now.category, now.site) == ("LINE", 2, 1, category, site)
    assert "is resolved" in text_of(jana.send(ticket, "vyreseni/"))
    assert "is open again" in text_of(jana.send(ticket, "otevreni/"))
    assert "is closed" in text_of(jana.send(ticket, "uzavreni/"))
    text = text_of(jana.page(ticket))
    for step in ("sorted", "resolved", "reopened", "closed"):
        assert f": {step}" in text, step
    assert fresh(ticket).state == "CLOSED"


def test_a_ticket_is_tied_to_a_known_problem(agent: Callable[..., Agent]) -> None:
    jana, problem = agent(Role.SUPPORT_L2), make_incident()
    ticket = make_ticket()
    text = text_of(jana.send(ticket, "problem/", incident=problem.pk))
    assert f"Known problem: {problem.title_en}" in text
    jana.send(ticket, "problem/", incident="")
    assert fresh(ticket).incident is None


def test_the_lead_gives_a_ticket_to_somebody_who_works_on_it(agent: Callable[..., Agent]) -> None:
    lead, jana, soldier = agent(Role.SUPPORT_LEAD), agent(Role.SUPPORT_L2), agent(Role.SUPPORT_L1)
    ticket = make_ticket(desk="LINE")
    claims.claim(ticket=ticket, by=lead.user, now=NOW)
    assert "cannot work on the ticket" in text_of(lead.send(ticket, "prideleni/", to=soldier.user.pk))
    assert "given to the colleague" in text_of(lead.send(ticket, "prideleni/", to=jana.user.pk))
    assert fresh(ticket).assignee == jana.user
    assert jana.page(ticket, "prideleni/").status_code == 404


def test_other_tickets_of_the_sender_are_offered(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    one, two = (make_ticket(subject, requester_address="eva@x.cz") for subject in ("První", "Druhý"))
    assert two.number in text_of(jana.page(one))


def test_reloading_after_a_refused_form_leads_to_the_ticket(agent: Callable[..., Agent]) -> None:
    lead = agent(Role.SUPPORT_LEAD)
    ticket = make_ticket()
    for act in ACTS:
        answer = lead.page(ticket, act)
        assert (answer.status_code, answer["Location"]) == (302, address(ticket)), act


def test_an_outsider_gets_404_for_the_ticket_and_each_act(agent: Callable[..., Agent]) -> None:
    site = make_site("Brno", "CZ0642")
    ticket, of_line = make_ticket(site=site), make_ticket(desk="LINE")
    elsewhere = agent(Role.SUPPORT_L1, "CZ031")
    manager = log_in(browser(), make_staff(Role.MANAGER, site=site))
    whoever: list[tuple[Client, Ticket]] = [(elsewhere.client, ticket), (manager, ticket)]
    whoever.append((agent(Role.SUPPORT_L1).client, of_line))
    for client, whose in whoever:
        for act in ("", *ACTS):
            assert client.get(address(whose, act)).status_code == 404, act
            if act:
                assert client.post(address(whose, act), {"text": "x", "reason": "x"}).status_code == 404, act
    assert Client().get(address(ticket)).status_code == 302
    assert agent(Role.SUPPORT_L1, "CZ064").page(ticket).status_code == 200
    assert not Note.objects.exists()


def test_a_ticket_in_pieces_is_looked_at_by_its_main_one(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    first, second, third = (make_ticket(subject) for subject in ("A", "B", "C"))
    letter_at(first, "Z prvního")
    merging.merge(ticket=first, into=second, by=jana.user, now=NOW)
    merging.merge(ticket=second, into=third, by=jana.user, now=NOW)
    assert "Z prvního" in text_of(jana.page(third))


def test_numbers_in_the_addresses_and_names_of_senders_are_covered_for_the_field_team(
    agent: Callable[..., Agent],
) -> None:
    soldier, jana = agent(Role.SUPPORT_L1), agent(Role.SUPPORT_L2)
    digits = NUMBER.replace("/", "")
    ticket = make_ticket(requester_name=f"Jana {NUMBER}", requester_address=f"{digits}@x.cz")
    nameless = make_ticket(requester_name="", requester_address=f"{digits}@x.cz")
    Participant.objects.create(ticket=ticket, name=NUMBER, address=f"{digits}@y.cz", since=NOW)
    letter_at(ticket, from_name=NUMBER)
    letter_at(ticket, from_name="", kind="AUTO_REPLY")
    ours: dict[str, Any] = {"direction": "OUT", "kind": "ANSWER", "to_address": f"{digits}@x.cz", "refused_at": NOW}
    letter_at(ticket, identity="", **ours)
    assert f"{digits}@x.cz" in text_of(jana.page(ticket))
    merging_page = soldier.send(ticket, "slouceni/", number=nameless.number)
    for page in (soldier.page(ticket), soldier.client.get("/podpora/?pohled=vse"), merging_page):
        content = page.content.decode()
        assert page.status_code == 200
        assert digits not in content
        assert NUMBER not in content
        assert COVER in content


def test_a_number_across_the_end_of_what_a_page_shows_of_a_text_is_covered(agent: Callable[..., Agent]) -> None:
    soldier = agent(Role.SUPPORT_L1)
    long = "a" * (conversation.LONGEST - 8) + f" {NUMBER} konec"
    ticket = make_ticket()
    letter = letter_at(ticket, long, quoted=long)
    page = text_of(soldier.page(ticket))
    assert NUMBER[:4] not in page
    assert "konec" not in page
    assert "show all of it" in page
    whole = text_of(soldier.client.get(address(ticket), {"cela": letter.pk}))
    assert whole.count(f"{COVER} konec") == 2
    Letter.objects.filter(pk=letter.pk).update(text=long + "b" * conversation.LONGEST, quoted="")
    page = text_of(soldier.page(ticket))
    assert NUMBER[:4] not in page
    assert "bbb" not in page
    assert "show all of it" in page


def test_a_long_conversation_is_read_page_by_page(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    ticket = make_ticket()
    for minute in range(conversation.ON_A_PAGE + 1):
        letter_at(ticket, f"dopis-{minute:03}", received_at=NOW + timedelta(minutes=minute))
    page = jana.page(ticket)
    assert "dopis-000" not in text_of(page)
    assert "dopis-001" in text_of(page)
    assert 'name="seen" value="51"' in page.content.decode()
    older = text_of(jana.client.get(address(ticket), {"strana": "2"}))
    assert "dopis-000" in older
    assert "dopis-001" not in older
    assert "Send the answer" not in older
    assert "Newer messages" in older
    assert "dopis-050" in text_of(jana.client.get(address(ticket), {"strana": "nic"}))


def test_a_ticket_is_not_ended_over_a_letter_that_nobody_read(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    ticket = make_ticket()
    letter_at(ticket)
    letter_at(ticket, "Ještě jedna věc", kind="LIST")
    for act in ("vyreseni/", "uzavreni/"):
        refused = jana.send(ticket, act, seen=1, form_key=uuid4())
        assert "A new message came meanwhile" in text_of(refused)
        assert fresh(ticket).state == "NEW"
        assert refused.content.decode().count('name="seen" value="2"') == 3
    assert "is resolved" in text_of(jana.send(ticket, "vyreseni/", seen=2))
    assert "is closed" in text_of(jana.send(ticket, "uzavreni/", seen=2))


def test_a_letter_through_a_list_is_read_like_that_of_a_person(agent: Callable[..., Agent]) -> None:
    ticket = make_ticket()
    letter_at(ticket, "Lednice stojí", kind="LIST")
    page = agent(Role.SUPPORT_L1).page(ticket)
    assert 'data-kind="automatic"' not in page.content.decode()
    assert "not answered yet" in text_of(page)


def test_only_the_desks_count_as_colleagues_who_have_a_ticket_open(agent: Callable[..., Agent]) -> None:
    ticket, site = make_ticket(), make_site()
    looked(Look.What.TICKET, by=make_staff(Role.VACCINATOR, site=site, name="iva"), now=NOW, ticket=ticket)
    agent(Role.SUPPORT_L1, name="petr").page(ticket)
    text = text_of(agent(Role.SUPPORT_L2).page(ticket))
    assert "Opened by colleagues in the last ten minutes: petr" in text
    assert "iva" not in text.split("ten minutes:")[1].split("Conversation")[0]
