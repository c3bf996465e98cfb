"""People are found in fields."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.letters.addresses import addresses
from support.letters.parts import Address


@pytest.mark.parametrize(
    ("field", "people"),
    [
        ("jan@Example.CZ", [("", "jan@example.cz")]),
        ("Jan Novák <jan@example.cz>", [("Jan Novák", "jan@example.cz")]),
        ('"Novák, Jan" <jan@example.cz>, petr@example.cz', [("Novák, Jan", "jan@example.cz"), ("", "petr@example.cz")]),
        (
            "Novák, Jan <jan@example.cz>, Petr <p@example.cz>",
            [("Novák, Jan", "jan@example.cz"), ("Petr", "p@example.cz")],
        ),
        ("=?utf-8?Q?Nov=C3=A1k=2C_Jan?= <jan@example.cz>", [("Novák, Jan", "jan@example.cz")]),
        ("=?utf-8?Q?Nov=C3=A1k,_Jan?= <jan@example.cz>", [("Novák, Jan", "jan@example.cz")]),
        ("jan@example.cz (Jan Novák)", [("Jan Novák", "jan@example.cz")]),
        ("jan@example.cz <jan@example.cz>", [("", "jan@example.cz")]),
        ("'jan@example.cz' <jan@example.cz>", [("", "jan@example.cz")]),
        ('"jan novak"@example.cz', [("", '"jan novak"@example.cz')]),
        ("Tým: jan@example.cz, petr@example.cz;", [("", "jan@example.cz"), ("", "petr@example.cz")]),
        ("undisclosed-recipients:;", []),
        ("Jan <spatne>, Petr <p@example.cz>", [("Jan", ""), ("Petr", "p@example.cz")]),
        ("jan@example.cz; petr@example.cz", [("", "jan@example.cz"), ("", "petr@example.cz")]),
        ("<mailto:jan@example.cz>", [("", "jan@example.cz")]),
        ("Jan\u202e <jan@\u200bexample.cz>", [("Jan", "jan@example.cz")]),
        ("<=?utf-8?Q?a=40b.cz?=@example.cz>", [("", "=?utf-8?Q?a=40b.cz?=@example.cz")]),
        ("jan@", [("jan@", "")]),
        ("", []),
    ],
)
def test_people_are_found(field: str, people: list[tuple[str, str]]) -> None:
    assert addresses(field.encode()) == tuple(Address(*one) for one in people)


@given(st.text(max_size=200))
def test_any_field_is_read_and_every_address_has_both_its_halves(field: str) -> None:
    for one in addresses(field.encode("utf-8", "surrogatepass")):
        assert one.address == "" or all(one.address.rpartition("@"))


@pytest.mark.parametrize("piece", ['"\\\\', "(", "<", "a,", "=?a?q?", "a@", '"@', ",", "a@b ", "a" * 99 + ","])
def test_a_field_of_one_thing_again_and_again_takes_no_time(piece: str) -> None:
    before = process_time()
    addresses((piece * 200_000).encode())
    assert process_time() - before < 2
