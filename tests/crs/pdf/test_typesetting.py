"""What every paper stands on: its own fonts and pictures, nothing from elsewhere, and every letter of a name."""

import io
import unicodedata
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pikepdf
import pypdfium2
import pytest
from django.conf import settings
from PIL import Image

from crs.front_end_files import NODE_MODULES_FILES
from crs.pdf.source import Face, Printing
from crs.pdf.typesetting import typeset
from tests.crs.pdf.sources import source

CZECH = "aábcčdďeéěfghiíjklmnňoópqrřsštťuúůvwxyýzž"
# Small letters, so that all pairs are one paper.
SMALL = "@page { size: A3; margin: 5mm } html { font-size: 5pt; line-height: 1.6 } b { font-weight: 700 }"
DOTS_A_POINT = 4
DARK = 200  # of 255: lighter is paper
SMEAR = 0.25  # points by which the grey edge of a letter may reach over its box


RED, BLUE = (255, 0, 0), (0, 0, 255)
BLUE_SQUARE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9" fill="#00f"/></svg>'
)


def red_square() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (9, 9), RED).save(file, "PNG")
    return file.getvalue()


def colours_of(*addresses: str, pictures: Mapping[str, bytes]) -> set[Any]:
    """The colours in a paper that shows the pictures at these addresses."""
    shown = "".join(f'<img src="{address}" alt="x">' for address in addresses)
    html = f"<html lang=cs><title>Zkouška</title><p>{shown}</p></html>"
    (page,) = pypdfium2.PdfDocument(typeset(replace(source(""), versions=(html,), pictures=pictures)))
    return {colour for _, colour in page.render().to_pil().convert("RGB").getcolors(1 << 24)}


def test_a_document_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "red.png").write_bytes(red_square())
    asked: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        elsewhere = [
            f"http://127.0.0.1:{server.server_port}/red.png",
            (tmp_path / "red.png").as_uri(),
            f"data:image/png;base64,{b64encode(red_square()).decode()}",
            "paper:font/../../red.png",
            "paper:other.png",
            "code.png",
        ]
        assert RED not in colours_of(*elsewhere, pictures={"code.png": red_square()})
        server.shutdown()
    assert asked == []


def test_a_document_loads_its_own_pictures() -> None:
    pictures = {"code.png": red_square(), "code.svg": BLUE_SQUARE}
    assert colours_of("paper:code.png", "paper:code.svg", pictures=pictures) >= {RED, BLUE}


def test_a_code_is_one_path_of_exact_squares_without_seams() -> None:
    pattern = Image.new("1", (11, 3), 1)  # white; a row of 11 bits takes two bytes
    for x, y in ((0, 0), (1, 0), (10, 0), (0, 1), (1, 1), (5, 2)):
        pattern.putpixel((x, y), 0)
    file = io.BytesIO()
    pattern.save(file, "PPM")
    html = '<html lang=cs><title>Z</title><img src="paper:code.pbm" alt="x" style="display: block; width: 110pt">'
    sheet = "@page { size: 110pt 30pt; margin: 0 } body { margin: 0 }"
    pdf = typeset(replace(source("", sheet=sheet), versions=(html,), pictures={"code.pbm": file.getvalue()}))
    (page,) = pypdfium2.PdfDocument(pdf)
    picture = page.render(scale=1).to_pil().convert("L")
    squares = pattern.convert("L").resize((110, 30), Image.Resampling.NEAREST)
    assert picture.tobytes() == squares.tobytes()
    # At a size that splits pixels, dark squares next to each other are dark where they meet.
    assert page.render(scale=0.77).to_pil().convert("L").crop((1, 1, 14, 14)).getextrema() == (0, 0)


def test_a_code_in_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="no binary PBM"):
        typeset(replace(source(""), pictures={"code.pbm": b"P1\n1 1\n1"}))


def test_viewers_are_told_how_the_paper_is_printed() -> None:
    for printing, expected in (
        (Printing(), {"/DisplayDocTitle": True}),
        (Printing(is_scaled=False), {"/DisplayDocTitle": True, "/PrintScaling": "/None"}),
        (Printing(is_one_sided=True), {"/DisplayDocTitle": True, "/Duplex": "/Simplex"}),
    ):
        with pikepdf.open(io.BytesIO(typeset(replace(source("Jana"), printing=printing)))) as document:
            preferences: Any = document.Root.ViewerPreferences
            assert dict(preferences.items()) == expected


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
