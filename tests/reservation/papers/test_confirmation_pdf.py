"""The confirmation on paper: opened, read, scanned and examined by other programs than ours."""

import io
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from reservation.papers.confirmation_pdf import check_in_picture, confirmation_pdf
from reservation.papers.reservation_summary import AppointmentSummary, Confirmation
from tests.pages import tags_of, text_of_pdf

PRAGUE = ZoneInfo("Europe/Prague")
CODE = "0A1B2C3D4E5F60718293"


def appointment(dose: int, at: datetime) -> AppointmentSummary:
    return AppointmentSummary(
        dose=dose,
        starts_at=at,
        minutes=15,
        site_name="Fakultní nemocnice Královské Vinohrady",
        site_address="Šrobárova 1150/50, 100 34 Praha 10",
        site_notes="Vchod z ulice Ruské.",
        vaccine="Comirnaty",
    )


@pytest.fixture
def marie() -> Confirmation:
    """Doses on both sides of the change to summer time (28 March 2027)."""
    return Confirmation(
        reservation_id=UUID("11111111-2222-4333-8444-555555555555"),
        number="100000016",
        name="Marie Dvořáková",
        whom="Marie D.",
        confirmed_at=datetime(2027, 3, 1, 10, 0, tzinfo=PRAGUE),
        check_in_code=CODE,
        appointments=(
            appointment(1, datetime(2027, 3, 9, 8, 15, tzinfo=PRAGUE)),
            appointment(2, datetime(2027, 3, 30, 8, 15, tzinfo=PRAGUE)),
        ),
        changed_at=datetime(2027, 3, 1, 10, 0, tzinfo=PRAGUE),
    )


def picture_of(pdf: bytes) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture: Image.Image = document[0].render(scale=3).to_pil()
        return picture
    finally:
        document.close()


def pages_of(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)


def test_the_paper_says_everything_in_czech(marie: Confirmation) -> None:
    text = text_of_pdf(confirmation_pdf(marie, language="cs"))
    for said in (
        "Vaše očkování je rezervované",
        "Marie Dvořáková",
        "100 000 016",
        "úterý 9. března 2027, 8:15",
        "úterý 30. března 2027, 8:15",
        "Fakultní nemocnice Královské Vinohrady",
        "Šrobárova 1150/50, 100 34 Praha 10",
        "občanský průkaz",
        "kartičku pojištěnce",
        "1221",
    ):
        assert said in text


def test_the_paper_speaks_english_too(marie: Confirmation) -> None:
    text = text_of_pdf(confirmation_pdf(marie, language="en"))
    assert "Your vaccination is reserved" in text
    assert "Tuesday 30 March 2027, 8:15" in text


def test_the_code_is_read_back_from_the_printed_page(marie: Confirmation) -> None:
    found = zxingcpp.read_barcodes(picture_of(confirmation_pdf(marie, language="cs")))
    assert [(code.text, code.format) for code in found] == [(CODE, zxingcpp.BarcodeFormat.QRCode)]


@pytest.mark.parametrize("code", ["0" * 20, "F" * 20, "0123456789ABCDEF0123", "A5" * 10])
def test_every_code_can_be_read_with_the_fixed_mask(code: str) -> None:
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(check_in_picture(code))))
    assert [one.text for one in found] == [code]


@pytest.mark.parametrize("language", ["cs", "en"])
def test_the_paper_is_tagged_for_screen_readers(marie: Confirmation, language: str) -> None:
    pdf = confirmation_pdf(marie, language=language)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root: Any = document.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang) == language
        assert root.ViewerPreferences.DisplayDocTitle
        assert "100000016" in str(document.docinfo["/Title"])
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
    tags = tags_of(pdf)
    assert {"/H1", "/H2", "/Figure", "/L", "/LI", "/P"} <= {name for name, _ in tags}
    pictures = [element for name, element in tags if name == "/Figure"]
    assert pictures
    assert all(alt for alt in pictures)


def test_the_longest_texts_still_fit_on_one_page(marie: Confirmation) -> None:
    long = replace(
        marie,
        name="Nepomucena-Bartoloměja Přemyslovna " + "Červenková-Vlčnovská " * 5,
        appointments=tuple(
            replace(
                one,
                site_name="N" * 100 + " " + "m" * 99,
                site_address="Ulice " * 50,
                site_notes="Vchod z ulice Ruské. " * 60,
            )
            for one in marie.appointments
        ),
    )
    assert pages_of(confirmation_pdf(marie, language="cs")) == 1
    pdf = confirmation_pdf(long, language="cs")
    assert pages_of(pdf) == 1
    assert "1221" in text_of_pdf(pdf)
    assert zxingcpp.read_barcodes(picture_of(pdf))


def test_what_people_type_is_text_and_not_markup(marie: Confirmation) -> None:
    text = text_of_pdf(confirmation_pdf(replace(marie, name="<img src=http://x/> & O'Brien"), language="cs"))
    assert "<img src=http://x/> & O'Brien" in text


@pytest.mark.parametrize("name", ["Tomáš Černý", "Nguyễn Thị Hồng", "Олександр Ґуляй"])
def test_every_name_is_printed_in_our_fonts_and_embedded(marie: Confirmation, name: str) -> None:
    pdf = confirmation_pdf(replace(marie, name=name), language="cs")
    assert f"Jméno a příjmení {name} Číslo registrace" in text_of_pdf(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        resources: Any = document.pages[0].Resources
        fonts = {str(font.BaseFont) for font in resources.Font.values()}
    assert fonts
    assert all("+Paper" in font for font in fonts), fonts
