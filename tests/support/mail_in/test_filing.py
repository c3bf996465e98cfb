"""What becomes of letters of people, machines, lists, agents and desks."""

import json
from email.message import EmailMessage
from itertools import count

import pytest
from django.conf import settings

from crs.messaging.models import Message
from logistics.models import Role
from support.mail_in.contents import LONGEST_TEXT
from support.mail_out import tokens
from support.models import Desk, Letter, Note, StoredFile, Ticket
from support.tickets import claims, states, words
from tests.factories import NOW, make_agent, make_site
from tests.support.mail_in.letters import JANA, LINE, SITES, come, later, letter

pytestmark = pytest.mark.django_db


def _opened(**fields: str) -> Ticket:
    ticket = come(letter(**fields)).ticket
    assert ticket is not None
    return ticket


def _resolved() -> Ticket:
    ticket, agent = _opened(), make_agent()
    claims.claim(ticket=ticket, by=agent, now=NOW)
    return states.resolve(ticket=ticket, by=agent, now=NOW)


def _sent(ticket: Ticket) -> list[str]:
    return list(ticket.letters.filter(direction="OUT").values_list("kind", flat=True))


# --- machines ---------------------------------------------------------------------------------------

AUTOMATIC = {
    "by RFC 3834": {"Auto_Submitted": "auto-replied"},
    "by its subject": {"subject": "Automatická odpověď: [CRS-000001] Netiskne tiskárna"},
    "by the header of Exchange": {"X_Autoreply": "yes"},
}


@pytest.mark.parametrize("headers", AUTOMATIC.values(), ids=AUTOMATIC)
def test_an_automatic_reply_is_kept_at_the_ticket_and_wakes_nobody(headers: dict[str, str]) -> None:
    ticket = _resolved()
    came = come(letter(to=tokens.reply_address(ticket), **headers), now=later(hours=1))
    ticket.refresh_from_db()
    assert (came.ticket, came.kind, ticket.state) == (ticket, "AUTO_REPLY", "RESOLVED")
    assert _sent(ticket) == ["RECEIPT"]


@pytest.mark.parametrize("headers", AUTOMATIC.values(), ids=AUTOMATIC)
def test_an_automatic_letter_without_a_thread_has_a_ticket_and_no_receipt(headers: dict[str, str]) -> None:
    assert _sent(_opened(**headers)) == []


def test_what_a_person_wrote_is_seen_though_it_calls_itself_automatic() -> None:
    came = come(letter(Auto_Submitted="auto-generated", User_Agent="Thunderbird"))
    assert (came.kind, "AUTO_SUBMITTED_BY_HUMAN" in came.notices) == ("HUMAN", True)
    assert came.ticket is not None
    assert _sent(came.ticket) == []


def test_a_list_gets_a_ticket_and_no_automatic_answer() -> None:
    came = come(letter(List_Id="<lekari.example>", Precedence="list"))
    assert came.kind == "LIST"
    assert came.ticket is not None
    assert _sent(came.ticket) == []


def _bounce(of: Letter, to: str) -> bytes:
    report = (
        "From: MAILER-DAEMON@nemocnice.example\nTo: {to}\nSubject: Undelivered Mail Returned to Sender\n"
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="x"\n\n'
        "--x\nContent-Type: text/plain\n\nIt did not arrive.\n"
        "--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.nemocnice.example\n\n"
        "Final-Recipient: rfc822; {jana}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 No such user\n"
        "--x\nContent-Type: message/rfc822\n\nMessage-ID: {id}\nSubject: Re\n\nx\n--x--\n"
    )
    return report.format(to=to, jana=JANA, id=of.message_id).encode()


