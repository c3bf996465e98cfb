"""The text of a QR code and the bytes behind it."""

import zlib
from urllib.parse import quote

import base45
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.hcert.refusals import Reason, Refusal
from certificates.hcert.text import LONGEST_CONTENT, LONGEST_TEXT, unfolded, written
from tests.certificates.hcert import signers

CONTENT = b"what a code holds, with spaces in it; some 60 bytes, it seems"


@given(st.binary(max_size=LONGEST_CONTENT // 2))
def test_a_content_comes_back_from_its_text(content: bytes) -> None:
    text = written(content)
    assert len(text) > LONGEST_TEXT or unfolded(text) == content


@given(st.binary())
def test_our_base45_is_the_librarys(content: bytes) -> None:
    assert written(content) == "HC1:" + base45.b45encode(zlib.compress(content, 9)).decode()


@pytest.mark.parametrize("unseen", ["\n", "\r\n", "\t", "\ufeff", "\u200b", "\u2028", "\x00", "\xad", "\u2069"])
def test_line_ends_and_invisible_characters_are_dropped_wherever_they_stand(unseen: str) -> None:
    text = written(CONTENT)
    assert unfolded(unseen + text + unseen) == CONTENT
    assert unfolded(unseen.join(text)) == CONTENT


def test_spaces_inside_are_letters_and_those_around_are_not() -> None:
    text = written(CONTENT)
    assert text.count(" ") > 1
    assert unfolded(f"  {text} \n ") == CONTENT
    for place in (place for place, letter in enumerate(text) if letter == " "):
        with pytest.raises(Refusal):
            unfolded(text[:place] + text[place + 1 :])


def test_no_text_ends_in_a_space() -> None:
    for data in [bytes([one]) for one in range(256)] + [bytes([one, 255]) for one in range(256)]:
        assert base45.b45encode(data)[-1:] <= b"W"


@pytest.mark.parametrize("space", ["\u00a0", "\u2009", "\u3000"])
def test_another_space_than_the_ordinary_one_is_read_as_that(space: str) -> None:
    assert unfolded(space + written(CONTENT).replace(" ", space) + space) == CONTENT


def test_a_text_may_be_as_long_as_the_largest_qr_code() -> None:
    assert LONGEST_TEXT > 4_296
    with pytest.raises(Refusal, match=Reason.TOO_LONG):
        unfolded("HC1:" + "0" * (LONGEST_TEXT - 3))
    with pytest.raises(Refusal, match=Reason.NOT_COMPRESSED):
        unfolded("HC1:" + "0" * (LONGEST_TEXT - 5))


@pytest.mark.parametrize("more", [b"\0", b"\0\0", zlib.compress(CONTENT)])
def test_bytes_after_the_compressed_content_are_refused(more: bytes) -> None:
    with pytest.raises(Refusal, match=Reason.NOT_COMPRESSED):
        unfolded(signers.packed(zlib.compress(CONTENT) + more))


@pytest.mark.parametrize("missing", [1, 4, 5, 20])
def test_a_content_that_breaks_off_is_refused(missing: int) -> None:
    with pytest.raises(Refusal, match=Reason.NOT_COMPRESSED):
        unfolded(signers.packed(zlib.compress(CONTENT)[:-missing]))


@pytest.mark.parametrize("wbits", [-15, 31])
def test_other_ways_to_compress_are_refused(wbits: int) -> None:
    stream = zlib.compressobj(wbits=wbits)
    with pytest.raises(Refusal, match=Reason.NOT_COMPRESSED):
        unfolded(signers.packed(stream.compress(CONTENT) + stream.flush()))


@pytest.mark.parametrize("level", range(10))
def test_every_level_of_compression_is_read(level: int) -> None:
    assert unfolded(signers.packed(zlib.compress(CONTENT, level))) == CONTENT


def test_bits_that_mean_nothing_must_not_be_set() -> None:
    refused = 0
    for number in range(16):
        content = CONTENT[number:]
        data = zlib.compress(content)
        for bit in range(8):
            changed = bytearray(data)
            changed[-5] |= 1 << bit
            if bytes(changed) != data:
                refused += zlib.decompress(changed) == content if _is_sound(bytes(changed)) else 0
                with pytest.raises(Refusal, match=Reason.NOT_COMPRESSED):
                    unfolded(signers.packed(bytes(changed)))
    assert refused > 10


def _is_sound(data: bytes) -> bool:
    try:
        zlib.decompress(data)
    except zlib.error:
        return False
    return True


@pytest.mark.parametrize("around", ["„{}“", '"{}"', " '{}' ", "«{}»", "<{}>", "> {}", ">> {}", "> > {}\n"])
def test_what_a_mail_puts_around_a_text_does_no_harm(around: str) -> None:
    assert unfolded(around.format(written(CONTENT))) == CONTENT


def test_a_text_in_lines_of_a_quoted_mail_is_read() -> None:
    text = written(CONTENT)
    assert unfolded("\n".join(f"> {text[at : at + 20]}" for at in range(0, len(text), 20))) == CONTENT


def test_the_prefix_may_be_small_and_all_may_be_written_as_in_an_address() -> None:
    text = written(CONTENT)
    assert unfolded("hc1:" + text[4:]) == CONTENT
    assert unfolded(quote(text, safe="")) == CONTENT
    with pytest.raises(Refusal):  # three letters of base45 each
        unfolded(text.replace(" ", "%20"))
