"""Notes inside the desk."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import transaction

from crs import typed
from support.errors import WordsMissing
from support.letters.covering import covered
from support.models import Note, Ticket
from support.tickets import files as kept_files
from support.tickets import words

if TYPE_CHECKING:
    from support.letters.parts import ReadFile

Kind = Note.Kind


def add_note(
    *,
    ticket: Ticket,
    text: str,
    by: User | None,
    now: datetime,
    files: Sequence["ReadFile"] = (),
    kind: Kind = Kind.NOTE,
) -> Note:
    """Write a note; anybody of the desks may, whoever works on the ticket. Raises WordsMissing."""
    said = typed.lines(text)
    if not said and not files:
        raise WordsMissing
    with transaction.atomic():
        note = Note.objects.create(ticket=ticket, kind=kind, text=said, by=by, at=now)
        kept_files.keep_all(note=note, files=files)
        Ticket.objects.filter(pk=ticket.pk).update(changed_at=now)
        words.add_words(ticket.pk, covered(said))
        return note
