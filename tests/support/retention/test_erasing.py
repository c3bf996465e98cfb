"""Retention: what letters said goes when its time is over; the ticket's facts stay."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from crs.messaging.models import Message
from support.letters.parts import ReadFile
from support.models import Attachment, Category, Letter, Note, Participant, RawLetter, StoredFile, Ticket
from support.retention import erasing
from support.tickets import files, numbers
from tests.factories import NOW, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
SECRET = "Jana Tajná"


def closed_ticket(*, days_ago: int, category: str | None = None, **fields: object) -> Ticket:
    """A closed ticket with a letter, its raw text, a file, a note and a participant, all of which name somebody."""
    ticket = make_ticket(f"Potíž {SECRET}", requester_name=SECRET, requester_address="tajna@example.cz")
    letter = Letter.objects.create(
        ticket=ticket,
        desk=ticket.desk,
        direction="IN",
        state="FILED",
        identity=f"id-{ticket.pk}",
        message_id="<tajna@example.cz>",
        message_key=f"key-{ticket.pk}",
        envelope_sender="tajna@example.cz",
        from_address="tajna@example.cz",
        from_name=SECRET,
        subject=f"Potíž {SECRET}",
        text=SECRET,
        quoted=SECRET,
        received_at=NOW,
    )
    RawLetter.objects.create(letter=letter, content=SECRET.encode(), size=11)
    file = ReadFile(f"{SECRET}.txt", "text/plain", SECRET.encode(), "", is_inline=False, summary=SECRET)
    files.keep_all(files=[file], letter=letter)
    Note.objects.create(ticket=ticket, text=SECRET, at=NOW)
    numbers.add_numbers(ticket.pk, ["7554041506"])
    Participant.objects.create(ticket=ticket, address="tajna2@example.cz", name=SECRET, since=NOW)
    closed_at = NOW - timedelta(days=days_ago)
    Ticket.objects.filter(pk=ticket.pk).update(
        state="CLOSED",
        resolved_at=closed_at,
        closed_at=closed_at,
        category=Category.objects.get(code=category) if category else None,
        **fields,
    )
    return Ticket.objects.get(pk=ticket.pk)


def everything_kept_of(ticket: Ticket) -> str:
    """All rows around the ticket as the database gives them, encrypted columns read, the history among them."""
    letters = Letter.objects.filter(ticket=ticket)
    rows = [
        *letters.values(),
        *Note.objects.filter(ticket=ticket).values(),
        *Ticket.objects.filter(pk=ticket.pk).values(),
    ]
    rows += [
        *Attachment.objects.filter(letter__in=letters).values(),
        *Participant.objects.filter(ticket=ticket).values(),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(e)::text FROM support_ticketevent e WHERE pgh_obj_id = %s", [ticket.pk])
        rows += cursor.fetchall()
    return repr(rows)


def test_what_names_somebody_goes_and_the_facts_stay() -> None:
    ticket = closed_ticket(days_ago=181)
    kept = closed_ticket(days_ago=179)
    assert SECRET in everything_kept_of(ticket)
    assert erasing.erase_due(now=NOW) == 1
    left = everything_kept_of(ticket)
    assert SECRET not in left
    assert "tajna" not in left
    assert not RawLetter.objects.filter(letter__ticket=ticket).exists()
    assert numbers.with_number(Ticket.objects.all(), "7554041506").get() == kept
    ticket.refresh_from_db()
    assert (ticket.state, ticket.erased_at, ticket.opened_at) == ("CLOSED", NOW, NOW)
    letter = ticket.letters.get()
    assert letter.message_key == f"key-{ticket.pk}"  # a late reply still finds its ticket
    assert letter.attachments.get().file is None
    assert SECRET in everything_kept_of(kept)
    assert erasing.erase_due(now=NOW) == 0


def test_the_category_says_how_long() -> None:
    long, short = closed_ticket(days_ago=300, category="data"), closed_ticket(days_ago=300, category="login")
    erasing.erase_due(now=NOW)
    assert set(Ticket.objects.filter(erased_at=None)) == {long}
    assert short.pk != long.pk


def test_a_file_that_somebody_else_sent_too_stays_for_them() -> None:
    gone, kept = closed_ticket(days_ago=400), closed_ticket(days_ago=1)
    assert StoredFile.objects.count() == 1  # the same bytes
    erasing.erase_due(now=NOW)
    attachment = Attachment.objects.get(letter__ticket=kept)
    assert files.content_of(attachment) == SECRET.encode()
    Ticket.objects.filter(pk=kept.pk).update(closed_at=NOW - timedelta(days=400))
    erasing.erase_due(now=NOW)
    assert not StoredFile.objects.exists()
    assert gone.pk


def test_parts_go_with_the_ticket_into_which_they_were_merged() -> None:
    main = closed_ticket(days_ago=400)
    part = closed_ticket(days_ago=1)
    Ticket.objects.filter(pk=part.pk).update(state="MERGED", merged_into=main, state_before_merge="NEW", closed_at=None)
    of_the_part = closed_ticket(days_ago=1)
    Ticket.objects.filter(pk=of_the_part.pk).update(
        state="MERGED", merged_into=part, state_before_merge="NEW", closed_at=None
    )
    assert erasing.erase_due(now=NOW) == 3
    assert SECRET not in everything_kept_of(part) + everything_kept_of(of_the_part)


def test_open_and_resolved_tickets_are_never_touched() -> None:
    ticket = closed_ticket(days_ago=4000)
    Ticket.objects.filter(pk=ticket.pk).update(state="RESOLVED")
    assert erasing.erase_due(now=NOW) == 0


def test_the_command_says_what_it_would_do_and_does_it() -> None:
    closed_ticket(days_ago=400)
    said = StringIO()
    call_command("erase_letters", dry_run=True, stdout=said)
    assert "dry run, nothing is written" in said.getvalue()
    assert Ticket.objects.filter(erased_at=None).count() == 1
    call_command("erase_letters", stdout=said)
    assert Ticket.objects.filter(erased_at=None).count() == 0


def test_what_the_outbox_keeps_of_an_answer_goes_with_it() -> None:
    ticket = closed_ticket(days_ago=400)
    message = Message.objects.create(
        channel="EMAIL", recipient="tajna@example.cz", template="support/answer", text=SECRET, state="SENT"
    )
    Letter.objects.filter(ticket=ticket).update(direction="OUT", outbox_message=message)
    erasing.erase_due(now=NOW)
    message.refresh_from_db()
    assert message.text is None
