"""The confirmation on paper: one A4 page, tagged, readable for tired eyes, with a code for check-in.

What is the same for everybody (fonts, parsed CSS) is prepared once per process: it is most of the
work of a page (docs/adr/0007-paper.md).
"""

import io
from functools import cache
from pathlib import Path

import qrcode
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from qrcode.constants import ERROR_CORRECT_Q
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from reservation.visits import Confirmation

# Everything the paper may load, and nothing else: `paper:font/NAME` and the picture of the code.
_SCHEME = "paper:"
_CODE_URL = f"{_SCHEME}code.png"
_FONT_URL = f"{_SCHEME}font/"
_FONTS = ("roboto-regular", "roboto-regular-ext", "roboto-bold", "roboto-bold-ext")
# Any of the eight masks can be read; choosing the prettiest costs 30 ms of every page.
_QR_MASK = 2


class PaperUnavailable(RuntimeError):
    """A file that every paper needs (a font) is missing: the installation is not complete."""


class _PaperFetcher(URLFetcher):  # type: ignore[misc]
    """Serves the fonts and the code of one document; refuses every other address, above all the network."""

    def __init__(self, code: bytes = b"") -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self._code = code

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The bytes behind an address of ours. Raises ValueError for any other."""
        if url == _CODE_URL:
            return URLFetcherResponse(url, self._code, {"Content-Type": "image/png"})
        name = url.removeprefix(_FONT_URL)
        if name in _FONTS:
            return URLFetcherResponse(url, _font(name), {"Content-Type": "font/woff2"})
        raise ValueError(f"A document may not load {url}")


def confirmation_pdf(confirmation: Confirmation, *, language: str) -> bytes:
    """The confirmation of both doses as PDF/UA-1 on one page in `language`."""
    css, fonts = _style()
    fetcher = _PaperFetcher(check_in_picture(confirmation.check_in_code))
    options = {"stylesheets": [css], "pdf_variant": "pdf/ua-1", "pdf_identifier": confirmation.reservation_id.bytes}
    for is_dense in (False, True):
        html = _html(confirmation, language=language, is_dense=is_dense)
        document = HTML(string=html, base_url=_SCHEME, url_fetcher=fetcher).render(font_config=fonts, **options)
        if len(document.pages) == 1:
            break  # nearly always: only the longest names need smaller letters
    return bytes(document.write_pdf(**options))


def _html(confirmation: Confirmation, *, language: str, is_dense: bool) -> str:
    context = {"confirmation": confirmation, "language": language, "code_url": _CODE_URL, "is_dense": is_dense}
    with translation.override(language):
        return render_to_string("reservation/documents/confirmation.html", context)


def check_in_picture(code: str) -> bytes:
    """The QR of a check-in code as PNG; it holds the code alone, no personal datum."""
    qr = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, box_size=8, border=4, mask_pattern=_QR_MASK)
    qr.add_data(code)
    qr.make(fit=True)
    picture = io.BytesIO()
    qr.make_image().save(picture, format="PNG")
    return picture.getvalue()


@cache
def _style() -> tuple[CSS, FontConfiguration]:
    for name in _FONTS:
        _font(name)  # WeasyPrint would print with another font in silence
    fonts = FontConfiguration()
    text = (settings.BASE_DIR / "templates/reservation/documents/confirmation.css").read_text()
    return CSS(string=text, base_url=_SCHEME, url_fetcher=_PaperFetcher(), font_config=fonts), fonts


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
