"""Letters of ours that did not arrive."""

import threading
import time
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from crs.messaging import delivery, outbox, preparation
from crs.messaging.models import Message
from crs.sent_forms import NO_FORM, Sending
from logistics.models import Role
from support.errors import ClaimedBySomebody, LetterErased, NotAnAddress, NotUndelivered
from support.letters.delivery_reports import DeliveryReport, ReportedRecipient, ReportKind
from support.letters.parts import ReadFile
from support.mail_out import refusals, sending
from support.models import Letter, Note, Ticket
from support.tickets import claims, files
from tests import cast
from tests.factories import NOW, make_agent, make_ticket
from tests.race import race, tally
from tests.support.mail_out.conftest import JANA, FarMailServer

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def _answered(address: str = JANA, **more: Any) -> Letter:
    ticket = make_ticket(requester_address=address)
    arguments: dict[str, Any] = {"text": "Hotovo.", "now": NOW, "form": NO_FORM, "waits": True} | more
    return sending.answer(ticket=ticket, by=make_agent(), **arguments)


def _report(
    letter: Letter, kind: ReportKind = ReportKind.FAILED, reason: str = "550 <jana@x.example> unknown"
) -> DeliveryReport:
    return DeliveryReport(kind, (ReportedRecipient(JANA, kind, "5.1.1", reason),), letter.message_id.upper())


def _author(letter: Letter) -> User:
    assert letter.author is not None
    return letter.author


def _deliver() -> None:
    preparation.drain()
    delivery.drain(Message.Channel.EMAIL)


def _undelivered() -> list[Letter]:
    return list(refusals.undelivered())


def test_a_bounce_that_came_to_the_letters_own_address_is_noted() -> None:
    letter = _answered()
    assert refusals.record_bounce(letter_id=letter.pk, report=_report(letter), now=LATER) == letter
    letter.refresh_from_db()
    assert (letter.refused_at, letter.refusal) == (LATER, "5.1.1 550 <…> unknown")
    assert _undelivered() == [letter]
    refusals.record_bounce(letter_id=letter.pk, report=None, now=LATER + timedelta(hours=1))
    letter.refresh_from_db()
    assert letter.refused_at == LATER, "the first report says it"


def test_a_bounce_that_names_the_message_id_is_noted_whatever_its_case() -> None:
    letter = _answered()
    assert refusals.record_bounce(letter_id=None, report=_report(letter), now=LATER) == letter
    assert _undelivered() == [letter]


@pytest.mark.parametrize("kind", [ReportKind.DELAYED, ReportKind.READ, ReportKind.DELIVERED])
def test_a_report_that_a_letter_is_late_or_was_read_changes_nothing(kind: ReportKind) -> None:
    letter = _answered()
    assert refusals.record_bounce(letter_id=letter.pk, report=_report(letter, kind), now=LATER) == letter
    assert _undelivered() == []


def test_a_report_about_no_letter_of_ours_is_nothing() -> None:
    stranger = DeliveryReport(ReportKind.FAILED, (), "<x@y>")
    assert refusals.record_bounce(letter_id=None, report=stranger, now=NOW) is None
    assert refusals.record_bounce(letter_id=None, report=None, now=NOW) is None
    assert refusals.record_bounce(letter_id=999_999, report=None, now=NOW) is None


def test_a_letter_that_no_server_took_is_on_the_list_until_it_is_sent(mail_server: FarMailServer) -> None:
    letter = _answered("nobody@nemocnice.example")
    _deliver()
    assert _undelivered() == [letter]
    message_id = letter.outbox_message_id
    assert message_id is not None
    outbox.retry(message_id=message_id)
    assert _undelivered() == []
    _deliver()
    assert _undelivered() == [letter]


def test_it_is_sent_again_to_the_right_address_with_its_files(mail_server: FarMailServer) -> None:
    letter = _answered("nobody@nemocnice.example", files=[ReadFile("a.pdf", "", b"%PDF", "", False, "")])
    _deliver()
    agent, form = _author(letter), Sending(uuid4(), "as typed")
    for _ in range(2):
        again = refusals.send_again(letter=letter, address=f" {JANA}\u200b", by=agent, now=LATER, form=form)
    _deliver()
    [arrived] = mail_server.letters
    assert arrived["To"] == JANA
    assert [part.get_filename() for part in arrived.iter_attachments()] == ["a.pdf"]
    assert _undelivered() == []
    assert (again.kind, again.text, again.to_address) == (Letter.Kind.ANSWER, "Hotovo.", JANA)
    assert Ticket.objects.get().requester_address == JANA
    assert [files.content_of(one) for one in again.attachments.all()] == [b"%PDF"]
    letter.refresh_from_db()
    assert letter.attachments.count() == 1
    assert letter.outbox_message is not None
    assert letter.outbox_message.state == Message.State.CANCELLED


def test_a_bounced_receipt_is_sent_again_as_a_receipt(mail_server: FarMailServer) -> None:
    ticket = make_ticket(requester_address=JANA)
    receipt = sending.send_receipt(ticket=ticket, now=NOW)
    assert receipt is not None
    _deliver()
    refusals.record_bounce(letter_id=receipt.pk, report=None, now=LATER)
    assert _undelivered() == [], "or letters with a forged sender would fill the list"
    refusals.send_again(letter=receipt, address=JANA, by=make_agent(), now=LATER, form=NO_FORM)
    _deliver()
    assert [letter["Auto-Submitted"] for letter in mail_server.letters] == ["auto-replied"] * 2


