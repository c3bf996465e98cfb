"""Notes inside the desk, and their files."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection

from crs.sent_forms import Sending
from support import errors
from support.letters.parts import ReadFile
from support.models import Note, Ticket
from support.tickets import notes, words
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_a_note_is_cleaned_encrypted_and_found_by_its_words(ticket: Ticket, dispatcher: User) -> None:
    note = notes.add_note(ticket=ticket, text=" Volal\u200b jsem.\n\nNikdo nebere. ", by=dispatcher, now=NOW)
    assert note.text == "Volal jsem.\n\nNikdo nebere."
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM support_note")
        assert "Volal" not in cursor.fetchone()[0]
    assert words.find(Ticket.objects.all(), "VOLÁ nebere").get() == ticket


def test_a_note_without_words_is_refused_unless_it_has_a_file(ticket: Ticket, dispatcher: User) -> None:
    with pytest.raises(errors.WordsMissing):
        notes.add_note(ticket=ticket, text=" \u200b", by=dispatcher, now=NOW)
    file = ReadFile("a.txt", "text/plain", b"x", "", False, "")
    assert (
        notes.add_note(ticket=ticket, text="", by=dispatcher, now=NOW, files=[file]).attachments.get().name == "a.txt"
    )


def test_a_form_sent_twice_makes_one_note(ticket: Ticket, dispatcher: User) -> None:
    form = Sending(uuid4(), "typed")
    made = [notes.add_note(ticket=ticket, text="x", by=dispatcher, now=NOW, form=form) for _ in range(2)]
    assert made[0] == made[1] == Note.objects.get()


def test_nothing_is_written_into_what_is_erased(ticket: Ticket, dispatcher: User) -> None:
    Ticket.objects.update(state="CLOSED", closed_at=NOW, erased_at=NOW)
    with pytest.raises(errors.WordsErased):
        notes.add_note(ticket=ticket, text="Volal pan Novák.", by=dispatcher, now=NOW)
    assert not Note.objects.exists()
