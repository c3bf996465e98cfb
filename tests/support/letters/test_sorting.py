"""Which letters are a machine's, and whom a machine of ours may answer."""

import pytest

from support.letters.reading import read
from support.letters.sorting import Sort, calls_itself_automatic, kind_of, may_be_answered

OWN = ("podpora@crs.example", "1221@crs.example")
MACHINES = {
    "RFC 3834": "Auto-Submitted: auto-replied (vacation)",
    "Gmail": "Precedence: bulk\nX-Autoreply: yes",
    "precedence": "Precedence: auto_reply",
    "null sender": "Return-Path: <>",
    "other autoresponders": "X-Autorespond: Mimo",
    "one that says it in the class": "X-POST-MessageClass: 9; Autoresponder",
}
SUBJECTS_OF_MACHINES = [
    "Automatická odpověď: [CRS-000001] x",
    "automaticka odpoved: x [crs-000001]",
    "Automatic reply: [CRS-000001] x",
    "Autom. odpověď: Re: [CRS-000001]",
    "[EXT] Out of Office: Re: Dávky [CRS-000001]",
    "OOO",
    "Auto-odpověď.",
    "Nepřítomnost",
    "Mimo kancelář: [CRS-000001] Dávky",
    "Dovolená Re: Dávky [CRS-000001]",
    "AutoReply",
    "Oznámení o nepřítomnosti",
    "Potvrzení o přijetí zprávy",
    "Vaše zpráva byla přijata",
]
# A person may have written them, or a machine: the desk sees them, and no receipt goes out.
SUBJECTS_IN_DOUBT = [
    "Automatické oznámení o výpadku nechodí", "Auto-odpověď pacientům chodí dvakrát", "Your message was received twice",
    "Vaše žádost byla přijata, ale PIN nepřišel", "Potvrzení o přijetí: šarže", "Dovolená: kdo otevře stanici?",
    "Automatická odpověď: x", "Automatická odpověď na CRS-000001 nechodí",
]  # fmt: skip
SUBJECTS_OF_PEOPLE = [
    "Dávky", "Re: Automatická odpověď: Dávky", "Nepřítomnost sestry v pátek", "Dovolená a termín očkování", "Autobus",
    "Auto: porucha chladicího vozu", "Nedoručené vakcíny",
    "Out of office hours",
    "Odp: Mimo kancelář", "Nelze doručit dávky na místo", "Automat na čísla nefunguje", "",
]  # fmt: skip


def letter(
    headers: str = "", *, subject: str = "Dávky", sender: str = "Jana <jana@example.cz>", text: str = "Ano."
) -> bytes:
    head = f"From: {sender}\nTo: podpora@crs.example\nSubject: {subject}\nMessage-ID: <1@example.cz>\n{headers}"
    return f"{head.rstrip()}\n\nAno.\n".encode()


def sort(raw: bytes, *, envelope_sender: str = "jana@example.cz") -> tuple[Sort, bool]:
    """The kind, and whether it may be answered."""
    found = read(raw)
    kind = kind_of(found, envelope_sender=envelope_sender, own_addresses=OWN)
    return kind, may_be_answered(found, kind, envelope_sender=envelope_sender, own_addresses=OWN)


@pytest.mark.parametrize("name", MACHINES)
def test_an_answering_machine_is_known_by_its_headers(name: str) -> None:
    assert sort(letter(MACHINES[name])) == (Sort.AUTO_REPLY, False)


@pytest.mark.parametrize("subject", SUBJECTS_OF_MACHINES)
def test_an_answering_machine_without_headers_is_known_by_its_subject(subject: str) -> None:
    assert sort(letter(subject=subject)) == (Sort.AUTO_REPLY, False)


def test_a_machines_words_before_a_subject_are_its_own_where_the_letter_answers_one() -> None:
    assert sort(letter("In-Reply-To: <a@crs.example>", subject="Out of Office: Dávky")) == (Sort.AUTO_REPLY, False)
    assert sort(letter("In-Reply-To: <a@crs.example>", subject="Out of Office a dávky")) == (Sort.HUMAN, False)


