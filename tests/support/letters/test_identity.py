"""A letter is known again, and no other is taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.letters.identity import identity, message_key
from tests.support.nasty_letters import LETTERS, PAIRS, Pair
from tests.support.nasty_letters.building import letter


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_letter_is_known_again_whichever_way_it_came(pair: Pair) -> None:
    assert (identity(pair.first) == identity(pair.second)) == pair.are_one


def test_no_two_nasty_letters_are_one() -> None:
    identities = {identity(nasty.raw) for nasty in LETTERS}
    # But nothing at all and nothing but line ends, and two whose fields differ in case only.
    assert len(identities) == len(LETTERS) - 2


@given(st.binary(max_size=500))
def test_any_bytes_have_an_identity(raw: bytes) -> None:
    assert len(identity(raw)) == 64


def test_a_long_letter_is_the_same_with_other_line_ends_wherever_its_pieces_end() -> None:
    body = "řádek\r\r\n".encode() * 400_000
    one = letter("long", body)
    other = b"Received: from somewhere else; and this is long enough to move all pieces\r\n" + one
    assert identity(one) == identity(other) == identity(one.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))


def test_a_message_id_is_found_whatever_its_case_and_brackets() -> None:
    assert message_key("<CRS.1@Localhost> ") == message_key("crs.1@localhost")
    assert message_key("<a@b>") != message_key("<a@c>")
    assert message_key("") == message_key(" <> ") == ""
