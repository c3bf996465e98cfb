"""What a person wrote, and what their mail program quoted below it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Folded:
    """A text in two: one after the other, they are all of it."""

    own: str
    quoted: str


def fold(text: str) -> Folded:
    """The text, parted where the quoted letters begin."""
    return Folded(text, "")
