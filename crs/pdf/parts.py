"""A long list is printed in parts: other papers wait meanwhile, and PAPER_SECONDS end one that takes too long."""

from typing import NamedTuple


class Part(NamedTuple):
    """The lines of one file, by their numbers in the list."""

    number: int
    first: int
    last: int


def parts(count: int, *, size: int) -> list[Part]:
    """The files in which a list of `count` lines is printed, `size` in each; one for an empty list."""
    firsts = range(0, max(1, count), size)
    return [Part(number, first + 1, min(first + size, count)) for number, first in enumerate(firsts, start=1)]


def part_or_none(found: list[Part], text: str) -> Part | None:
    """The part whose number an address or a form names."""
    return {str(part.number): part for part in found}.get(text)
