"""The source of a paper: the process that sets it is told this, and reads nothing else but the files of the fonts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Everything a paper may load, and nothing else: `paper:font/NUMBER`, and `paper:NAME` of its own pictures.
SCHEME = "paper:"


@dataclass(frozen=True)
class Face:
    """A font: one file with letters of one weight, under a family name that no other file of that weight has."""

    family: str
    weight: int
    path: Path


@dataclass(frozen=True)
class Printing:
    """What a viewer proposes to somebody who prints the paper: its size as it is, on one side of each sheet or both."""

    is_scaled: bool = True
    is_one_sided: bool = False


@dataclass(frozen=True)
class Source:
    """All that a paper is made of.

    `versions` are HTML texts: the first one that takes one page is printed, or else the last one. Each letter is
    printed in the first of the `faces` that has it. `sheet` is the text of the style sheet.
    """

    versions: tuple[str, ...]
    sheet: str
    faces: tuple[Face, ...]
    identifier: bytes
    pictures: Mapping[str, bytes]
    printing: Printing = Printing()
