"""The map of the report, as the template draws it: each area a link, told apart by a number and a shade.

Lengths are ready-made strings: a template would write them with the decimal comma of the language, which SVG does not
read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from logistics.models import Outline
from reservation.report.lines import Line

# Of the drawing. Letters are sized for it by the style sheet, so that they can be read on a telephone, too.
WIDTH = 1000
# A very narrow region does not become a tower.
HIGHEST = 900
MARGIN = 12
# The first free seats in 30 days per 100 people who wait at which each level begins; below the first level nothing is
# free.
LEVELS = (0, 10, 50, 100)


@dataclass(frozen=True)
class Shape:
    """An area: its border, where its number stands, what it says and where it leads."""

    path: str
    level: int
    x: str
    y: str
    line: Line
    query: str


@dataclass(frozen=True)
class AreaMap:
    """The drawing: `transform` brings the units of outlines to its own."""

    height: int
    transform: str
    shapes: list[Shape]
    valid_on: date
    width: int = WIDTH


def level(line: Line) -> int:
    """From 0, nothing is free in 30 days, to 4, as many seats as people who wait, or more."""
    if not line.free_30:
        return 0
    if not line.waiting:
        return len(LEVELS)
    per_hundred = 100 * line.free_30 / line.waiting
    return sum(per_hundred >= least for least in LEVELS)


def drawn(lines: Sequence[Line], outlines: Mapping[str, Outline], query_of: Callable[[Line], str]) -> AreaMap | None:
    """The map of areas with these outlines; None where the outline of one is missing: then there is the table."""
    if not lines or any(line.code not in outlines for line in lines):
        return None
    found = [outlines[line.code] for line in lines]
    left, top = min(one.left for one in found), min(one.top for one in found)
    across, down = max(one.right for one in found) - left, max(one.bottom for one in found) - top
    scale = min((WIDTH - 2 * MARGIN) / across, (HIGHEST - 2 * MARGIN) / down)
    # In the middle where the height decides.
    shift = (WIDTH - across * scale) / 2
    shapes = [
        Shape(
            path=one.path,
            level=level(line),
            x=_length((one.label_x - left) * scale + shift),
            y=_length((one.label_y - top) * scale + MARGIN),
            line=line,
            query=query_of(line),
        )
        for line, one in zip(lines, found, strict=True)
    ]
    return AreaMap(
        height=round(down * scale) + 2 * MARGIN,
        transform=f"translate({_length(shift - left * scale)} {_length(MARGIN - top * scale)}) scale({scale:.5f})",
        shapes=shapes,
        valid_on=min(one.valid_on for one in found),
    )


def _length(value: float) -> str:
    return f"{value:.1f}"