def test_a_bounce_marks_our_letter_and_is_never_answered() -> None:
    ticket = _resolved()
    receipt = ticket.letters.get(direction="OUT")
    for number, to in enumerate((tokens.bounce_address(receipt), SITES)):
        Letter.objects.filter(pk=receipt.pk).update(refused_at=None)
        came = come(_bounce(receipt, to), sender="<>", to=to, now=later(minutes=number))
        receipt.refresh_from_db()
        ticket.refresh_from_db()
        assert (came.ticket, came.kind, ticket.state) == (ticket, "BOUNCE", "RESOLVED")
        assert receipt.refused_at is not None
        assert "5.1.1" in receipt.refusal
    assert _sent(ticket) == ["RECEIPT"]
    assert not ticket.participants.exists()


def test_a_bounce_of_nothing_of_ours_is_a_ticket_that_the_desk_sees() -> None:
    raw = b"From: MAILER-DAEMON@x.example\nTo: podpora@crs.example\nSubject: Undelivered Mail\n\nWhich one?\n"
    came = come(raw, sender="<>")
    assert came.kind == "BOUNCE"
    assert came.ticket is not None
    assert _sent(came.ticket) == []


def test_our_own_letter_that_comes_back_is_recognised() -> None:
    ticket = _opened()
    receipt = ticket.letters.get(direction="OUT")
    came = come(letter(sender=SITES, to=LINE, message_id=receipt.message_id), sender=SITES)
    assert came.kind == "OWN"
    other = come(letter(sender=f"Podpora <{SITES}>", to=LINE, subject="Přeposláno"), desk=Desk.LINE, sender=SITES)
    assert other.kind == "OWN"
    assert other.ticket is not None
    assert (other.ticket.requester_address, _sent(other.ticket)) == ("", [])


def test_two_systems_that_acknowledge_each_other_end_and_leave_few_tickets() -> None:
    """Theirs answers each letter of ours to the desk's plain address, under a new Message-ID and number."""
    numbers = count(1)
    answered: set[int] = set()
    come(letter("Prosím o pomoc.", sender="helpdesk@kraj.example", subject="Hlášení č. 1"))
    for minute in range(60):
        for message in Message.objects.exclude(pk__in=answered):
            answered.add(message.pk)
            subject = f"Přijali jsme Vaši zprávu, číslo {next(numbers)}"
            come(
                letter(message.text or "", sender="helpdesk@kraj.example", subject=subject),
                sender="helpdesk@kraj.example",
                now=later(seconds=minute * 5),
            )
    letters = Letter.objects.filter(direction="IN")
    assert Message.objects.count() == settings.RECEIPTS_PER_ADDRESS_AND_HOUR
    assert letters.count() == 1 + settings.RECEIPTS_PER_ADDRESS_AND_HOUR
    assert not letters.filter(ticket=None).exists()


def test_a_flood_goes_on_at_one_ticket_and_other_letters_of_its_sender_do_not() -> None:
    most = settings.RECEIPTS_PER_ADDRESS_AND_HOUR
    machine = {"Auto_Submitted": "auto-replied"}
    for number in range(20):
        come(letter(f"{number}", subject=f"Přijato pod číslem {number}", **machine), now=later(seconds=number))
    assert Ticket.objects.count() == most
    last = Ticket.objects.latest("pk")
    assert last.letters.filter(direction="IN").count() == 20 - most + 1
    assert last.letters.filter(direction="IN", notices__contains=["FLOOD"]).count() == 20 - most
    assert come(letter(subject="Došla vakcína", **machine), now=later(minutes=1)).ticket != last
    other = letter(sender="x@y.example", subject="Přijato pod číslem 7", **machine)
    assert come(other, now=later(minutes=1)).ticket != last
    assert come(letter(subject="Přijato pod číslem 7"), now=later(minutes=1)).ticket != last, "a person wrote it"


@pytest.mark.parametrize("subject", ["Dotaz", "Rezervace {}", "", "{}"])
def test_letters_of_people_are_never_joined_by_their_subject(subject: str) -> None:
    """An operator of a call centre writes about one patient after the other."""
    most = settings.RECEIPTS_PER_ADDRESS_AND_HOUR + 3
    for number in range(most):
        come(letter(f"Pacient {number} čeká.", subject=subject.format(number)), now=later(minutes=number))
    assert Ticket.objects.count() == most


