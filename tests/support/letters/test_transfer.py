"""What is carried comes out, and as much as can be of what is broken."""

import base64
import quopri
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.letters.transfer import carried


@given(st.binary(max_size=400))
def test_whole_bytes_come_out_whole(content: bytes) -> None:
    assert carried(base64.encodebytes(content), b"base64") == (content, b"", False)
    assert (
        carried(quopri.encodestring(content, quotetabs=True), b" Quoted-Printable ").content.rstrip()
        == content.rstrip()
    )
    assert carried(content, b"") == carried(content, b"8BIT") == (content, b"", False)


@given(st.binary(max_size=300), st.sampled_from([b"base64", b"quoted-printable", b"x-uuencode", b"?", b""]))
def test_any_bytes_come_out(body: bytes, encoding: bytes) -> None:
    carried(body, encoding)


def test_pieces_with_their_own_padding_are_all_read() -> None:
    assert carried(b"YQ==\r\nYg==\r\nYw==", b"base64").content == b"abc"


def test_words_beside_base64_are_kept() -> None:
    found = carried(base64.encodebytes(b"x" * 90) + b"\r\nThis letter was checked.\r\n", b"base64")
    assert found == (b"x" * 90, b"This letter was checked.", True)


@pytest.mark.parametrize("piece", [b"a=", b"@\n", b"a a@\n", b"=", b"= ", b"begin \n"])
@pytest.mark.parametrize("encoding", [b"base64", b"quoted-printable", b"x-uuencode"])
def test_the_time_is_bounded(piece: bytes, encoding: bytes) -> None:
    body = b"begin 644 a\n" + piece * 2_000_000
    before = process_time()
    carried(body, encoding)
    assert process_time() - before < 3
