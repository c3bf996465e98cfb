"""Heads are parted into fields, and their values decoded."""

from hypothesis import given
from hypothesis import strategies as st

from support.letters import headers


def test_a_lone_cr_begins_no_field() -> None:
    raw = b"Subject: a\rBcc: x@example.cz\r\n\r\ntext"
    head = headers.split(raw, 0, len(raw))
    assert [name for name, _value in head.fields] == ["subject"]
    assert raw[head.body :] == b"text"


def test_a_line_that_is_no_field_begins_the_text_unless_fields_go_on_below_it() -> None:
    raw = b"Subject: a\nThis is text\nand more\n"
    head = headers.split(raw, 0, len(raw))
    assert raw[head.body :] == b"This is text\nand more\n"
    raw = b"Subject: a\nfolded without a blank\nFrom: a@example.cz\n\ntext"
    head = headers.split(raw, 0, len(raw))
    assert head.is_damaged
    assert [headers.text_of(value) for _name, value in head.fields] == ["a folded without a blank", "a@example.cz"]


def test_what_is_beyond_the_bounds_of_a_head_is_text() -> None:
    raw = b"X: 1\n" * 6000 + b"\ntext"
    head = headers.split(raw, 0, len(raw))
    assert len(head.fields) == headers.MOST_FIELDS
    assert raw[head.body :].startswith(b"X: 1\n")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60), st.integers(1, 9))
def test_words_split_anywhere_are_joined(text: str, size: int) -> None:
    encoded = text.encode()
    pieces = [encoded[at : at + size] for at in range(0, len(encoded), size)]
    words = " ".join("=?utf-8?Q?" + "".join(f"={byte:02X}" for byte in piece) + "?=" for piece in pieces)
    assert headers.words(words) == text.removeprefix("\ufeff")


@given(st.binary(max_size=300))
def test_any_value_has_a_text(value: bytes) -> None:
    assert "\r" not in headers.text_of(value)