def test_letters_of_machines_without_a_subject_are_not_joined_either() -> None:
    most = settings.RECEIPTS_PER_ADDRESS_AND_HOUR + 2
    for number in range(most):
        come(letter(f"{number}", subject=str(number), Auto_Submitted="auto-replied"), now=later(seconds=number))
    assert Ticket.objects.count() == most


def test_whoever_names_a_ticket_of_the_last_hour_gets_no_receipt() -> None:
    """A system repeats our subjects under an address of its own for each case."""
    number = _opened().number
    for minutes, receipts in ((1, []), (59, []), (61, ["RECEIPT"])):
        sender = f"case-{minutes}@dodavatel.example"
        raw = letter(sender=sender, subject=f"[SD-{minutes}] Přijali jsme: Re: Netiskne [{number}]")
        ticket = come(raw, sender=sender, now=later(minutes=minutes)).ticket
        assert ticket is not None
        assert (ticket.number != number, _sent(ticket)) == (True, receipts)


def test_after_so_many_receipts_an_hour_letters_are_kept_and_no_more_receipts_go() -> None:
    most = settings.RECEIPTS_PER_ADDRESS_AND_HOUR
    subjects = ("Tiskárna", "Vakcína", "Sklad", "Přihlášení", "Směny", "Lednice", "Certifikát")
    for subject in subjects:
        come(letter(subject=subject))
    assert Ticket.objects.count() == len(subjects)
    assert Letter.objects.filter(kind="RECEIPT").count() == most
    come(letter(subject="Druhá hodina"), now=later(minutes=61))
    assert Letter.objects.filter(kind="RECEIPT").count() == most + 1


# --- who writes --------------------------------------------------------------------------------------


def test_a_forged_sender_gains_nothing() -> None:
    agent = make_agent(Role.SUPPORT_L3, name="Eva Malá")
    agent.email = "eva.mala@crs.example"
    agent.save()
    ticket = _opened()
    came = come(letter(sender="EVA.MALA@crs.example", to=tokens.reply_address(ticket)), sender="zlo@zlo.example")
    ticket.refresh_from_db()
    assert (came.ticket, came.author, came.kind) == (ticket, None, "HUMAN")
    assert (ticket.requester, ticket.requester_address, ticket.assignee) == (None, JANA, None)
    assert ticket.participants.get().address == "eva.mala@crs.example"
    note = ticket.notes.get()
    assert (note.kind, note.by) == (Note.Kind.MAIL, None)
    assert "Eva Malá" in note.text
    assert _sent(ticket) == ["RECEIPT"]


def test_the_automatic_reply_of_an_agent_is_a_note_and_goes_to_nobody() -> None:
    agent = make_agent(name="Eva Malá")
    agent.email = "eva.mala@crs.example"
    agent.save()
    ticket = _opened()
    come(letter(sender=agent.email, to=tokens.reply_address(ticket), Auto_Submitted="auto-replied"))
    assert "Eva Malá" in ticket.notes.get().text
    assert (_sent(ticket), ticket.participants.exists()) == (["RECEIPT"], False)


@pytest.mark.parametrize(
    ("head", "envelope", "address"),
    [
        (b"Sender: petr@x.example\n", "a@b.example", "petr@x.example"),
        (b"Reply-To: petr@x.example\n", "a@b.example", "petr@x.example"),
        (b"", "a@b.example", "a@b.example"),
        (b"", "<>", ""),
        (b"From: noreply@x.example\nReply-To: petr@x.example\n", "", "petr@x.example"),
        (b"From: petr@x.example\nReply-To: zlo@zlo.example\n", "", "petr@x.example"),
    ],
)
def test_who_wrote_a_letter_is_asked_in_one_order(head: bytes, envelope: str, address: str) -> None:
    ticket = come(head + b"To: podpora@crs.example\nSubject: x\n\nAhoj\n", sender=envelope).ticket
    assert ticket is not None
    assert ticket.requester_address == address