@pytest.mark.parametrize(
    "address", ["", "jana", "podpora@ockovani.example", "a@b.example, c@d.example", "žofie@b.example"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    letter = _answered()
    with pytest.raises(NotAnAddress):
        refusals.send_again(letter=letter, address=address, by=_author(letter), now=NOW, form=NO_FORM)


def test_whoever_has_not_the_ticket_does_not_send_again_and_what_is_erased_is_gone() -> None:
    letter = _answered()
    refusals.record_bounce(letter_id=letter.pk, report=None, now=NOW)
    claims.claim(ticket=Ticket.objects.get(), by=(agent := make_agent(Role.SUPPORT_L3)), now=LATER)
    with pytest.raises(ClaimedBySomebody):
        refusals.send_again(letter=letter, address=JANA, by=_author(letter), now=LATER, form=NO_FORM)
    Letter.objects.update(text=None)
    with pytest.raises(LetterErased):
        refusals.send_again(letter=letter, address=JANA, by=agent, now=LATER, form=NO_FORM)


def test_only_what_did_not_arrive_is_sent_again_and_only_once() -> None:
    letter = _answered()
    send = partial(refusals.send_again, letter=letter, address=JANA, by=_author(letter), now=LATER, form=NO_FORM)
    with pytest.raises(NotUndelivered):
        send()
    refusals.record_bounce(letter_id=letter.pk, report=None, now=LATER)
    send()
    with pytest.raises(NotUndelivered):
        send()
    assert Letter.objects.filter(kind=Letter.Kind.ANSWER).count() == 2


def test_what_another_tab_has_settled_is_not_sent_again() -> None:
    letter = _answered()
    refusals.record_bounce(letter_id=letter.pk, report=None, now=LATER)
    refusals.settle(letter=letter, by=_author(letter), now=LATER)
    with pytest.raises(NotUndelivered):
        refusals.send_again(letter=letter, address="x@y.example", by=_author(letter), now=LATER, form=NO_FORM)
    assert Ticket.objects.get().requester_address == JANA


@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_at_once_one_sends_it_again_or_settles_it() -> None:
    letter = _answered()
    refusals.record_bounce(letter_id=letter.pk, report=None, now=LATER)
    by = _author(letter)
    again = partial(refusals.send_again, letter=letter, address=JANA, by=by, now=LATER, form=NO_FORM)
    outcomes = race(again, again, partial(refusals.settle, letter=letter, by=by, now=LATER))
    assert tally(outcomes) in ({"Letter": 1, "NotUndelivered": 1, "NoneType": 1}, {"NotUndelivered": 2, "NoneType": 1})
    assert not Note.objects.exists() or Letter.objects.filter(kind=Letter.Kind.ANSWER).count() == 1


def test_an_address_is_kept_in_small_letters_as_those_of_letters_that_come() -> None:
    letter = _answered()
    refusals.record_bounce(letter_id=letter.pk, report=None, now=LATER)
    refusals.send_again(
        letter=letter, address="Jana.Nova@Nemocnice.Example", by=_author(letter), now=LATER, form=NO_FORM
    )
    assert Ticket.objects.get().requester_address == "jana.nova@nemocnice.example"


def test_an_insured_number_that_the_server_repeats_is_covered() -> None:
    letter = _answered()
    report = _report(letter, reason=f"550 subject {cast.JANA.insured_number} looks odd")
    refusals.record_bounce(letter_id=letter.pk, report=report, now=LATER)
    letter.refresh_from_db()
    assert letter.refusal == "5.1.1 550 subject ••••••/•••• looks odd"


def test_the_desk_settles_it_in_another_way() -> None:
    letter = _answered()
    refusals.record_bounce(letter_id=letter.pk, report=None, now=LATER)
    for _ in range(2):
        refusals.settle(letter=letter, by=_author(letter), now=LATER)
    assert _undelivered() == []
    [note] = Note.objects.filter(kind=Note.Kind.MAIL)
    assert JANA in str(note.text)


def test_a_letter_of_an_erased_ticket_is_settled_without_a_note() -> None:
    letter = _answered()
    Letter.objects.filter(pk=letter.pk).update(refused_at=NOW)
    Ticket.objects.update(state="CLOSED", closed_at=NOW, erased_at=NOW)
    refusals.settle(letter=letter, by=_author(letter), now=LATER)
    assert _undelivered() == []
    assert not Note.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_who_settles_and_one_who_sends_it_again_are_no_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    letter, add_note, is_settling = _answered(), refusals.add_note, threading.Event()
    Letter.objects.filter(pk=letter.pk).update(refused_at=NOW)

    def slowly(**note: Any) -> Note:
        is_settling.set()
        time.sleep(0.3)
        return add_note(**note)

    def again() -> Letter:
        is_settling.wait(timeout=10)
        return refusals.send_again(letter=letter, address=JANA, by=_author(letter), now=NOW, form=NO_FORM)

    monkeypatch.setattr(refusals, "add_note", slowly)
    outcomes = race(partial(refusals.settle, letter=letter, by=_author(letter), now=NOW), again)
    assert tally(outcomes) == {"NoneType": 1, "NotUndelivered": 1}
