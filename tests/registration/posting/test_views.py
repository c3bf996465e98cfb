"""The pages on which letters are printed and posted, and the letters as they come out of the printer."""

import io
from unittest.mock import Mock
from uuid import uuid4

import pikepdf
import pypdfium2
import pytest
from django.test import Client
from django.utils import timezone

from crs.messaging import letter_paper, letters
from crs.messaging.models import LetterBatch, Message
from crs.pdf.errors import PaperLate
from logistics.models import Role
from registration.models import RegistrationExport
from registration.people import telling
from registration.people.short_name import ShortName
from registration.people.telling import Reach
from tests.factories import make_staff
from tests.pages import browser, log_in, text_of, text_of_pdf

pytestmark = pytest.mark.django_db
LIST = "/personal/dopisy/"
ADDRESS = "Marie Nováková\nDlouhá 1\n602 00 Brno"
# Millimetres from the left and the top that the window shows however the sheet lies in the envelope.
WINDOW = (110, 55, 190, 79)


@pytest.fixture
def lead() -> Client:
    """The browser of the lead of the help desk."""
    return log_in(browser(), make_staff(Role.SUPPORT_LEAD))


def letter(language: str = "cs", address: str = ADDRESS) -> Message:
    """A letter of registration."""
    telling.tell(
        Reach(language, postal_address=address, whom=ShortName("Jana N.")),
        "registration/registered",
        {"number": "100000014"},
    )
    return Message.objects.latest("pk")


def test_a_batch_is_made_printed_and_posted_and_one_letter_comes_back(lead: Client) -> None:
    first = letter()
    assert "1 letter waits" in text_of(lead.get(LIST))
    assert "1 batch is ready" in text_of(lead.post(f"{LIST}davka/", follow=True))
    page = f"{LIST}{LetterBatch.objects.get().pk}/"
    assert "not yet" in text_of(lead.get(page))
    key = str(uuid4())
    files = [lead.post(f"{page}tisk/", {"form_key": key}) for _click in range(2)]
    assert [file["Content-Type"] for file in files] == ["application/pdf"] * 2
    assert files[0].content == files[1].content
    assert "no-store" in files[0]["Cache-Control"]
    refused = lead.post(f"{page}tisk/", {"form_key": str(uuid4())})
    assert "has printed this batch already" in text_of(refused)
    again = lead.post(f"{page}tisk/", {"form_key": str(uuid4()), "again": "on"})
    assert again["Content-Type"] == "application/pdf"
    # Each file that left, the one of the double click too, and who took it.
    left = RegistrationExport.objects.values_list("what", "rows")
    assert list(left) == [(f"letters, batch {LetterBatch.objects.get().pk}", 1)] * 3
    assert "are at the post office" in text_of(lead.post(f"{page}odeslano/"))
    assert Message.objects.get().state == Message.State.PRINTED
    is_at_post = {"is_at_post": "on"}
    assert "1 letter is marked as posted" in text_of(lead.post(f"{page}odeslano/", is_at_post, follow=True))
    assert "already" in text_of(lead.post(f"{page}odeslano/", is_at_post, follow=True))
    for number, told in (("x", "in digits"), ("99999999", "no letter with this number"), (str(first.pk), "Dlouhá 1")):
        assert told in text_of(lead.post(f"{LIST}vracene/", {"number": number}, follow=True))
    assert Message.objects.get().state == Message.State.POSTED
    marked = lead.post(f"{LIST}vracene/", {"number": first.pk, "is_seen": "on"}, follow=True)
    assert "marked by" in text_of(marked)
    assert Message.objects.get().state == Message.State.FAILED


def test_a_batch_whose_file_is_not_made_counts_as_not_printed(lead: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    letter()
    [batch] = letters.gather(now=timezone.now())
    with monkeypatch.context() as late:
        late.setattr(letter_paper, "letters_pdf", Mock(side_effect=PaperLate))
        assert lead.post(f"{LIST}{batch.pk}/tisk/", {"form_key": str(uuid4())}).status_code == 503
    assert Message.objects.get().state == Message.State.QUEUED
    assert lead.post(f"{LIST}{batch.pk}/tisk/", {"form_key": str(uuid4())})["Content-Type"] == "application/pdf"


def test_pages_of_no_batch_are_not_there(lead: Client) -> None:
    assert lead.get(f"{LIST}99/").status_code == 404
    assert [lead.post(f"{LIST}99/{act}/").status_code for act in ("tisk", "odeslano")] == [404, 404]


def test_letters_are_tagged_large_and_in_the_language_of_their_reader() -> None:
    found = [letter("cs"), letter("uk"), letter("vi", ADDRESS.replace("Marie Nováková", "Nguyễn Thị Ánh Tuyết"))]
    content = letter_paper.letters_pdf(found)
    text = text_of_pdf(content)
    assert "100 000 014" in text
    assert "Nguyễn Thị Ánh Tuyết" in text
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert len(pdf.pages) == 3
        assert pdf.Root.ViewerPreferences.PrintScaling == "/None"
        assert pdf.Root.ViewerPreferences.Duplex == "/Simplex"


@pytest.mark.parametrize(
    "address",
    [
        ADDRESS,
        "Alexandra Konstantina Novotná-Procházková\nnáměstí Československé armády 1234/5\n753 01 Hranice I-Město",
        f"{'Maximiliana ' * 6}\n{'Ulice se jménem ' * 7}12\n{'Město ' * 13}",
    ],
)
def test_whatever_its_length_the_address_stands_in_the_window_and_nothing_else_does(address: str) -> None:
    message = letter(address=address)
    document = pypdfium2.PdfDocument(letter_paper.letters_pdf([message]))
    picture = document[0].render(scale=2).to_pil().convert("L")
    document.close()
    scale = picture.width / 210
    left, top, right, bottom = (round(edge * scale) for edge in WINDOW)
    # Around the address is white paper: from the middle of the sheet to its edge, and down to what the fold hides.
    around = picture.crop((round(100 * scale), round(44 * scale), picture.width, round(92 * scale)))
    ink = around.point(lambda shade: 255 * (shade < 200)).getbbox()
    assert ink
    seen = (ink[0] + round(100 * scale), ink[1] + round(44 * scale))
    assert seen[0] >= left
    assert seen[1] >= top
    assert ink[2] + round(100 * scale) <= right
    assert ink[3] + round(44 * scale) <= bottom


def test_a_batch_that_was_cancelled_says_so(lead: Client) -> None:
    message = letter()
    [batch] = letters.gather(now=timezone.now())
    Message.objects.filter(pk=message.pk).update(state=Message.State.CANCELLED)
    assert "all were cancelled" in text_of(lead.get(f"{LIST}{batch.pk}/"))
