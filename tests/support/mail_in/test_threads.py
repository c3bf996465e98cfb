"""A letter comes to the ticket that it answers, and to no other."""

from datetime import timedelta
from email.message import EmailMessage

import pytest

from support.letters.reading import read
from support.mail_in.threads import How, ticket_for
from support.mail_out import tokens
from support.models import Desk, Letter, Ticket
from support.tickets import claims, merging, states
from tests.factories import NOW, make_agent
from tests.support.mail_in.letters import JANA, LINE, SITES, come, later, letter

pytestmark = pytest.mark.django_db
PETR = "petr@doma.example"


def _opened(desk: Desk = Desk.SITES, **fields: str) -> Ticket:
    came = come(letter(message_id="<first@nemocnice.example>", **fields), desk=desk)
    assert came.ticket is not None
    return came.ticket


def _receipt(ticket: Ticket) -> Letter:
    return ticket.letters.get(direction="OUT")


@pytest.mark.parametrize("header", ["To", "Cc", "Delivered-To"])
@pytest.mark.parametrize("change", [str, str.upper, str.swapcase])
def test_a_token_in_any_address_leads_to_the_ticket(header: str, change: type[str]) -> None:
    ticket = _opened()
    address = change(tokens.reply_address(ticket))
    raw = letter(to=address if header == "To" else SITES, subject="Něco jiného")
    if header != "To":
        raw = f"{header}: <{address}>\n".encode() + raw
    assert come(raw).ticket == ticket


def test_a_token_on_the_envelope_alone_leads_there_too() -> None:
    ticket = _opened()
    assert come(letter(to="undisclosed-recipients:;"), to=tokens.reply_address(ticket)).ticket == ticket


def test_a_token_that_nobody_of_us_signed_leads_nowhere() -> None:
    ticket = _opened()
    local, _, domain = tokens.reply_address(ticket).partition("@")
    forged = f"{local[:-1]}{'0' if local[-1] != '0' else '1'}@{domain}"
    assert come(letter(to=forged), to=forged).ticket != ticket


@pytest.mark.parametrize("header", ["In_Reply_To", "References"])
def test_the_id_of_a_letter_of_ours_leads_to_its_ticket(header: str) -> None:
    ticket = _opened()
    came = come(letter(subject="Jiný předmět", **{header: f"<a@b> {_receipt(ticket).message_id.upper()}"}))
    assert came.ticket == ticket


def test_the_id_of_a_letter_that_somebody_else_wrote_into_the_ticket_leads_there_too() -> None:
    ticket = _opened()
    assert come(letter(sender=PETR, References="<first@nemocnice.example>"), sender=PETR).ticket == ticket


def test_a_number_in_the_subject_joins_nothing() -> None:
    ticket = _opened()
    came = come(letter(sender=PETR, subject=f"Re: Netiskne tiskárna [{ticket.number}]"), sender=PETR)
    assert came.ticket != ticket
    assert "THREAD_HINT" not in came.notices


def test_what_looks_like_an_open_ticket_of_the_sender_is_only_hinted_at() -> None:
    ticket = _opened()
    for subject in (f"dotaz k {ticket.number.lower()}", "RE: Re: netiskne  tiskárna"):
        came = come(letter(subject=subject))
        assert came.ticket != ticket
        assert "THREAD_HINT" in came.notices
        assert came.ticket is not None
        assert came.ticket.notes.get().kind == "MAIL"
    assert ticket.number in (Ticket.objects.filter(pk=ticket.pk + 1).get().notes.get().text)


def test_the_headers_of_an_attached_letter_do_not_count() -> None:
    ticket = _opened()
    inner, outer = EmailMessage(), EmailMessage()
    inner["In-Reply-To"], inner["To"] = _receipt(ticket).message_id, tokens.reply_address(ticket)
    inner.set_content("dovnitř")
    outer["From"], outer["To"], outer["Subject"] = PETR, SITES, "Přeposílám"
    outer.set_content("V příloze.")
    outer.add_attachment(inner)
    came = come(outer.as_bytes(), sender=PETR)
    assert came.ticket != ticket
    assert came.attachments.count() == 1


def test_whoever_copies_a_known_message_id_draws_no_answers_to_their_ticket() -> None:
    ticket = _opened()
    thief = come(letter(sender=PETR, subject="Cizí", message_id=_receipt(ticket).message_id), sender=PETR)
    other = come(letter(sender=PETR, subject="Jiné", message_id="<first@nemocnice.example>"), sender=PETR)
    for name in (_receipt(ticket).message_id, "<first@nemocnice.example>"):
        assert ticket_for(read(letter(In_Reply_To=name)), Desk.SITES, "", received_at=NOW).ticket == ticket
    assert ticket not in (thief.ticket, other.ticket)


