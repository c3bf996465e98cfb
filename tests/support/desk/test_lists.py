"""Lists of tickets: which tickets stand in them, what is said of each, and how one is found."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from logistics.models import Role
from registration.models import Person
from registration.people.insured_number import lookup_hash
from support.desk.views import lists
from support.models import Category, Look, SavedView, Ticket, TicketLink
from support.tickets import claims, numbers
from tests.cast import JANA
from tests.factories import NOW, make_registration, make_site, make_ticket
from tests.pages import form_key, text_of
from tests.support.desk.conftest import Agent, letter_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
LISTS = "/podpora/"


def shown(client: Client, query: str = "") -> str:
    answer = client.get(LISTS + query)
    assert answer.status_code == 200
    return text_of(answer)


def test_each_list_shows_its_tickets(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    new, mine = make_ticket("Nový"), make_ticket("Můj")
    make_ticket("Jejich", desk="LINE")
    claims.claim(ticket=mine, by=jana.user, now=NOW)
    Ticket.objects.filter(pk=new.pk).update(due_at=NOW - timedelta(hours=3))
    waiting = make_ticket("Čekající")
    Ticket.objects.filter(pk=waiting.pk).update(state="WAITING", due_at=None)
    ended = make_ticket("Hotový")
    Ticket.objects.filter(pk=ended.pk).update(state="RESOLVED")
    lists = {
        "moje": {"Můj"},
        "nove": {"Nový", "Jejich"},
        "uroven": {"Jejich"},
        "cekaji": {"Čekající"},
        "po-terminu": {"Nový"},
        "vse": {"Nový", "Můj", "Čekající", "Jejich"},
        "hotove": {"Hotový"},
        "nedorucene": set(),
        "": {"Můj"},
        "nesmysl": {"Můj"},
    }
    every = {"Nový", "Můj", "Čekající", "Jejich", "Hotový"}
    for key, expected in lists.items():
        text = shown(jana.client, f"?pohled={key}")
        assert {name for name in every if f" {name} " in text} == expected, key
    assert " Jejich " not in shown(jana.client, "?pohled=vse&desk=SITES")
    assert " Nový " not in shown(jana.client, "?pohled=vse&level=2")


def test_a_line_says_in_words_that_it_is_late_and_who_works_on_it(agent: Callable[..., Agent]) -> None:
    jana, petr = agent(Role.SUPPORT_L2), agent(Role.SUPPORT_L2, name="petr")
    ticket = make_ticket()
    claims.claim(ticket=ticket, by=petr.user, now=NOW)
    Ticket.objects.filter(pk=ticket.pk).update(due_at=NOW - timedelta(hours=3))
    text = shown(jana.client, "?pohled=vse")
    assert "LATE by 3 hours" in text
    assert "petr works on it now" in text
    assert ticket.number in text


def test_a_list_asks_as_many_questions_for_fifty_tickets_as_for_one(
    agent: Callable[..., Agent], django_assert_max_num_queries: Callable[..., object]
) -> None:
    jana = agent(Role.SUPPORT_L2)
    for number in range(52):
        make_ticket(f"Požadavek {number}")
    jana.client.get(f"{LISTS}?pohled=vse")  # the session keeps the way back
    with django_assert_max_num_queries(15):  # type: ignore[attr-defined]
        text = shown(jana.client, "?pohled=vse")
    assert "Page 1 of 2, 52 tickets" in text
    assert "Page 2 of 2" in shown(jana.client, "?pohled=vse&strana=2")


def test_the_field_team_sees_its_region_alone_and_nothing_of_the_line(agent: Callable[..., Agent]) -> None:
    soldier = agent(Role.SUPPORT_L1, "CZ031")
    make_ticket("Bez místa")
    make_ticket("Z linky", desk="LINE")
    text = shown(soldier.client, "?pohled=vse")
    assert "Bez místa" in text
    assert "Z linky" not in text


def test_words_that_are_looked_for_stand_in_no_address(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    ticket = make_ticket("Certifikát nejde vytisknout")
    make_ticket("Jiný")
    answer = jana.client.post(f"{LISTS}hledani/", {"text": "certifikat"})
    assert answer["Location"] == f"{LISTS}?pohled=hledani"
    text = shown(jana.client, "?pohled=hledani")
    assert "Certifikát nejde vytisknout" in text
    assert "Jiný" not in text
    for number in (ticket.number, f"crs {ticket.pk}", f"#{ticket.pk}"):
        answer = jana.client.post(f"{LISTS}hledani/", {"text": number})
        assert answer["Location"] == f"{LISTS}pozadavky/{ticket.pk}/"
    assert jana.client.get(f"{LISTS}hledani/").status_code == 302


def test_an_insured_number_finds_links_and_letters_and_is_written_down(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    registration, digits = make_registration(), JANA.insured_number
    whose = Person.objects.filter(pk=registration.person_id)
    whose.update(insured_number=digits, insured_number_hash=lookup_hash(digits))
    linked, written, other = make_ticket("Propojený"), make_ticket("Napsaný"), make_ticket("Jiný")
    TicketLink.objects.create(ticket=linked, person=registration.person, by=jana.user, at=NOW)
    numbers.add_numbers(written.pk, [digits])
    numbers.add_numbers(other.pk, ["7554041506"])
    answer = jana.client.post(f"{LISTS}hledani/cislo/", {"insured_number": f"{digits[:6]}/{digits[6:]}"})
    text = text_of(answer)
    assert "Propojený" in text
    assert "Napsaný" in text
    assert "Jiný" not in text
    look = Look.objects.get(what=Look.What.SEARCH)
    assert (look.user, look.person) == (jana.user, registration.person)
    assert "this number" not in text_of(jana.client.post(f"{LISTS}hledani/cislo/", {"insured_number": "12"}))
    assert agent(Role.SUPPORT_L1).client.get(f"{LISTS}hledani/cislo/").status_code == 404


def test_a_number_among_the_words_that_are_looked_for_is_not_kept(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    answer = jana.client.post(f"{LISTS}hledani/", {"text": f"Novák {JANA.insured_number}"}, follow=True)
    assert "An insured number is not looked for here" in text_of(answer)
    assert JANA.insured_number not in answer.content.decode()
    assert lists.WORDS not in jana.client.session


def test_more_words_than_are_looked_for_are_refused(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L1)
    twelve = " ".join(f"slovo{number}" for number in range(12))
    assert "Write fewer words" not in text_of(jana.client.post(f"{LISTS}hledani/", {"text": twelve}, follow=True))
    answer = jana.client.post(f"{LISTS}hledani/", {"text": f"{twelve} ještě"}, follow=True)
    assert "Write fewer words to look for, 12 at most." in text_of(answer)


def test_a_list_is_narrowed_by_category_priority_and_site_and_saved_so(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    category, site = Category.objects.get(code="login"), make_site()
    every: dict[str, Any] = {"Jiný": {}, "První": {"category": category}, "Druhý": {}, "Třetí": {"site": site}}
    for subject, fields in every.items():
        make_ticket(subject, **fields)
    Ticket.objects.filter(subject="Druhý").update(priority=1)
    for name, value, subject in (
        ("category", category.pk, "První"),
        ("priority", 1, "Druhý"),
        ("site", site.pk, "Třetí"),
    ):
        query = f"?pohled=vse&{name}={value}"
        key = form_key(jana.client.get(f"{LISTS}pohledy/novy/{query}"))
        typed = {"pohled": "vse", name: value, "name": f"Pohled {name}", "position": "100", "form_key": key}
        for _ in range(2):  # the second of two clicks
            saved = jana.client.post(f"{LISTS}pohledy/novy/", typed)
        for page in (shown(jana.client, query), text_of(jana.client.get(saved["Location"]))):
            assert {one for one in every if f" {one} " in page} == {subject}
    assert SavedView.objects.count() == 3
    for nonsense in ("category=x", "category=99999999999999999999", "priority=9", "site=x", "site=%00"):
        assert " Jiný " in shown(jana.client, f"?pohled=vse&{nonsense}")


def test_a_list_is_saved_as_a_view_of_ones_own_or_by_the_lead_for_all(agent: Callable[..., Agent]) -> None:
    jana, lead = agent(Role.SUPPORT_L2), agent(Role.SUPPORT_LEAD)
    make_ticket("Z linky", desk="LINE")
    make_ticket("Z míst")
    typed = {"pohled": "vse", "desk": "LINE", "level": "", "position": "100"}
    for who, name in ((jana, "Linka"), (lead, "Linka všem")):
        who.client.post(f"{LISTS}pohledy/novy/", {**typed, "name": name, "shared": "on"})
    own, shared = SavedView.objects.get(name="Linka"), SavedView.objects.get(name="Linka všem")
    assert (own.owner, shared.owner) == (jana.user, None)
    text = shown(jana.client, f"?pohled={own.pk}")
    assert "Z linky" in text
    assert "Z míst" not in text
    assert "Linka všem" in text
    again = jana.client.post(f"{LISTS}pohledy/novy/", {**typed, "name": "Linka"})
    assert "a view of this name already" in text_of(again)
    assert 'value="Linka"' in again.content.decode()
    # Nobody else's view is shown, renamed or removed.
    assert "Z míst" not in shown(lead.client, f"?pohled={own.pk}")
    assert lead.client.post(f"{LISTS}pohledy/{own.pk}/", {"remove": "1"}).status_code == 404
    assert jana.client.post(f"{LISTS}pohledy/{shared.pk}/", {"remove": "1"}).status_code == 404
    jana.client.post(f"{LISTS}pohledy/{own.pk}/", {"name": "Linka 1221", "position": "5"})
    assert SavedView.objects.get(pk=own.pk).name == "Linka 1221"
    for _ in range(2):
        assert jana.client.post(f"{LISTS}pohledy/{own.pk}/", {"remove": "1"}).status_code == 302
    assert not SavedView.objects.filter(pk=own.pk).exists()


def test_the_start_page_says_how_many_tickets_wait_at_the_users_level(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    make_ticket(desk="LINE")
    make_ticket()
    assert "Support: tickets of the help desks (1)" in text_of(jana.client.get("/personal/")).replace(" ( 1 )", " (1)")


def test_the_first_list_is_one_with_work_in_it(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    ticket = make_ticket("Z míst")
    assert " Z míst " in shown(jana.client)
    make_ticket("Z linky", desk="LINE")
    assert " Z míst " not in shown(jana.client)
    Ticket.objects.filter(pk=ticket.pk).update(assignee=jana.user)
    assert "Z linky" not in shown(jana.client)


def test_the_lists_say_how_many_are_late_and_the_number_of_no_ticket_is_refused(agent: Callable[..., Agent]) -> None:
    jana, soldier = agent(Role.SUPPORT_L2), agent(Role.SUPPORT_L1)
    make_ticket(now=NOW - timedelta(days=30))
    line = make_ticket("Z linky", desk="LINE", now=NOW - timedelta(days=30))
    assert "Late (2)" in shown(jana.client)
    assert "Late (1)" in shown(soldier.client)
    for client, number in ((jana.client, "CRS-999999"), (soldier.client, line.number)):
        answer = client.post(f"{LISTS}hledani/", {"text": number}, follow=True)
        assert "does not exist, or you do not see it" in text_of(answer)


def test_a_list_says_which_tickets_automatic_mail_opened(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    ticket = make_ticket(wants_answer=False)
    text = shown(jana.client, "?pohled=vse")
    assert "automatic message" in text
    assert "first answer" not in text
    letter_at(ticket, kind="AUTO_REPLY")
    assert '" open>' in jana.page(ticket).content.decode()