@pytest.mark.parametrize("subject", SUBJECTS_IN_DOUBT)
def test_in_doubt_a_subject_holds_back_the_receipt_and_nothing_else(subject: str) -> None:
    assert sort(letter(subject=subject)) == (Sort.HUMAN, False)
    assert calls_itself_automatic(read(letter(subject=subject)))


@pytest.mark.parametrize("subject", SUBJECTS_OF_PEOPLE)
def test_people_who_write_of_such_things_are_people(subject: str) -> None:
    assert sort(letter(subject=subject)) == (Sort.HUMAN, True)


@pytest.mark.parametrize(
    "headers", ["Auto-Submitted: auto-generated", "Auto-Submitted: auto-replied\nX-Mailer: Microsoft Outlook 16.0"]
)
def test_a_letter_of_a_person_that_calls_itself_automatic_is_seen_and_not_answered(headers: str) -> None:
    assert sort(letter(headers)) == (Sort.HUMAN, False)
    assert calls_itself_automatic(read(letter(headers)))


def test_auto_submitted_no_is_a_persons() -> None:
    assert sort(letter("Auto-Submitted: no")) == (Sort.HUMAN, True)


def test_who_asks_for_no_automatic_answers_gets_none() -> None:
    assert sort(letter("X-Auto-Response-Suppress: DR, OOF, AutoReply")) == (Sort.HUMAN, False)
    assert sort(letter("X-Auto-Response-Suppress: RN")) == (Sort.HUMAN, True)


@pytest.mark.parametrize(
    "headers", ["List-Id: <x.example.cz>", "Precedence: list", "List-Unsubscribe: <mailto:x@y.cz>"]
)
def test_mail_of_a_list_is_not_answered(headers: str) -> None:
    assert sort(letter(headers)) == (Sort.LIST, False)


@pytest.mark.parametrize(
    "sender",
    ["podpora@crs.example", "Podpora <PODPORA@crs.example>", "1221+abc@crs.example", "a@b.cz, 1221@crs.example"],
)
def test_our_own_letter_that_comes_back_is_known(sender: str) -> None:
    assert sort(letter(sender=sender)) == (Sort.OWN, False)


def test_a_letter_that_wants_its_answer_sent_to_us_is_not_answered() -> None:
    assert sort(letter("Reply-To: podpora+x@crs.example")) == (Sort.HUMAN, False)


@pytest.mark.parametrize(
    "who", ["noreply", "no-reply", "do_not_reply", "neodpovidejte", "owner-x", "x-request", "root"]
)
def test_nobody_is_written_to_who_reads_nothing(who: str) -> None:
    assert sort(letter(sender=f"{who}@example.cz")) == (Sort.HUMAN, False)
    assert sort(letter(f"Reply-To: {who}@example.cz")) == (Sort.HUMAN, False)


@pytest.mark.parametrize(
    ("headers", "subject", "sender"),
    [
        ("", "Dávky", "Mail Delivery System <MAILER-DAEMON@example.cz>"),
        ("X-Failed-Recipients: jana@example.cz", "Dávky", "x@example.cz"),
        ("", "Undeliverable: Dávky", "postmaster@example.cz"),
        ("Return-Path: <>", "Nedoručitelné: Dávky", "posta@example.cz"),
    ],
)
def test_a_bounce_is_known(headers: str, subject: str, sender: str) -> None:
    assert sort(letter(headers, subject=subject, sender=sender)) == (Sort.BOUNCE, False)


def test_the_null_sender_on_the_envelope_is_a_machines() -> None:
    assert sort(letter(), envelope_sender="<>") == (Sort.AUTO_REPLY, False)
    assert sort(letter(), envelope_sender="") == (Sort.HUMAN, True)


def test_a_letter_without_a_sender_is_seen_and_cannot_be_answered() -> None:
    assert sort(b"Subject: x\n\nText\n") == (Sort.HUMAN, False)
