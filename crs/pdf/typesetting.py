"""The process that sets papers, one at a time: it knows WeasyPrint and the fonts, and neither Django nor the database.

Pango, with which WeasyPrint draws text, is not safe in threads: it hung and killed the processes of the portal. Here it
has a process of its own, which `crs.pdf.rendering` starts, asks, and replaces when it takes too long
(docs/adr/0007-paper.md).
"""

import pickle
import re
import traceback
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from weasyprint import CSS, HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from crs import own_process
from crs.pdf.source import SCHEME, Face, Printing, Source

_FONT_URL = f"{SCHEME}font/"
_PICTURE_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}
_MODULES = ".pbm"


class PaperFetcher(URLFetcher):  # type: ignore[misc]
    """Serves the fonts and the pictures of one paper; refuses every other address, above all the network."""

    def __init__(self, *, pictures: Mapping[str, bytes] | None = None, faces: tuple[Face, ...] = ()) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self._pictures = pictures or {}
        self._fonts = {f"{_FONT_URL}{number}": face.path for number, face in enumerate(faces)}

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The bytes behind an address of ours. Raises ValueError for any other."""
        picture = url.removeprefix(SCHEME)
        if url.startswith(SCHEME) and picture in self._pictures:
            content_type = _PICTURE_TYPES[Path(picture).suffix]
            return URLFetcherResponse(url, self._pictures[picture], {"Content-Type": content_type})
        if url in self._fonts:
            return URLFetcherResponse(url, self._fonts[url].read_bytes(), {"Content-Type": "font/woff2"})
        raise ValueError(f"A document may not load {url}")


class Modules:
    """A picture of black and white squares (PBM, binary), as codes are, in the shape that WeasyPrint wants of pictures.

    It is drawn as one path of its runs: exact at any size, without seams between rows, and a tenth of the work of SVG.
    """

    def __init__(self, pbm: bytes) -> None:
        """Raise ValueError for another format."""
        kind, size, bits = pbm.split(b"\n", 2)
        if kind != b"P4":
            raise ValueError("This is no binary PBM")
        self._width, self._height = map(int, size.split())
        self._bits = bits

    def get_intrinsic_size(self, _resolution: float, _font_size: float) -> tuple[float, float, float]:
        """Width, height in pixels of CSS, and their ratio."""
        return self._width, self._height, self._width / self._height

    def draw(self, stream: Any, width: float, height: float, _style: Any) -> None:
        """Draw it in a box of that size, in black."""
        stream.transform(width / self._width, 0, 0, height / self._height)
        stream.stream.append(b"0 g " + b" ".join(self._runs()) + b" f")

    def _runs(self) -> Iterator[bytes]:
        length = (self._width + 7) // 8
        for y in range(self._height):
            row = int.from_bytes(self._bits[y * length : (y + 1) * length])
            squares = f"{row:0{8 * length}b}"[: self._width]
            for run in re.finditer("1+", squares):
                yield b"%d %d %d 1 re" % (run.start(), y, len(run[0]))


def typeset(source: Source) -> bytes:
    """The paper as PDF/UA-1, tagged. Equal sources give equal bytes, whatever papers were set before."""
    options = {
        "stylesheets": [_fonts_sheet(source.faces), _sheet(source.sheet)],
        "pdf_variant": "pdf/ua-1",
        "pdf_identifier": source.identifier,
    }
    fetcher = PaperFetcher(pictures=source.pictures)
    modules = {SCHEME + name: Modules(pbm) for name, pbm in source.pictures.items() if name.endswith(_MODULES)}
    for version in source.versions:
        html = HTML(string=version, base_url=SCHEME, url_fetcher=fetcher)
        document: Document = html.render(font_config=_font_configuration(), cache=dict(modules), **options)
        if len(document.pages) == 1:
            break
    return bytes(document.write_pdf(finisher=partial(_propose, source.printing), **options))


def _propose(printing: Printing, _document: Document, pdf: Any) -> None:
    """Tell viewers how the paper is meant to be printed."""
    preferences = pdf.catalog["ViewerPreferences"]
    if not printing.is_scaled:
        preferences["PrintScaling"] = "/None"
    if printing.is_one_sided:
        preferences["Duplex"] = "/Simplex"


def serve() -> None:
    """Answer each source with its PDF, or with the text of what went wrong."""
    own_process.serve(_answer)


def _answer(question: bytes) -> bytes:
    try:
        # It comes from the process that started this one, over a socket that no one else has.
        return typeset(pickle.loads(question))  # noqa: S301
    except Exception:
        return traceback.format_exc().encode()


# Parts that all papers share are prepared once in the life of the process: they are most of the work of a page.


@cache
def _font_configuration() -> FontConfiguration:
    return FontConfiguration()


@cache
def _sheet(text: str) -> CSS:
    return CSS(string=text, base_url=SCHEME, url_fetcher=PaperFetcher(), font_config=_font_configuration())


@cache
def _fonts_sheet(faces: tuple[Face, ...]) -> CSS:
    rules = [
        f'@font-face {{ font-family: "{face.family}"; font-weight: {face.weight}; src: url("{_FONT_URL}{number}") }}'
        for number, face in enumerate(faces)
    ]
    families = ", ".join(f'"{family}"' for family in dict.fromkeys(face.family for face in faces))
    text = "\n".join([*rules, f"html {{ font-family: {families}, sans-serif }}"])
    fetcher = PaperFetcher(faces=faces)
    return CSS(string=text, base_url=SCHEME, url_fetcher=fetcher, font_config=_font_configuration())
