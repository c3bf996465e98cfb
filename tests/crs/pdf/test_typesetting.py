"""What every paper stands on: its own fonts and pictures, nothing from elsewhere, and every letter of a name."""

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pikepdf
import pypdfium2
import pytest
from django.conf import settings

from crs.front_end_files import NODE_MODULES_FILES
from crs.pdf.source import Face
from crs.pdf.typesetting import PaperFetcher, typeset
from tests.crs.pdf.sources import source

CZECH = "aábcčdďeéěfghiíjklmnňoópqrřsštťuúůvwxyýzž"
# Small letters, so that all pairs are one paper.
SMALL = "@page { size: A3; margin: 5mm } html { font-size: 5pt; line-height: 1.6 } b { font-weight: 700 }"
DOTS_A_POINT = 4
DARK = 200  # of 255: lighter is paper
SMEAR = 0.25  # points by which the grey edge of a letter may reach over its box


@pytest.mark.parametrize(
    "address",
    ["http://example.org/x.png", "file:///etc/passwd", "paper:font/../../x", "data:,x", "paper:other.png", "code.png"],
)
def test_a_document_loads_nothing_from_elsewhere(address: str) -> None:
    with pytest.raises(ValueError, match="may not load"):
        PaperFetcher(pictures={"code.png": b""}).fetch(address)


def test_a_document_loads_its_own_pictures() -> None:
    assert PaperFetcher(pictures={"code.svg": b"<svg/>"}).fetch("paper:code.svg").read() == b"<svg/>"


def pairs_around_a_space(letters: str) -> str:
    """The shortest text in which each letter stands once before each letter, a space between them (de Bruijn)."""
    order = [
        letter
        for number, first in enumerate(letters)
        for letter in (first, *(x for second in letters[number + 1 :] for x in (first, second)))
    ]
    return " ".join([*order, order[0]])


def test_no_space_between_two_czech_letters_is_lost_or_a_box() -> None:
    letters = CZECH + CZECH.upper()
    text = pairs_around_a_space(letters)
    assert {text[at : at + 3] for at in range(0, len(text) - 2, 2)} == {f"{a} {b}" for a in letters for b in letters}
    document = pypdfium2.PdfDocument(typeset(source(text, sheet=SMALL)))
    assert read(document) == f"{text} {text}"
    assert sum(gaps_without_ink(document)) > 2 * len(letters) ** 2 * 0.9  # the others end a line


@pytest.mark.parametrize(
    "names",
    [
        "Tomáš Černý, Výstaviště Černá louka, Ďáblice Žižkov, Šťastný Řehoř Ťok",
        "Nguyễn Thị Hồng, Trần Đức Ưng, Phạm Ờ Ỹ, Lê Thị Mỹ Ẩn, Đỗ Ữ",
        "Олександр Ґуляй, Їжакевич Єва, Щербак Юрій, Пётр Ъ",
        "Nguyễn Černý Їжак Tomáš Ґуляй Ễ Š Ї",
    ],
)
def test_names_are_printed_in_our_letters_with_their_spaces(names: str) -> None:
    pdf = typeset(source(names))
    document = pypdfium2.PdfDocument(pdf)
    assert read(document) == f"{names} {names}"
    assert all(gaps_without_ink(document))
    assert {family.removesuffix("-Bold").split("+")[1].split("-")[0] for family in fonts_of(pdf)} == {"Paper"}


def test_a_font_without_the_space_would_print_a_box() -> None:
    """The control: the fonts of the pages, where letters with háček stand in a file of their own without a space."""
    packages = {name: NODE_MODULES_FILES[f"gov/fonts/roboto-{name}.woff2"] for name in ("bold", "bold-ext")}
    folder = settings.BASE_DIR / "node_modules"
    faces = tuple(Face(f"Pages {name}", 700, folder / package) for name, package in packages.items())
    document = pypdfium2.PdfDocument(typeset(replace(source("Tomáš Černý"), faces=faces)))
    assert not all(gaps_without_ink(document))


def read(document: Any) -> str:
    """The text as PDFium reads it, with single spaces, in composed characters."""
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    return unicodedata.normalize("NFC", " ".join(text.split()))


def gaps_without_ink(document: Any) -> Iterator[bool]:
    """For each space within a line: whether nothing is drawn between the two letters around it."""
    for page in document:
        picture = page.render(scale=DOTS_A_POINT).to_pil().convert("L")
        text = page.get_textpage()
        for at in [at for at, letter in enumerate(text.get_text_range()) if letter == " "]:
            _, bottom_before, left, top_before = text.get_charbox(at - 1)
            right, bottom_after, _, top_after = text.get_charbox(at + 1)
            if right < left:
                continue  # the space ends a line
            top, bottom = max(top_before, top_after), min(bottom_before, bottom_after)
            box = (left + SMEAR, page.get_height() - top, right - SMEAR, page.get_height() - bottom)
            gap = picture.crop([round(points * DOTS_A_POINT) for points in box])
            yield gap.width > 0 and gap.getextrema()[0] > DARK


def fonts_of(pdf: bytes) -> set[str]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        resources: Any = document.pages[0].Resources
        return {str(font.BaseFont) for font in resources.Font.values()}
