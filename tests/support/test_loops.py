"""Machines that answer machines, over real SMTP: it ends, and every letter is kept."""

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from itertools import count

import pytest
import time_machine
from pytest_django.fixtures import Settings

from crs.sent_forms import NO_FORM
from support.mail_out import sending
from support.models import Letter, Ticket
from tests.factories import NOW, make_agent
from tests.support.post_office import PostOffice, letter_of, open_post_office

pytestmark = pytest.mark.django_db(transaction=True)

SITES_DESK, LINE_DESK = "podpora@ockovani.example", "linka@ockovani.example"
POLITE, RUDE = "dovolena@nemocnice.example", "helpdesk@dodavatel.example"
CAP = 3

_numbers = count(1)


@pytest.fixture
def office(settings: Settings, clock: time_machine.Traveller) -> Iterator[PostOffice]:
    """The post office; both desks write by it."""
    settings.SUPPORT_ADDRESSES = {"SITES": SITES_DESK, "LINE": LINE_DESK}
    settings.EMAIL_GATEWAY = "crs.messaging.gateways.smtp.SmtpGateway"
    settings.EMAIL_PER_SECOND = 10_000
    settings.RECEIPTS_PER_ADDRESS_AND_HOUR = CAP
    with open_post_office() as office:
        settings.EMAIL_URL = f"smtp://127.0.0.1:{office.port}"
        office.robots = {
            POLITE: lambda letter, sender: _answer_politely(office, letter, sender),
            RUDE: lambda letter, _sender: _acknowledge(office, letter),
        }
        yield office


def _answer_politely(office: PostOffice, letter: EmailMessage, sender: str) -> None:
    """As RFC 3834 wants it: no answer to what a machine wrote or to the null sender, and to the envelope's sender."""
    if letter["Auto-Submitted"] not in (None, "no") or not sender:
        return
    reply = letter_of(
        POLITE, f"Automatická odpověď: {letter['Subject']}", "Jsem na dovolené.", Auto_Submitted="auto-replied"
    )
    reply["In-Reply-To"] = reply["References"] = letter["Message-ID"]
    office.send(reply, "", sender)


def _acknowledge(office: PostOffice, letter: EmailMessage, sender: str = RUDE, about: str = "Váš podnět") -> None:
    """Another help desk that obeys nothing: a person's letter by its headers, a new thread and number each time."""
    number = next(_numbers)
    sender = sender.format(number)
    reply = letter_of(
        f"Helpdesk <{sender}>",
        f"[SD-{number:06d}] Přijali jsme: {about}",
        f"Váš podnět má číslo SD-{number:06d}.",
        Message_ID=f"<{number}.{RUDE}>",
        To=letter["From"],
    )
    office.send(reply, sender, str(letter["From"].addresses[0].addr_spec))


def _out(address: str) -> int:
    return Letter.objects.filter(direction=Letter.Direction.OUT, to_address=address).count()


def _in() -> int:
    return Letter.objects.filter(direction=Letter.Direction.IN).exclude(state=Letter.State.RECEIVED).count()


def test_a_vacation_responder_that_obeys_gets_one_receipt_and_says_nothing(office: PostOffice) -> None:
    office.send(letter_of(POLITE, "Nejde tisk", "Prosím o radu."), POLITE, SITES_DESK)
    office.settle()
    assert (_out(POLITE), _in(), Ticket.objects.count()) == (1, 1, 1)


def test_its_reply_to_a_persons_answer_is_kept_and_gets_nothing(office: PostOffice) -> None:
    office.send(letter_of(POLITE, "Nejde tisk", "Prosím o radu."), POLITE, SITES_DESK)
    office.settle()
    ticket = Ticket.objects.get()
    sending.answer(ticket=ticket, text="Zkuste to znovu.", by=make_agent(), now=NOW, form=NO_FORM, waits=True)
    office.settle()
    assert (_out(POLITE), _in(), Ticket.objects.count()) == (2, 2, 1)
    ticket.refresh_from_db()
    assert ticket.state == Ticket.State.WAITING, "a machine's answer does not wake it"


def test_a_help_desk_that_acknowledges_everything_is_answered_so_many_times_and_all_is_kept(
    office: PostOffice, clock: time_machine.Traveller
) -> None:
    office.send(letter_of(RUDE, "Dotaz", "Prosím o radu."), RUDE, SITES_DESK)
    office.settle()
    assert _out(RUDE) == CAP
    assert _in() == office.to_desks == CAP + 1
    clock.move_to(NOW + timedelta(hours=3))
    office.settle()
    assert _out(RUDE) == CAP, "an hour later nothing begins again"
    ticket = Ticket.objects.earliest("pk")
    sending.answer(
        ticket=ticket, text="Už to jde.", by=make_agent(), now=NOW + timedelta(hours=3), form=NO_FORM, waits=True
    )
    office.settle()
    assert _out(RUDE) == CAP + 1 + CAP, "a person's answer, and the receipts of one more hour"
    assert _in() == office.to_desks == 2 * CAP + 2


def _receipts() -> int:
    return Letter.objects.filter(kind=Letter.Kind.RECEIPT).count()


def test_a_help_desk_that_repeats_our_subject_gets_one_receipt(office: PostOffice) -> None:
    office.robots[RUDE] = lambda letter, _sender: _acknowledge(office, letter, about=letter["Subject"])
    office.send(letter_of(RUDE, "Dotaz", "Prosím o radu."), RUDE, SITES_DESK)
    office.settle()
    assert (_receipts(), _in()) == (1, 2)


@pytest.mark.parametrize("address", ["case-{}@dodavatel.example", "case+{}@dodavatel.example"])
def test_a_help_desk_with_an_address_for_each_case_comes_to_an_end(
    office: PostOffice, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "RECEIPTS_PER_DOMAIN_AND_HOUR", CAP + 1)
    start = next(_numbers)
    for number in range(start, start + 20):
        office.robots[address.format(number)] = lambda letter, _sender: _acknowledge(office, letter, address)
    first = address.format(start)
    office.send(letter_of(first, "Dotaz", "Prosím o radu."), first, SITES_DESK)
    office.settle()
    assert _receipts() == (CAP if "+" in address else CAP + 1)
    assert _in() == office.to_desks == _receipts() + 1


def test_our_desks_never_answer_each_other(office: PostOffice) -> None:
    for sender, recipient in ((SITES_DESK, LINE_DESK), (LINE_DESK, SITES_DESK)):
        office.send(letter_of(f"Podpora <{sender}>", "Dotaz", "Čí je to?"), sender, recipient)
    everybody = letter_of("jana@nemocnice.example", "Pro obě", "Komu to patří?", To=SITES_DESK, Cc=LINE_DESK)
    office.send(everybody, "jana@nemocnice.example", SITES_DESK, LINE_DESK)
    office.settle()
    # Somebody who reads at both desks sends every letter of one on to the other.
    for letter in office.mailboxes["jana@nemocnice.example"]:
        for desk in (SITES_DESK, LINE_DESK):
            office.send(letter, "jana@nemocnice.example", desk)
    office.settle()
    assert _out("jana@nemocnice.example") == 2, "one receipt of each desk"
    assert _out(SITES_DESK) == _out(LINE_DESK) == 0
    assert _in() == office.to_desks