def test_another_address_joins_and_the_requester_stays() -> None:
    ticket = _opened()
    come(letter(sender=f"Petr Malý <{PETR}>", to=tokens.reply_address(ticket)), sender=PETR)
    come(letter(sender=f"Petr Malý <{PETR.upper()}>", to=tokens.reply_address(ticket)), sender=PETR)
    ticket.refresh_from_db()
    assert ticket.requester_address == JANA
    assert [(one.address, one.name) for one in ticket.participants.all()] == [(PETR, "Petr Malý")]


def test_at_both_desks_an_answer_to_all_comes_to_the_ticket_of_each() -> None:
    raw = letter(to=f"{SITES}, {LINE}", message_id="<both@nemocnice.example>")
    tickets = {desk: come(raw, desk=desk).ticket for desk in Desk}
    sites = tickets[Desk.SITES]
    assert sites is not None
    to_all = letter(
        to=f"{tokens.reply_address(sites)}, {LINE}",
        In_Reply_To=_receipt(sites).message_id,
        References=f"<both@nemocnice.example> {_receipt(sites).message_id}",
    )
    assert {desk: come(to_all, desk=desk).ticket for desk in Desk} == tickets


def test_the_token_of_the_other_desk_says_nothing_here() -> None:
    ticket = _opened()
    came = come(letter(to=f"{tokens.reply_address(ticket)}, {LINE}"), desk=Desk.LINE, to=LINE)
    assert came.ticket != ticket
    assert came.ticket is not None
    assert came.ticket.desk == "LINE"


def test_a_ticket_that_went_to_the_other_desk_is_still_found_by_its_old_address() -> None:
    ticket = _opened()
    address = tokens.reply_address(ticket)
    Ticket.objects.filter(pk=ticket.pk).update(desk=Desk.LINE, level=2)
    assert come(letter(to=address)).ticket == ticket


def test_a_merged_ticket_leads_to_the_one_of_which_it_is_a_part() -> None:
    first, second, agent = _opened(), _opened(sender=PETR), make_agent()
    for one in (first, second):
        claims.claim(ticket=one, by=agent, now=NOW)
    merging.merge(ticket=second, into=first, by=agent, now=NOW)
    assert come(letter(to=tokens.reply_address(second)), now=later(hours=1)).ticket == first


def _closed(ticket: Ticket) -> Ticket:
    agent = make_agent()
    claims.claim(ticket=ticket, by=agent, now=NOW)
    return states.close(ticket=ticket, by=agent, now=NOW)


def test_an_answer_reopens_a_closed_ticket() -> None:
    ticket = _closed(_opened())
    assert come(letter(to=tokens.reply_address(ticket)), now=later(days=29)).ticket == ticket
    ticket.refresh_from_db()
    assert ticket.state == "REOPENED"


def test_an_answer_to_a_ticket_closed_long_ago_opens_a_new_one_with_a_hint() -> None:
    ticket = _closed(_opened())
    came = come(letter(to=tokens.reply_address(ticket)), now=later(days=31))
    ticket.refresh_from_db()
    assert ticket.state == "CLOSED"
    assert came.ticket is not None
    assert came.ticket != ticket
    assert "THREAD_HINT" in came.notices
    assert ticket.number in came.ticket.notes.get().text


def test_of_five_hundred_references_the_nearest_count() -> None:
    ticket = _opened()
    names = " ".join(f"<{number}@x.example>" for number in range(500))
    raw = letter(References=f"{names} {_receipt(ticket).message_id}")
    found = ticket_for(read(raw), Desk.SITES, SITES, received_at=NOW)
    assert (found.ticket, found.how) == (ticket, How.MESSAGE_ID)


def test_the_time_of_a_letter_is_that_of_its_receipt() -> None:
    came = come(letter(Date="Fri, 01 Jan 2096 00:00:00 +0000"), now=later(hours=2))
    assert came.ticket is not None
    assert came.ticket.opened_at == came.received_at == NOW + timedelta(hours=2)


def test_the_copy_that_a_list_sends_beside_the_direct_one_is_at_the_same_ticket() -> None:
    ticket = _opened()
    twin = {"message_id": "<first@nemocnice.example>", "List_Id": "<lekari.example>"}
    by_list = letter("Netiskne.\n-- \nLékaři", subject="[lekari] Netiskne tiskárna", **twin)
    assert come(by_list, now=later(minutes=5)).ticket == ticket
    # A program that uses one Message-ID for all its letters.
    assert come(letter("Druhá.", subject="Jiná věc", **twin), now=later(minutes=6)).ticket != ticket
    assert come(letter("Zítra.", **twin), now=later(days=1)).ticket != ticket
    assert come(letter("Ode mne.", sender=PETR, **twin), sender=PETR, now=later(minutes=7)).ticket != ticket
