"""Notes inside the desk."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.contrib.auth.models import User

from crs import history, sent_forms, typed
from crs.sent_forms import NO_FORM, Sending
from support.errors import WordsErased, WordsMissing
from support.letters.covering import covered, numbers_in
from support.letters.parts import ReadFile
from support.models import Note, Ticket
from support.operations import Operation
from support.tickets import files as kept_files
from support.tickets import numbers, words

Kind = Note.Kind


def add_note(
    *,
    ticket: Ticket,
    text: str,
    by: User | None,
    now: datetime,
    files: Sequence[ReadFile] = (),
    kind: Kind = Kind.NOTE,
    form: Sending = NO_FORM,
) -> Note:
    """Write a note; everybody who sees the ticket may, whoever works on it. Raises WordsMissing, WordsErased."""
    kept = sent_forms.once(form, partial(_add, ticket, text, by, now, files, kind))
    return Note.objects.get(pk=(kept or {})["note"])


def _add(
    ticket: Ticket, text: str, by: User | None, now: datetime, files: Sequence[ReadFile], kind: Kind
) -> sent_forms.Outcome:
    said = typed.lines(text)
    if not said and not files:
        raise WordsMissing
    with history.recording_part(Operation.NOTE, by=by):
        # Whoever waits here for the erasing finds no row: what came later would be kept for good.
        if not Ticket.objects.filter(pk=ticket.pk, erased_at=None).update(changed_at=now):
            raise WordsErased
        note = Note.objects.create(ticket=ticket, kind=kind, text=said, by=by, at=now)
        kept_files.keep_all(note=note, files=files)
        words.add_words(ticket.pk, covered(said))
        numbers.add_numbers(ticket.pk, numbers_in(said))
        return {"note": note.pk}
