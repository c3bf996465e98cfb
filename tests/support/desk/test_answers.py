"""Answers: what goes out, what is held back, and what stays of what was typed."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crs.messaging.models import Message
from logistics.models import Role
from support.letters.covering import COVER
from support.models import CannedAnswer, Letter, Ticket
from support.tickets import claims
from tests.cast import JANA
from tests.factories import NOW, make_ticket
from tests.pages import browser, form_key, log_in, summary, text_of
from tests.support.desk.conftest import Agent, address, file_of, letter_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
ANSWER = "/podpora/odpoved/"


@pytest.fixture
def jana(agent: Callable[..., Agent]) -> Agent:
    return agent(Role.SUPPORT_L2, name="jana")


@pytest.fixture
def ticket() -> Ticket:
    ticket = make_ticket()
    letter_at(ticket)
    return ticket


def send(client: Client, ticket: Ticket, text: str = "Zkuste to znovu.", **typed: Any) -> Any:
    fields = {"ticket": ticket.pk, "text": text, "then": "waits", "seen": 1, "form_key": uuid4()}
    return client.post(ANSWER, {**fields, **typed}, follow=True)


def answers(ticket: Ticket) -> list[str]:
    return [letter.text for letter in Letter.objects.filter(ticket=ticket, kind=Letter.Kind.ANSWER)]


@pytest.mark.parametrize(("then", "state"), [("waits", "WAITING"), ("resolved", "RESOLVED"), ("stays", "ASSIGNED")])
def test_an_answer_goes_out_and_the_ticket_goes_where_its_author_says(
    jana: Agent, ticket: Ticket, then: str, state: str
) -> None:
    page = send(jana.client, ticket, then=then)
    assert page.redirect_chain == [(address(ticket), 302)]
    assert "on its way to the sender" in text_of(page)
    assert answers(ticket) == ["Zkuste to znovu."]
    assert Ticket.objects.get(pk=ticket.pk).state == state
    assert Message.objects.get().recipient == ticket.requester_address


def test_two_clicks_send_one_answer(jana: Agent, ticket: Ticket) -> None:
    key = uuid4()
    for _click in range(2):
        assert "on its way to the sender" in text_of(send(jana.client, ticket, then="resolved", form_key=key))
    assert answers(ticket) == ["Zkuste to znovu."]


def test_an_answer_waits_for_its_author_to_read_what_came_meanwhile(jana: Agent, ticket: Ticket) -> None:
    page = jana.page(ticket)
    letter_at(ticket, "Už nic, vyřešeno.")
    refused = send(jana.client, ticket, form_key=form_key(page))
    assert "A new message came meanwhile" in text_of(refused)
    assert "Už nic, vyřešeno." in text_of(refused)
    assert "Zkuste to znovu.</textarea>" in refused.content.decode()
    assert 'name="seen" value="2"' in refused.content.decode()
    assert answers(ticket) == []
    assert "on its way" in text_of(send(jana.client, ticket, seen=2))
    # What programs write by themselves holds nobody up.
    letter_at(ticket, "Jsem mimo kancelář.", kind="AUTO_REPLY")
    assert "on its way" in text_of(send(jana.client, ticket, seen=2))


def test_what_was_typed_stays_where_somebody_else_works_on_the_ticket(
    jana: Agent, ticket: Ticket, agent: Callable[..., Agent]
) -> None:
    claims.claim(ticket=ticket, by=agent(Role.SUPPORT_L2, name="petr").user, now=NOW)
    refused = send(jana.client, ticket, enclosures=SimpleUploadedFile("návod.pdf", b"%PDF"))
    assert f"petr works on ticket {ticket.number} at present" in text_of(refused)
    assert "Zkuste to znovu.</textarea>" in refused.content.decode()
    assert "choose them again" in text_of(refused)
    assert answers(ticket) == []


def test_files_go_with_an_answer_within_their_limits(jana: Agent, ticket: Ticket) -> None:
    send(jana.client, ticket, enclosures=[SimpleUploadedFile(name, b"%PDF") for name in ("návod.pdf", "dvě.pdf")])
    letter = Letter.objects.get(ticket=ticket, kind=Letter.Kind.ANSWER)
    assert [one.name for one in letter.attachments.all()] == ["návod.pdf", "dvě.pdf"]
    assert "empty" in text_of(send(jana.client, ticket, enclosures=SimpleUploadedFile("nic.txt", b"")))
    assert len(answers(ticket)) == 1


def test_a_prepared_answer_is_put_below_what_was_typed_without_any_script(jana: Agent, ticket: Ticket) -> None:
    canned = CannedAnswer.objects.create(title="Tisk", text_cs="Dobrý den, {name}, jde o {number}. {site}")
    other = CannedAnswer.objects.create(title="Linka", text_cs="x", desk="LINE")
    assert "Linka" not in text_of(jana.page(ticket))
    page = send(jana.client, ticket, text="Vážená paní,", canned=canned.pk, vlozit="1", then="stays")
    content = page.content.decode()
    assert "Vážená paní,\n\nDobrý den, Jana Nováková, jde o " in content
    assert "{site}</textarea>" in content
    assert 'value="stays" id="id_answer_then_2" required checked' in content
    assert answers(ticket) == []
    assert "x</textarea>" not in send(jana.client, ticket, canned=other.pk, vlozit="1").content.decode()


def test_an_empty_answer_and_one_to_nobody_are_refused(jana: Agent, ticket: Ticket) -> None:
    assert "Write the answer" in text_of(send(jana.client, ticket, text=" \u200b "))
    nobody = make_ticket(requester_address="")
    assert "no address to which an answer could go" in text_of(jana.page(nobody))
    refused = send(jana.client, nobody, seen=0)
    assert answers(nobody) == []
    assert summary(refused)


def test_an_answer_that_did_not_arrive_is_sent_again_or_settled(jana: Agent, ticket: Ticket) -> None:
    refused = {"refused_at": NOW, "refusal": "550", "direction": "OUT", "kind": "ANSWER", "to_address": "jan@x.cz"}
    one, two = (letter_at(ticket, text, **refused) for text in ("První", "Druhá"))
    assert ticket.number in text_of(jana.client.get("/podpora/?pohled=nedorucene"))
    again = jana.client.post(f"/podpora/zpravy/{one.pk}/znovu/", {"address": "nesmysl"}, follow=True)
    assert 'value="nesmysl"' in again.content.decode()
    again = jana.client.post(f"/podpora/zpravy/{one.pk}/znovu/", {"address": "jana@x.cz"}, follow=True)
    assert "on its way once more" in text_of(again)
    assert Message.objects.get().recipient == "jana@x.cz"
    settled = jana.client.post(f"/podpora/zpravy/{two.pk}/vyrizeno/", {}, follow=True)
    assert "told in another way" in text_of(settled)
    assert ticket.number not in text_of(jana.client.get("/podpora/?pohled=nedorucene"))


def test_only_an_answer_that_did_not_arrive_can_be_sent_again(jana: Agent, ticket: Ticket) -> None:
    ours: dict[str, Any] = {"direction": "OUT", "to_address": "jan@x.cz", "identity": ""}
    arrived = letter_at(ticket, kind="ANSWER", **ours)
    receipt = letter_at(ticket, kind="RECEIPT", refused_at=NOW, **ours)
    assert "Send it again" not in text_of(jana.page(ticket))
    for letter in (arrived, receipt):
        for act in ("znovu", "vyrizeno"):
            url = f"/podpora/zpravy/{letter.pk}/{act}/"
            assert jana.client.post(url, {"address": "jana@x.cz"}).status_code == 404
    assert not Message.objects.exists()


def test_the_field_team_sends_no_numbers_to_another_address(ticket: Ticket, agent: Callable[..., Agent]) -> None:
    soldier = agent(Role.SUPPORT_L1)
    digits = JANA.insured_number.replace("/", "")
    ours: dict[str, Any] = {"direction": "OUT", "kind": "ANSWER", "refused_at": NOW, "to_address": f"{digits}@x.cz"}
    quoting, holding = (letter_at(ticket, "Dobrý den", identity="", **ours) for _ in range(2))
    Letter.objects.filter(pk=quoting.pk).update(quoted=f"> {JANA.insured_number}")
    file_of(holding, has_numbers=True)
    for letter in (quoting, holding):
        refused = soldier.client.post(f"/podpora/zpravy/{letter.pk}/znovu/", {"address": "jana@x.cz"}, follow=True)
        assert "holds an insured number" in text_of(refused)
    assert not Message.objects.exists()
    # Its own address, as the page shows it.
    shown = {"address": f"{COVER}@x.cz", "form_key": uuid4()}
    for _click in range(2):
        again = soldier.client.post(f"/podpora/zpravy/{quoting.pk}/znovu/", shown, follow=True)
        assert "on its way once more" in text_of(again)
    assert Message.objects.get().recipient == f"{digits}@x.cz"


def test_an_outsider_sends_no_answer(jana: Agent, ticket: Ticket, agent: Callable[..., Agent]) -> None:
    of_line = make_ticket(desk="LINE")
    soldier = agent(Role.SUPPORT_L1, "CZ031")
    answer_out = letter_at(of_line, direction="OUT", kind="ANSWER", refused_at=NOW)
    for typed in ({"ticket": of_line.pk}, {"ticket": "x"}, {"ticket": 10**30}, {}):
        assert soldier.client.post(ANSWER, {"text": "x", "then": "stays", **typed}).status_code == 404
    for act in ("znovu", "vyrizeno"):
        assert soldier.client.post(f"/podpora/zpravy/{answer_out.pk}/{act}/", {"address": "a@x.cz"}).status_code == 404
    assert log_in(browser(), jana.user).get(ANSWER).status_code == 302
    assert "prihlaseni" in Client().post(ANSWER, {"ticket": ticket.pk})["Location"]
    strict = log_in(Client(enforce_csrf_checks=True), jana.user)
    assert send(strict, ticket).status_code == 403
    assert not Message.objects.exists()
