"""What was written and done at a ticket, in the order of time, page by page, as one person may read it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.paginator import Page
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from crs import history
from crs.messaging.models import Message
from crs.paging import Paginator
from crs.users import name_of_user
from support.desk.forms import key_of_number
from support.letters import notices, pictures
from support.letters.covering import covered
from support.models import Attachment, Letter, Level, Note, Ticket
from support.operations import Operation
from support.tickets import rows

ON_A_PAGE = 50
# Of a text, on a page with others; a link leads to all of it.
LONGEST = 20_000
AUTOMATIC = frozenset({Letter.Kind.AUTO_REPLY, Letter.Kind.BOUNCE, Letter.Kind.OWN, Letter.Kind.RECEIPT})
# People write through lists, too.
TO_READ = frozenset({Letter.Kind.HUMAN, Letter.Kind.PAGE, Letter.Kind.LIST, Letter.Kind.BOUNCE})
# What notes and letters do not tell anyway.
STEPS: dict[str, str | Promise] = {
    Operation.ASSIGN: pgettext_lazy("step of a ticket", "given to"),
    Operation.SORT: pgettext_lazy("step of a ticket", "sorted"),
    Operation.RESOLVE: pgettext_lazy("step of a ticket", "resolved"),
    Operation.CLOSE: pgettext_lazy("step of a ticket", "closed"),
    Operation.REOPEN: pgettext_lazy("step of a ticket", "reopened"),
}
_MERGES = (Note.Kind.MERGE, Note.Kind.TAKE_APART)
# Of files whose type says nothing.
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp")
_SORTED = ("desk", "category_id", "priority", "site_id")


@dataclass(frozen=True)
class File:
    """A file of a letter or a note, as it is offered."""

    key: int
    name: str
    size: int
    summary: str
    is_refused: bool
    is_picture: bool
    is_erased: bool


@dataclass(frozen=True)
class LetterEntry:
    """A letter. `delivery` says where one that went out stands; `trouble`, what went wrong with it.

    `name` and `address` are those of whoever wrote it to us, or got it from us.
    """

    at: datetime
    letter: Letter
    subject: str
    text: str
    quoted: str
    name: str
    address: str
    is_cut: bool
    is_automatic: bool
    is_new: bool
    author: str
    notices: list[str]
    delivery: str
    trouble: str
    is_settled: bool
    can_be_sent_again: bool
    is_from_somebody_else: bool
    files: list[File]
    part: str = ""
    kind: str = field(default="letter", init=False)


@dataclass(frozen=True)
class NoteEntry:
    """Words inside the desk."""

    at: datetime
    note: Note
    text: str
    author: str
    files: list[File]
    part: str = ""
    kind: str = field(default="note", init=False)

    @property
    def levels(self) -> str:
        """From which level to which one the ticket went, if it did."""
        if self.note.from_level is None or self.note.to_level is None:
            return ""
        return f"{Level(self.note.from_level).name} → {Level(self.note.to_level).name}"

    @property
    def other(self) -> int | None:
        """The key of the ticket with which this one was merged, or from which it was taken apart."""
        return key_of_number(self.text) if self.note.kind in _MERGES else None


@dataclass(frozen=True)
class StepEntry:
    """Something that was done to the ticket."""

    at: datetime
    what: str
    author: str
    kind: str = field(default="step", init=False)


Entry = LetterEntry | NoteEntry | StepEntry


@dataclass(frozen=True)
class Conversation:
    """A page of it, the oldest entry first. `page` is that page; the first one has the newest entries.

    `letters_read` is how many letters of people stand on the page or before it; `has_one_letter`, of anybody in all.
    """

    entries: list[Entry]
    page: Page[Any]
    letters_read: int
    has_one_letter: bool


def conversation(ticket: Ticket, *, sees_numbers: bool, page: str = "", whole: str = "") -> Conversation:
    """Letters and notes of the ticket and of those merged into it, and the steps of the ticket.

    Whoever may not see insured numbers reads all words with the numbers covered. `page` and `whole`, the key of a
    letter that is shown to its end, are as an address says them.
    """
    keys = rows.family(ticket)
    letters, notes, steps = Letter.objects.filter(ticket__in=keys), Note.objects.filter(ticket__in=keys), _steps(ticket)
    # Of a merge each of both has a note.
    notes = notes.exclude(~Q(ticket=ticket), kind__in=_MERGES)
    sent = list(letters.values_list("received_at", "pk", "direction", "kind"))
    # What stands where; texts are encrypted and long, so only those of the page are read.
    places = [(at, 2, key) for at, key, _direction, _kind in sent]
    places += [(at, 1, key) for at, key in notes.values_list("at", "pk")]
    places += [(step.at, 0, place) for place, step in enumerate(steps)]
    shown = Paginator(sorted(places, reverse=True), ON_A_PAGE).get_page(page)
    here = list(reversed(shown.object_list))
    read = reader(sees_numbers=sees_numbers)
    numbers = {key: Ticket(pk=key).number for key in keys if key != ticket.pk}
    last_answer = max((at for at, _key, _direction, kind in sent if kind == Letter.Kind.ANSWER), default=None)
    entries: dict[tuple[int, int], Entry] = {(0, place): step for place, step in enumerate(steps)}
    of_page = letters.filter(pk__in=[key for _at, kind, key in here if kind == 2])
    whole_rows = of_page.select_related("author", "outbox_message", "ticket").defer("ticket__search")
    for letter in whole_rows.prefetch_related("attachments"):
        is_new = letter.direction == Letter.Direction.IN and (last_answer is None or letter.received_at > last_answer)
        part = numbers.get(letter.ticket_id or 0, "")
        longest = None if str(letter.pk) == whole else LONGEST
        entries[2, letter.pk] = _letter(letter, read, sees_numbers, part=part, is_new=is_new, longest=longest)
    of_page_too = notes.filter(pk__in=[key for _at, kind, key in here if kind == 1])
    for note in of_page_too.select_related("by").prefetch_related("attachments"):
        files = _files(note.attachments.all(), sees_numbers, read)
        part = numbers.get(note.ticket_id, "")
        entries[1, note.pk] = NoteEntry(note.at, note, read(note.text or ""), name_of_user(note.by), files, part)
    letters_read = sum(
        direction == Letter.Direction.IN and kind in TO_READ and (at, 2, key) <= here[-1]
        for at, key, direction, kind in sent
    )
    return Conversation([entries[kind, key] for _at, kind, key in here], shown, letters_read, len(sent) == 1)


def reader(*, sees_numbers: bool) -> Callable[[str], str]:
    """What makes of a text the one that a person reads."""
    return _plain if sees_numbers else covered


def written_to_us(ticket: Ticket) -> int:
    """How many letters of people the ticket has; who answers has read as many."""
    return letters_to_read(rows.family(ticket)).count()


def letters_to_read(tickets: Iterable[int]) -> QuerySet[Letter]:
    """What came into the tickets (keys) and is to be read before an answer: not what programs wrote by themselves."""
    return Letter.objects.filter(ticket__in=tickets, direction=Letter.Direction.IN, kind__in=TO_READ)


def _plain(text: str) -> str:
    return text


def _letter(
    letter: Letter, read: Callable[[str], str], sees_numbers: bool, *, part: str, is_new: bool, longest: int | None
) -> LetterEntry:
    came_in = letter.direction == Letter.Direction.IN
    sender = letter.ticket.requester_address.lower() if letter.ticket else ""
    is_senders = came_in and bool(sender) and letter.from_address.lower() == sender
    name = letter.from_name or (letter.ticket.requester_name if letter.ticket and is_senders else "")
    text, text_goes_on = _beginning(letter.text or "", read, longest)
    quoted, quoted_goes_on = _beginning(letter.quoted or "", read, longest)
    delivery, trouble = _delivery(letter)
    return LetterEntry(
        at=letter.received_at,
        letter=letter,
        subject=read(letter.subject or ""),
        text=text,
        quoted=quoted,
        name=read(name) if came_in else "",
        address=read(letter.from_address if came_in else letter.to_address),
        is_cut=text_goes_on or quoted_goes_on,
        is_automatic=letter.kind in AUTOMATIC,
        is_new=is_new and letter.kind not in AUTOMATIC,
        author=name_of_user(letter.author),
        notices=[str(text) for text in notices.texts(letter.notices)],
        delivery=delivery,
        trouble=trouble,
        is_settled=letter.settled_at is not None,
        can_be_sent_again=bool(trouble) and letter.kind == Letter.Kind.ANSWER and letter.settled_at is None,
        is_from_somebody_else=letter.kind == Letter.Kind.HUMAN
        and bool(sender and letter.from_address)
        and not is_senders,
        files=_files(letter.attachments.all(), sees_numbers, read),
        part=part,
    )


def _beginning(text: str, read: Callable[[str], str], longest: int | None) -> tuple[str, bool]:
    """As much of a text as a page shows, and whether it goes on.

    Twice as much is covered as is shown: a number at the end would not be found by its half, and covering all of many
    long texts takes too long.
    """
    if longest is None:
        return read(text), False
    found = read(text[: 2 * longest])
    if len(text) <= 2 * longest:
        return found[:longest], len(found) > longest
    return found[: min(longest, len(found) // 2)], True


def _delivery(letter: Letter) -> tuple[str, str]:
    """Where a letter that went out stands, and what went wrong."""
    if letter.direction == Letter.Direction.IN:
        return "", ""
    if letter.refused_at:
        return "", _("The mailbox of the sender refused this answer. They have not read it.")
    message = letter.outbox_message
    if message is None:
        return "", ""
    if message.state == Message.State.FAILED:
        return "", _("This answer could not be sent. The sender has not read it.")
    return str(message.get_state_display()), ""


def _files(attachments: Iterable[Attachment], sees_numbers: bool, read: Callable[[str], str]) -> list[File]:
    return [
        File(
            key=one.pk,
            name=read(one.name),
            size=one.size,
            summary=read(one.summary or ""),
            is_refused=one.has_numbers and not sees_numbers,
            is_picture=pictures.is_shown(one.content_type) and _is_called_a_picture(one),
            is_erased=one.file_id is None,
        )
        for one in attachments
    ]


def _is_called_a_picture(attachment: Attachment) -> bool:
    return attachment.content_type.startswith("image/") or attachment.name.lower().endswith(_PICTURES)


def _steps(ticket: Ticket) -> list[StepEntry]:
    """What the history of the ticket tells beside its letters and notes; two queries."""
    model = apps.get_model("support", "TicketEvent")
    seen = ("state", "level", "assignee_id", *_SORTED)
    versions = list(
        model.objects.filter(pgh_obj=ticket.pk)
        .order_by("pgh_id")
        .values("pgh_created_at", "pgh_context__metadata", *seen)
    )
    told: list[tuple[datetime, str, dict[str, Any], dict[str, Any]]] = []
    before: dict[str, Any] | None = None
    for version in versions:
        context = version["pgh_context__metadata"] or {}
        operation = context.get("operation", "")
        if before and operation in STEPS and any(before[name] != version[name] for name in seen):
            told.append((version["pgh_created_at"], operation, context, version))
        before = version
    contexts = [{"user": user} for _at, _operation, context, version in told for user in _users(context, version)]
    names = history.names_of_users(contexts)
    entries = []
    for at, operation, context, version in told:
        what = str(STEPS[operation])
        if operation == Operation.ASSIGN:
            what = f"{what} {names.get(version['assignee_id'], '–')}"
        entries.append(StepEntry(at, what, names.get(context.get("user", 0), "")))
    return entries


def _users(context: dict[str, Any], version: dict[str, Any]) -> list[int]:
    return [key for key in (context.get("user"), version["assignee_id"]) if key]
