"""The process that looks for the code in a file that somebody sent: it knows neither Django, nor the database, nor us.

Pictures and PDFs of strangers are opened by libraries in C, which are not safe in threads and have had their holes. So
they are opened here, and `certificates.checking.reading`, which asks, ends this process when it is late. Whoever gets
code of their own to run here finds no environment of ours, can open no file, no socket and no other process, and has a
cap on memory (confinement.py). What remains: the answer may lie, and files that come later may be read along
(docs/adr/0029-checking-certificates.md).
"""

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import zxingcpp
from PIL import Image, UnidentifiedImageError
from pypdfium2.raw import FPDF_ERR_PASSWORD

from certificates.checking.confinement import confine
from certificates.checking.found import Found, Trouble
from crs import own_process

PREFIX = "HC1:"
BYTES_OF_MEMORY = 640 * 1024 * 1024
PICTURES = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
# A JPEG is made smaller while it is read, the others are held whole.
MOST_PIXELS = {"JPEG": 220_000_000, "MPO": 220_000_000}
MOST_PIXELS_OF_OTHERS = 40_000_000
# Sides on which a code is looked for: enough for one that fills a fifth of a photograph, then all there is.
SIDES = (1800, 3600)
PAGES = 5
DOTS_PER_INCH = 200
# Of a page, which a PDF may call as large as it likes.
LONGEST_SIDE_OF_PAGE = 3000
FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Aztec])
# Brands of files of the HEIF family, which iPhones make.
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif")


def serve() -> None:
    """Answer each file; `certificates.checking.reading` writes the questions."""
    # If the machine runs out of memory, this process goes first, and not the one that serves everybody.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    Image.MAX_IMAGE_PIXELS = None  # `_look_in_picture` has limits by format
    _load()
    confine(bytes_of_memory=BYTES_OF_MEMORY)
    own_process.serve(_answer)


def _answer(question: bytes) -> bytes:
    head, _, content = question.partition(b"\n")
    return json.dumps(look(content, password=json.loads(head)["password"]).__dict__).encode()


def look(content: bytes, *, password: str = "") -> Found:
    """The text of the certificate's code in a picture or a PDF, or why there is none."""
    try:
        found = _look_in_picture(content)
        # The mark of a PDF may stand anywhere in its first kB, so also in the remarks of a picture.
        is_pdf = found.trouble == Trouble.UNKNOWN_FORMAT and b"%PDF-" in content[:1024]
        return _look_in_pdf(content, password) if is_pdf else found
    except (MemoryError, Image.DecompressionBombError):
        return Found(trouble=Trouble.TOO_LARGE)
    except Exception:
        # Pillow and PDFium raise whatever a broken file brings about. What it says stays here: it may quote the file.
        return Found(trouble=Trouble.BROKEN)


def _look_in_picture(content: bytes) -> Found:
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        return Found(trouble=Trouble.HEIC)
    try:
        picture = Image.open(io.BytesIO(content), formats=PICTURES)
    except UnidentifiedImageError:
        return Found(trouble=Trouble.UNKNOWN_FORMAT)
    if picture.width * picture.height > MOST_PIXELS.get(picture.format or "", MOST_PIXELS_OF_OTHERS):
        return Found(trouble=Trouble.TOO_LARGE)
    picture.draft("L", (SIDES[-1], SIDES[-1]))
    return _found(_codes(_grey(picture)))


def _look_in_pdf(content: bytes, password: str) -> Found:
    try:
        document = pypdfium2.PdfDocument(content, password=password or None)
    except pypdfium2.PdfiumError as error:
        if error.err_code != FPDF_ERR_PASSWORD:
            return Found(trouble=Trouble.BROKEN)
        # Ours are small letters and digits: a telephone may have begun with a capital, and a hand have put spaces.
        if (ours := "".join(password.split()).lower()) != password:
            return _look_in_pdf(content, ours)
        return Found(trouble=Trouble.WRONG_PASSWORD if password else Trouble.NEEDS_PASSWORD)
    found = Found(trouble=Trouble.NO_CODE)
    with contextlib.closing(document):
        for number in range(min(len(document), PAGES)):
            found = _found(_codes(_drawn(document[number])))
            if found.trouble != Trouble.NO_CODE:
                return Found(found.text, found.trouble, page=number + 1, pages=len(document))
    return found


def _drawn(page: pypdfium2.PdfPage) -> Image.Image:
    scale = min(DOTS_PER_INCH / 72, LONGEST_SIDE_OF_PAGE / max(page.get_size()))
    return page.render(scale=scale, grayscale=True).to_pil().convert("L")


def _grey(picture: Image.Image) -> Image.Image:
    """The picture in shades of grey, on white where it is transparent, and no larger than the larger side."""
    picture.thumbnail((SIDES[-1], SIDES[-1]), Image.Resampling.BOX)
    if "A" in picture.getbands() or "transparency" in picture.info:
        coloured = picture.convert("RGBA")
        picture = Image.new("RGBA", coloured.size, "white")
        picture.alpha_composite(coloured)
    return picture.convert("L")


def _codes(picture: Image.Image) -> Iterator[str]:
    """The texts of all codes of the first size at which there is one of a certificate; else of the last."""
    texts: list[str] = []
    for side in SIDES:
        smaller = picture
        if max(picture.size) > side:
            smaller = picture.copy()
            smaller.thumbnail((side, side), Image.Resampling.BOX)
        texts = [code.text for code in zxingcpp.read_barcodes(smaller, formats=FORMATS)]
        if any(text.startswith(PREFIX) for text in texts) or smaller is picture:
            break
    yield from texts


def _found(texts: Iterator[str]) -> Found:
    all_of_them = list(dict.fromkeys(texts))
    certificates = [text for text in all_of_them if text.startswith(PREFIX)]
    if len(certificates) == 1:
        return Found(certificates[0])
    if certificates:
        return Found(trouble=Trouble.SEVERAL)
    return Found(trouble=Trouble.ANOTHER_CODE if all_of_them else Trouble.NO_CODE)


def _load() -> None:
    """Load what the libraries load when they first need it: later no file can be opened."""
    Image.init()  # what pictures hold within: other pictures, remarks
    for kind in PICTURES:
        written = io.BytesIO()
        Image.new("RGB", (32, 32)).save(written, kind)
        look(written.getvalue())
    document = pypdfium2.PdfDocument.new()
    _drawn(document.new_page(72, 72))
    document.close()