def test_of_several_senders_the_first_counts_and_the_others_take_part() -> None:
    came = come(letter(sender=f"{JANA}, petr@x.example"))
    assert came.ticket is not None
    assert came.ticket.requester_address == JANA
    assert [one.address for one in came.ticket.participants.all()] == ["petr@x.example"]


def test_the_site_is_that_of_the_sender() -> None:
    site = make_site()
    site.email = JANA.upper()
    site.save()
    assert _opened().site == site


# --- what it says ------------------------------------------------------------------------------------

NUMBER = "8556201236"


def test_an_insured_number_is_covered_wherever_many_see_it() -> None:
    came = come(letter(f"Pacientka {NUMBER} nemá certifikát.", subject=f"Certifikát {NUMBER}"))
    assert came.ticket is not None
    assert came.has_numbers
    assert NUMBER in came.text
    assert came.ticket.subject == "Certifikát ••••••/••••"
    assert words.find(Ticket.objects.all(), "pacientka certifikat").get() == came.ticket
    assert not words.find(Ticket.objects.all(), NUMBER).exists()
    events = came.ticket.events.select_related("pgh_context")  # type: ignore[attr-defined]
    assert NUMBER not in json.dumps([[vars(event), event.pgh_context.metadata] for event in events], default=str)


def test_an_insured_number_in_a_name_or_an_address_is_covered_too() -> None:
    came = come(letter(sender=f"Jana {NUMBER} <jana.{NUMBER}@x.example>, Petr {NUMBER} <petr@x.example>"))
    ticket = came.ticket
    assert ticket is not None
    assert came.has_numbers, "the letter as it came shows it"
    assert came.from_name == ticket.requester_name == "Jana ••••••/••••"
    assert ticket.participants.get().name == "Petr ••••••/••••"
    assert words.find(Ticket.objects.all(), "jana").get() == ticket
    assert not words.find(Ticket.objects.all(), NUMBER).exists()
    assert ticket.requester_address == f"jana.{NUMBER}@x.example", "or nobody could answer"


def test_a_letter_of_any_length_is_cut_for_the_desk_and_kept_whole() -> None:
    raw = letter("slovo " * 60_000)
    came = come(raw)
    assert len(came.text) <= LONGEST_TEXT
    assert "TRUNCATED" in came.notices
    assert bytes(came.raw.content) == raw


def test_files_are_kept_once_and_the_words_of_quoted_letters_apart() -> None:
    for text in ("První.", "Druhý.\n\nDne 10. 1. 2027 v 9:00 Podpora <podpora@crs.example> napsal(a):\n> Dobrý den\n"):
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = JANA, SITES, "S obrázkem"
        message.set_content(text)
        message.add_attachment(b"\x89PNG...", maintype="image", subtype="png", filename="logo.png")
        came = come(message.as_bytes())
    assert (StoredFile.objects.count(), came.attachments.get().name) == (1, "logo.png")
    assert came.text.strip() == "Druhý."
    assert "> Dobrý den" in came.quoted


@pytest.mark.parametrize(
    ("text", "headers", "language"),
    [
        ("Dobrý den, netiskne tiskárna.", {}, "cs"),
        ("Dobry den, prosim o pomoc s tiskarnou.", {"Content_Language": "en-US"}, "cs"),
        ("Hello, we cannot log in. Thank you.", {"Content_Language": "cs-CZ"}, "en"),
        ("12345", {}, "cs"),
        ("12345", {"Content_Language": "en-GB"}, "en"),
        ("Die Anmeldung geht nicht.", {}, "cs"),
    ],
)
def test_the_sender_is_answered_in_the_language_of_the_letter(
    text: str, headers: dict[str, str], language: str
) -> None:
    ticket = come(letter(text, subject="CRS", **headers)).ticket
    assert ticket is not None
    assert ticket.language == language
