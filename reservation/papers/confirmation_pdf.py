"""The confirmation on paper: one A4 page, tagged, readable for tired eyes, with a code for check-in."""

import io

import qrcode
from qrcode.constants import ERROR_CORRECT_Q

from crs.pdf import rendering
from crs.pdf.source import SCHEME
from reservation.papers.reservation_summary import Confirmation

_CODE = "code.pbm"
# Any of the eight masks can be read; choosing the prettiest costs 30 ms of every page.
_QR_MASK = 2


def confirmation_pdf(confirmation: Confirmation, *, language: str) -> bytes:
    """The confirmation of both doses as PDF/UA-1 on one page in `language`. Raises what `rendering.pdf` raises."""
    return rendering.pdf(
        "reservation/papers/pdf/confirmation.html",
        {"confirmation": confirmation, "code_url": f"{SCHEME}{_CODE}"},
        sheet="reservation/papers/pdf/confirmation.css",
        language=language,
        identifier=confirmation.reservation_id.bytes,
        pictures={_CODE: check_in_picture(confirmation.check_in_code)},
        denser={"is_dense": True},  # only the longest names need smaller letters
    )


def check_in_picture(code: str) -> bytes:
    """The QR of a check-in code as PBM, a pixel a module; it holds the code alone, no personal datum."""
    qr = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, box_size=1, border=4, mask_pattern=_QR_MASK)
    qr.add_data(code)
    qr.make(fit=True)
    picture = io.BytesIO()
    qr.make_image().save(picture, format="PPM")
    return picture.getvalue()
