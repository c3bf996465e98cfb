"""Bytes become the text that was meant."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.letters.charsets import decoded

CZECH = "Žluťoučký kůň úpěl ďábelské ódy. Šárka žádá o vakcíny."
NAMES = [
    None,
    "",
    "utf-8",
    "us-ascii",
    "iso-8859-1",
    "iso-8859-2",
    "windows-1250",
    "x-unknown",
    "utf-7",
    "utf-16",
    "rot13",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("codec", ["utf-8", "cp1250", "iso8859_2"])
def test_czech_is_read_whatever_is_declared(name: str | None, codec: str) -> None:
    found = decoded(CZECH.encode(codec), name or "")
    # Two sets take each other's bytes; who declares the wrong one of them gets it.
    if (name, codec) not in {("windows-1250", "iso8859_2"), ("iso-8859-1", "iso8859_2"), ("iso-8859-1", "cp1250")}:
        assert found.text == CZECH


def test_a_guess_is_said_and_what_is_sure_is_not() -> None:
    assert decoded(CZECH.encode("cp1250"), "utf-8").was_guessed
    assert not decoded(CZECH.encode("cp1250"), "windows-1250").was_guessed
    assert not decoded(CZECH.encode(), "x-unknown").was_guessed


def test_lost_characters_are_said() -> None:
    assert decoded(CZECH.encode() + b"\xc5").has_losses
    assert not decoded(CZECH.encode()).has_losses


@settings(max_examples=60)
@given(st.binary(max_size=400), st.sampled_from([name or "" for name in NAMES]) | st.text(max_size=20))
def test_any_bytes_and_any_name_give_a_text(content: bytes, name: str) -> None:
    decoded(content, name)


def test_the_time_to_guess_does_not_grow_with_the_text() -> None:
    content = CZECH.encode("cp1250") * 100_000
    before = process_time()
    decoded(content)
    assert process_time() - before < 2
