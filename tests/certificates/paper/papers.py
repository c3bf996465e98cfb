"""Certificates to be printed, really signed, and ways to look at their papers as a scanner or a copier does."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pypdfium2
import zxingcpp
from PIL import Image, ImageFilter

from certificates.hcert.payload import payload
from certificates.hcert.signing import signed
from certificates.keys import signers
from certificates.models import Certificate, SigningKey
from registration.people.latin_name import machine_readable
from tests.certificates.hcert.signers import vaccination as second_dose
from tests.factories import NOW, make_signing_key

EAN = "2100000000012"
UVCI = "URN:UVCI:01:CZ:ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
ISSUER = "Ministry of Health of the Czech Republic"
WORDS = second_dose(
    last_name="Dvořáková",
    first_name="Marie",
    family_name_mrz="DVORAKOVA",
    given_name_mrz="MARIE",
    birth_date=date(1938, 5, 12),
    issuer=ISSUER,
    uvci=UVCI,
)


def named(last_name: str, first_name: str = "", *, spelled: tuple[str, str] | None = None, **said: Any) -> Certificate:
    """A certificate of somebody; `spelled` is the name in the travel document where it is not in Latin letters."""
    family, given = spelled or (machine_readable(last_name), machine_readable(first_name))
    names: dict[str, Any] = {"last_name": last_name, "first_name": first_name}
    return certificate(**names, family_name_mrz=family, given_name_mrz=given, **said)


def certificate(
    *, expires_at: datetime = NOW + timedelta(days=365), columns: dict[str, Any] | None = None, **said: Any
) -> Certificate:
    """A certificate that says `WORDS` with what is `said` instead, not saved, signed by a key of ours."""
    words = replace(WORDS, **said)
    key = SigningKey.objects.signing(NOW).first() or make_signing_key()
    written = signed(payload(words), signer=signers.current(NOW), issued_at=NOW, expires_at=expires_at)
    values: dict[str, Any] = {
        "id": UUID(int=7),
        "text": written.text,
        "ean": EAN,
        "uvci": words.uvci,
        "signer": key.signer,
        "issued_at": NOW,
        "expires_at": written.expires_at,
    }
    return Certificate(**(values | (columns or {})))


def page_of(pdf: bytes, *, dots_per_inch: float = 150, page: int = 0) -> Image.Image:
    """A page as a grey picture."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[page].render(scale=dots_per_inch / 72).to_pil().convert("L")
    finally:
        document.close()


def codes_on(picture: Image.Image) -> dict[str, str]:
    """What a scanner reads, by kind of code."""
    found = zxingcpp.read_barcodes(picture)
    return {code.format.name: code.text for code in found}


def blurred(picture: Image.Image) -> Image.Image:
    """Out of focus."""
    return picture.filter(ImageFilter.GaussianBlur(1))


def turned(picture: Image.Image) -> Image.Image:
    """Held askew by seven degrees."""
    return picture.rotate(7, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def copied(picture: Image.Image, share: float, *, seed: int = 1) -> Image.Image:
    """From a copier that makes it smaller: black and white with specks, then blurred a little by the scanner."""
    size = (round(picture.width * share), round(picture.height * share))
    small = picture.resize(size, Image.Resampling.BICUBIC).point(lambda shade: 255 if shade > 128 else 0)
    chance = random.Random(seed)
    pixels = small.load()
    assert pixels is not None
    for _ in range(small.width * small.height // 500):
        pixels[chance.randrange(small.width), chance.randrange(small.height)] = chance.choice((0, 255))
    return small.filter(ImageFilter.GaussianBlur(0.5))
