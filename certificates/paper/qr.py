"""The QR code of a certificate, as the EU wants it: alphanumeric, level Q, modules exactly square (DOMAIN 1.1)."""

import io

import qrcode
import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.util import MODE_ALPHA_NUM, QRData

# Modules of white that a reader needs around the code.
QUIET_MODULES = 4
# Any mask can be read as a rule; choosing the prettiest of all eight costs as much as a whole page.
_MASKS = (2, 0, 1, 3, 4, 5, 6, 7)
# Viewers that smooth a picture which they enlarge blur a part of a module then, not a whole one.
_PIXELS_OF_A_MODULE = 6


class CodeUnreadable(RuntimeError):
    """No mask makes a code that a reader reads as the text again."""


def png(text: str) -> bytes:
    """The code of the text of a certificate as PNG with the white around it that readers need, for a page.

    It must be shown with equal sides, not smoothed (`image-rendering: pixelated`), black on white in a dark page too;
    the caller says in the page's language what it is. The picture was read again: it says `text`. Raises
    CodeUnreadable; ValueError for a letter that it cannot hold, or more than 2,420 of them.
    """
    code = _checked(text)
    side = code.width + 2 * QUIET_MODULES
    framed = Image.new("L", (side, side), 255)
    framed.paste(code, (QUIET_MODULES, QUIET_MODULES))
    return _file(framed.resize((side * _PIXELS_OF_A_MODULE,) * 2, Image.Resampling.NEAREST), "PNG")


def modules(text: str) -> bytes:
    """The code as PBM, a pixel a module, without white around it: for a paper, which draws it as squares.

    Raises as `png`.
    """
    return _file(_checked(text), "PPM")


def _file(picture: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    picture.convert("1").save(file, format=kind)
    return file.getvalue()


def _checked(text: str) -> Image.Image:
    """The code at one pixel a module, in the first mask in which it is read as `text`."""
    for mask in _MASKS:
        code = _drawn(text, mask)
        if _read(code) == text:
            return code
    raise CodeUnreadable("No mask gives a code that can be read")


def _drawn(text: str, mask: int) -> Image.Image:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, mask_pattern=mask)
    # The mode is told, not guessed: a text with another letter in it is an error and not a larger code.
    code.add_data(QRData(text.encode(), mode=MODE_ALPHA_NUM))
    code.make(fit=True)
    modules = code.modules
    shades = bytes(0 if is_dark else 255 for row in modules for is_dark in row)
    return Image.frombytes("L", (len(modules), len(modules)), shades)


def _read(code: Image.Image) -> str:
    found = zxingcpp.read_barcodes(code, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode), is_pure=True)
    return found[0].text if found else ""
