"""The QR code of a certificate: what the EU asks of it, and that it is read again before anybody gets it."""

import io
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from certificates.paper import qr

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
TEXT = "HC1:" + (LETTERS * 14)[:600]


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def test_the_code_is_alphanumeric_at_level_q_and_says_the_text_with_its_spaces() -> None:
    (code,) = zxingcpp.read_barcodes(opened(qr.png(TEXT)))
    assert code.text == TEXT
    assert code.ec_level == "Q"
    # DOMAIN 1.1: 589 to 616 characters are version 19, 93 modules; in byte mode they would be 25.
    assert opened(qr.modules(TEXT)).size == (93, 93)


def test_modules_are_square_and_the_border_is_white() -> None:
    picture, modules = opened(qr.png(TEXT)).convert("L"), opened(qr.modules(TEXT)).convert("L")
    expected = Image.new("L", (101, 101), 255)
    expected.paste(modules, (4, 4))
    assert picture.tobytes() == expected.resize((606, 606), Image.Resampling.NEAREST).tobytes()


def test_equal_texts_give_equal_bytes() -> None:
    assert qr.png(TEXT) == qr.png(TEXT)


def test_a_mask_that_cannot_be_read_gives_way_to_the_next(monkeypatch: Any) -> None:
    fixed = qr.png(TEXT)
    drawn, tried = qr._drawn, []

    def spoilt(text: str, mask: int) -> Image.Image:
        tried.append(mask)
        return Image.new("L", (93, 93), 255) if len(tried) == 1 else drawn(text, mask)

    monkeypatch.setattr(qr, "_drawn", spoilt)
    other = qr.png(TEXT)
    assert other != fixed
    assert zxingcpp.read_barcodes(opened(other))[0].text == TEXT
    assert len(tried) == 2


def test_a_code_that_no_mask_makes_readable_is_an_error(monkeypatch: Any) -> None:
    monkeypatch.setattr(qr, "_drawn", lambda text, mask: Image.new("L", (93, 93), 255))
    with pytest.raises(qr.CodeUnreadable):
        qr.png(TEXT)


def test_other_letters_and_too_many_are_an_error_and_not_a_larger_code() -> None:
    with pytest.raises(ValueError, match="can not be represented"):
        qr.png("HC1:abc")
    with pytest.raises(ValueError, match="Invalid version"):
        qr.png("A" * 2421)
    assert zxingcpp.read_barcodes(opened(qr.png("A" * 2420)))[0].text == "A" * 2420
