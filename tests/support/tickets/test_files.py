"""Files: kept once, encrypted, and read back as they came."""

import pytest
from django.contrib.auth.models import User
from django.db import connection

from support.letters.parts import ReadFile
from support.models import Attachment, Note, StoredFile, Ticket
from support.tickets import files
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def note(ticket: Ticket, dispatcher: User) -> Note:
    return Note.objects.create(ticket=ticket, text="x", by=dispatcher, at=NOW)


def file(content: bytes, name: str = "logo.png", summary: str = "") -> ReadFile:
    return ReadFile(name, "image/png", content, "", False, summary)


def test_the_same_bytes_are_kept_once_under_each_name(note: Note) -> None:
    kept = files.keep_all(note=note, files=[file(b"one"), file(b"two"), file(b"one", "again.png")])
    assert [(one.position, one.name, one.size) for one in kept] == [
        (1, "logo.png", 3),
        (2, "logo.png", 3),
        (3, "again.png", 3),
    ]
    files.keep_all(note=note, files=[file(b"two")])
    assert StoredFile.objects.count() == 2
    assert [files.content_of(one) for one in Attachment.objects.order_by("pk")] == [b"one", b"two", b"one", b"two"]


def test_the_bytes_and_their_hash_tell_nothing(note: Note) -> None:
    files.keep_all(note=note, files=[file(b"7103192745" * 10)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT content, digest FROM support_storedfile")
        content, digest = cursor.fetchone()
    assert b"7103192745" not in bytes(content)
    assert len(digest) == 64


def test_a_name_is_for_eyes_only_and_a_summary_says_whether_it_holds_a_number(note: Note) -> None:
    kept = files.keep_all(note=note, files=[file(b"", "a\x00\u202eb" + "c" * 300, summary="rč 7103192745")])[0]
    kept.refresh_from_db()
    assert (kept.name[:3], len(kept.name), kept.has_numbers) == ("abc", 200, True)
    assert files.content_of(kept) == b""


@pytest.mark.parametrize(
    ("name", "content_type", "content"),
    [
        ("zadanka_7103192745.pdf", "application/pdf", b"%PDF\0"),
        ("seznam.csv", "text/csv", b"Jana;710319/2745\r\n"),
        ("seznam.csv", "application/vnd.ms-excel", "Řehoř;7103192745".encode("cp1250")),
        ("seznam.txt", "application/octet-stream", "Jana\t7103192745".encode("utf-16")),
        ("zpráva.eml", "message/rfc822", b"Subject: x\n\n\0 7103192745\n"),
        ("dlouhý.txt", "text/plain", b"x" * (files.LONGEST_LOOK + 1)),
    ],
)
def test_a_number_is_found_in_a_name_and_in_each_text(note: Note, name: str, content_type: str, content: bytes) -> None:
    kept = files.keep_all(note=note, files=[ReadFile(name, content_type, content, "", is_inline=False, summary="")])
    assert kept[0].has_numbers


def test_a_text_to_whose_end_nobody_looked_is_guarded_and_a_picture_beside_it_is_not(note: Note) -> None:
    long = file(b"x" * files.LONGEST_LOOK, "a.txt")
    kept = files.keep_all(note=note, files=[long, file(b"\x89PNG\0 7103192745"), file(b"x", "b.txt")])
    assert [one.has_numbers for one in kept] == [False, False, True]


def test_what_is_erased_has_no_bytes(note: Note) -> None:
    kept = files.keep_all(note=note, files=[file(b"one")])[0]
    Attachment.objects.update(file=None)
    assert files.content_of(Attachment.objects.get(pk=kept.pk)) is None
