"""What a site's staff write on its pages: a new ticket, an addition, the end of their own."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User

from crs import history, typed
from crs.sent_forms import Outcome, Sending, once
from crs.users import name_of_user
from logistics.models import VaccinationSite
from support.following.errors import AccountHasNoEmail, NotYourOwn
from support.following.site_tickets import is_own
from support.letters import file_names
from support.letters.covering import covered, numbers_in
from support.letters.parts import ReadFile
from support.mail_out import sending
from support.models import Category, Desk, Letter, Ticket
from support.operations import Operation
from support.tickets import files as kept_files
from support.tickets import numbers, opening, states, words


def file_from_page(name: str, content_type: str, content: bytes, taken: set[str]) -> ReadFile:
    """A file that a browser sent, under a name that no other file of the form has (`taken`)."""
    named = file_names.cleaned(name) or file_names.made_up(content_type, len(taken) + 1)
    return ReadFile(
        name=file_names.told_apart(named, taken),
        content_type=content_type,
        content=content,
        content_id="",
        is_inline=False,
        summary="",
    )


def open_on_page(
    *,
    site: VaccinationSite,
    subject: str,
    text: str,
    category: Category | None,
    language: str,
    by: User,
    now: datetime,
    form: Sending,
    files: Sequence[ReadFile] = (),
) -> Ticket:
    """Open a ticket at the desk of the sites; its number goes to the e-mail of `by`. Raises AccountHasNoEmail."""
    if not by.email:
        raise AccountHasNoEmail

    def operation() -> Outcome:
        with history.recording(Operation.OPEN, by=by):
            ticket = opening.open_ticket(
                desk=Desk.SITES,
                way=Ticket.Way.SITE_PAGE,
                subject=covered(subject),
                language=language,
                requester_address=by.email,
                requester_name=name_of_user(by),
                requester=by,
                site=site,
                category=category,
                now=now,
                by=by,
            )
            _write(ticket, subject=subject, text=text, files=files, by=by, now=now)
            sending.send_receipt(ticket=ticket, now=now)
        return {"ticket": ticket.pk}

    return _ticket(once(form, operation))


def add(*, ticket: Ticket, text: str, by: User, now: datetime, form: Sending, files: Sequence[ReadFile] = ()) -> Ticket:
    """Write something more into the ticket; one that is resolved or closed is open again.

    Returns the ticket where it stands now: the main one, if this one was merged. Raises ClosedTooLongAgo.
    """

    def operation() -> Outcome:
        with history.recording(Operation.FILE_LETTER, by=by):
            main = states.letter_came(ticket=ticket, now=now)
            _write(main, subject=main.subject, text=text, files=files, by=by, now=now)
        return {"ticket": main.pk}

    return _ticket(once(form, operation))


def close(*, ticket: Ticket, by: User, now: datetime) -> Ticket:
    """Close a ticket of one's own: what was asked for is done. Raises NotYourOwn, IsPart."""
    if not is_own(ticket, by):
        raise NotYourOwn
    return states.close_by_sender(ticket=ticket, by=by, now=now)


def _write(ticket: Ticket, *, subject: str, text: str, files: Sequence[ReadFile], by: User, now: datetime) -> None:
    """Write the letter at its ticket, with its files, found by its covered words."""
    said = typed.lines(text)
    found = numbers_in(f"{subject}\n{said}")
    letter = Letter.objects.create(
        ticket=ticket,
        desk=ticket.desk,
        direction=Letter.Direction.IN,
        kind=Letter.Kind.PAGE,
        state=Letter.State.FILED,
        from_address=by.email[:320],
        from_name=name_of_user(by)[:200],
        subject=subject,
        text=said,
        has_numbers=bool(found),
        received_at=now,
        author=by,
    )
    kept_files.keep_all(letter=letter, files=files)
    numbers.add_numbers(ticket.pk, found)
    words.add_words(ticket.pk, covered(f"{said} {' '.join(file.name for file in files)}"))


def _ticket(outcome: Outcome | None) -> Ticket:
    return Ticket.objects.defer("search").get(pk=(outcome or {})["ticket"])
