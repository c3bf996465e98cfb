"""Papers: a template and its style sheet set on pages and tagged as PDF/UA-1, with the fonts of the portal.

What is the same for every paper (fonts, parsed CSS) is prepared once per process: it is most of the
work of a page (docs/adr/0007-paper.md).
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from weasyprint import CSS, HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

# Everything a paper may load, and nothing else: `paper:font/NAME`, and `paper:NAME` of its own pictures.
SCHEME = "paper:"
_FONT_URL = f"{SCHEME}font/"
_FACES = {
    "roboto-regular": ("Paper", 400),
    "roboto-bold": ("Paper", 700),
    # Letters with háček and the like stand in files of their own; WeasyPrint takes one file per face.
    "roboto-regular-ext": ("Paper Ext", 400),
    "roboto-bold-ext": ("Paper Ext", 700),
}
_PICTURE_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}


class PaperUnavailable(RuntimeError):
    """A file that every paper needs (a font) is missing: the installation is not complete."""


class PaperFetcher(URLFetcher):  # type: ignore[misc]
    """Serves the fonts and the pictures of one paper; refuses every other address, above all the network."""

    def __init__(self, pictures: Mapping[str, bytes] | None = None) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self._pictures = pictures or {}

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The bytes behind an address of ours. Raises ValueError for any other."""
        picture = url.removeprefix(SCHEME)
        if url.startswith(SCHEME) and picture in self._pictures:
            return URLFetcherResponse(
                url, self._pictures[picture], {"Content-Type": _PICTURE_TYPES[Path(picture).suffix]}
            )
        font = url.removeprefix(_FONT_URL)
        if font in _FACES:
            return URLFetcherResponse(url, _font(font), {"Content-Type": "font/woff2"})
        raise ValueError(f"A document may not load {url}")


class Paper:
    """A document that was set on pages and is not a file yet."""

    def __init__(self, document: Document, options: Mapping[str, Any]) -> None:
        self._document = document
        self._options = options

    @property
    def pages(self) -> int:
        """How many pages it takes."""
        return len(self._document.pages)

    def pdf(self) -> bytes:
        """The file: tagged, PDF/UA-1."""
        return bytes(self._document.write_pdf(**self._options))


def lay_out(
    template: str,
    context: Mapping[str, Any],
    *,
    sheet: str,
    language: str,
    identifier: bytes,
    pictures: Mapping[str, bytes] | None = None,
) -> Paper:
    """Set `template` in `language` with the style sheet `sheet`, both names below `templates/`.

    The template gets `language` too, names a picture as `paper:NAME` (.png or .svg) and the fonts as
    "Paper", "Paper Ext". `identifier` is the same for the same paper, so that two prints are one document.
    Raises PaperUnavailable.
    """
    with translation.override(language):
        html = render_to_string(template, {**context, "language": language})
    options = {
        "stylesheets": [_faces(), _style(sheet)],
        "pdf_variant": "pdf/ua-1",
        "pdf_identifier": identifier,
    }
    source = HTML(string=html, base_url=SCHEME, url_fetcher=PaperFetcher(pictures))
    return Paper(source.render(font_config=_fonts(), **options), options)


@cache
def _style(sheet: str) -> CSS:
    text = (settings.BASE_DIR / "templates" / sheet).read_text()
    return CSS(string=text, base_url=SCHEME, url_fetcher=PaperFetcher(), font_config=_fonts())


@cache
def _faces() -> CSS:
    """The fonts of all papers, so that each is loaded once."""
    for name in _FACES:
        _font(name)  # WeasyPrint would print with another font in silence
    text = "".join(
        f'@font-face {{ font-family: "{family}"; src: url("{_FONT_URL}{name}"); font-weight: {weight} }}'
        for name, (family, weight) in _FACES.items()
    )
    return CSS(string=text, base_url=SCHEME, url_fetcher=PaperFetcher(), font_config=_fonts())


@cache
def _fonts() -> FontConfiguration:
    return FontConfiguration()


@cache
def _font(name: str) -> bytes:
    """A font of the portal's pages, from the collected static files or from the front-end packages.

    Raises PaperUnavailable.
    """
    for static_path, package_path in settings.NODE_MODULES_FILES.items():
        if package_path.endswith(f"/{name}.woff2"):
            collected = Path(settings.STATIC_ROOT) / static_path
            source = collected if collected.exists() else settings.BASE_DIR / "node_modules" / package_path
            if source.exists():
                return source.read_bytes()
    raise PaperUnavailable(f"The font {name} is missing: install the front-end packages (make run does).")
