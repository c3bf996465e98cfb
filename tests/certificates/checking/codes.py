"""Codes to check: signed by us or by another state, and pictures of them."""

import io
import struct
import zlib
from datetime import date, datetime, timedelta
from typing import Any

import pikepdf
import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_Q

from certificates.hcert.payload import payload
from certificates.hcert.signing import Signed, signed
from certificates.keys import signers
from tests.certificates.hcert.signers import vaccination as second_dose
from tests.factories import NOW

UVCI = "URN:UVCI:01:CZ:ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
BORN = date(1950, 1, 31)


def vaccination(**fields: Any) -> dict[str, Any]:
    """The content of a certificate of Jana's second dose."""
    values: dict[str, Any] = {
        "last_name": "Nováková",
        "first_name": "Jana",
        "family_name_mrz": "NOVAKOVA",
        "given_name_mrz": "JANA",
        "birth_date": BORN,
        "given_on": date(2027, 1, 4),
        "uvci": UVCI,
    }
    return payload(second_dose(**(values | fields)))


def ours(content: dict[str, Any] | None = None, *, at: datetime = NOW, days: float = 100) -> Signed:
    """Signed by the key of ours that signs at that time."""
    content = content or vaccination()
    return signed(content, signer=signers.current(at), issued_at=at, expires_at=at + timedelta(days=days))


def picture(text: str, *, box: int = 4) -> Image.Image:
    """The QR code of a text in shades of grey."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, box_size=box)
    code.add_data(text)
    return code.make_image().get_image().convert("L")


def photograph(*codes: Image.Image, size: tuple[int, int] = (1600, 1200)) -> Image.Image:
    """The codes side by side on a grey table."""
    table = Image.new("L", size, 150)
    for number, code in enumerate(codes):
        table.paste(code, (50 + number * (code.width + 30), 80))
    return table


def file(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The picture as a file."""
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def locked(pdf: bytes, password: str) -> bytes:
    """The PDF as certificates go by e-mail."""
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        opened.save(written, encryption=pikepdf.Encryption(owner="of-nobody", user=password, R=6))
    return written.getvalue()


def bomb() -> bytes:
    """A PNG of 60,000 times 60,000 points: its header says so, and its kilobytes of data unfold to gigabytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 10_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
