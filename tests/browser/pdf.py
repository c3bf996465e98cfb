"""Opens our PDFs with independent readers: PDFium for the text, ZXing for the code."""

import pypdfium2
import zxingcpp

DOTS_PER_INCH = 200


def text_of(content: bytes) -> str:
    """The text of all pages, with single spaces."""
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_range() for page in document]
    return " ".join(" ".join(pages).split())


def codes_of(content: bytes) -> list[str]:
    """What the codes on the first page say, as a scanner at the door would read them from paper."""
    page = pypdfium2.PdfDocument(content)[0]
    picture = page.render(scale=DOTS_PER_INCH / 72).to_pil()
    return [code.text for code in zxingcpp.read_barcodes(picture)]
