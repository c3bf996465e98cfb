"""Reads the codes on our PDFs with an independent reader, ZXing."""

import pypdfium2
import zxingcpp
from PIL import Image

DOTS_PER_INCH = 200


def codes_of(content: bytes, *, password: str | None = None) -> list[str]:
    """What the codes on the first page say, as a scanner at the door would read them from paper."""
    return [code.text for code in zxingcpp.read_barcodes(_picture(content, password))]


def square_code_of(content: bytes, *, password: str | None = None) -> Image.Image:
    """The QR code as it is printed on the first page, with the white around it."""
    page = _picture(content, password)
    (code,) = (one for one in zxingcpp.read_barcodes(page) if one.format == zxingcpp.BarcodeFormat.QRCode)
    first, last = code.position.top_left, code.position.bottom_right
    edge = (last.x - first.x) // 12
    return page.crop((first.x - edge, first.y - edge, last.x + edge, last.y + edge)).convert("L")


def _picture(content: bytes, password: str | None) -> Image.Image:
    page = pypdfium2.PdfDocument(content, password=password)[0]
    return page.render(scale=DOTS_PER_INCH / 72).to_pil()
