"""Parts are found in a letter without recursion and without copies."""

from time import process_time

import pytest

from support.letters.structure import DEEPEST, MOST_PARTS, leaves, structure
from tests.support.nasty_letters.building import group, part, parts


def _types(raw: bytes) -> list[str]:
    return [leaf.type for leaf in leaves(structure(raw))]


def test_the_parts_are_found_in_their_order() -> None:
    inner = group("alternative", "=_a", part("a", "text/plain"), part("b", "text/html"))
    assert _types(parts("x", inner, part("c", "application/pdf"))) == ["text/plain", "text/html", "application/pdf"]


def test_a_body_ends_before_the_line_end_of_its_boundary() -> None:
    (leaf,) = leaves(structure(parts("x", part("a\r\n"))))
    assert leaf.content.content == b"a\r\n"


def test_the_layers_and_the_parts_have_an_end() -> None:
    inner = part("x")
    for level in range(DEEPEST + 5):
        inner = group("mixed", f"b{level}", inner)
    assert [leaf.is_too_deep for leaf in leaves(structure(parts("x", inner)))] == [True]
    found = [*leaves(structure(parts("x", *[part("x")] * (MOST_PARTS + 50))))]
    assert found[-1].is_rest
    assert len(found) == MOST_PARTS
    assert found[-1].as_it_came.count(b"--=_outer\r\n") == 50


@pytest.mark.parametrize("line", [b"--b\r\n", b"--bb\r\n", b"-", b"\n", b"\n--b", b"\r"])
def test_the_time_is_bounded(line: bytes) -> None:
    raw = parts("x", Content_Type="multipart/mixed; boundary=b") + line * 1_000_000
    before = process_time()
    structure(raw)
    assert process_time() - before < 2
