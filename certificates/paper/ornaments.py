"""What makes the paper look official: the stars of the Union and a rosette of our own; no coat of arms is copied."""

from functools import cache
from math import cos, pi, sin, tan

_BLUE, _GOLD = "#039", "#fc0"
_LINE = "#2362a2"
_CIRCLES = 48


@cache
def flag() -> bytes:
    """The flag of the Union as SVG: twelve upright stars on a circle (radius a third, a star an eighteenth)."""
    stars = "".join(_star(27 + 12 * sin(pi * hour / 6), 18 - 12 * cos(pi * hour / 6)) for hour in range(12))
    drawn = f'<path fill="{_BLUE}" d="M0 0h54v36H0z"/><path fill="{_GOLD}" d="{stars}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 54 36">{drawn}</svg>'.encode()


def _star(x: float, y: float) -> str:
    # Every other corner of a star lies within, at this share of its radius.
    inner = cos(0.4 * pi) / cos(0.2 * pi)
    points = []
    for number in range(10):
        radius, angle = (2.0, 2.0 * inner)[number % 2], pi * number / 5
        points.append(f"{x + radius * sin(angle):.2f} {y - radius * cos(angle):.2f}")
    return f"M{'L'.join(points)}z"


@cache
def rosette() -> bytes:
    """A rosette of fine circles as SVG, as papers of offices have it, around a white cross."""
    turns = [2 * pi * number / _CIRCLES for number in range(_CIRCLES)]
    circles = "".join(_circle(32 * cos(turn), 32 * sin(turn)) for turn in turns)
    drawn = f'<path fill="none" stroke="{_LINE}" stroke-width=".2" d="{circles}"/>'
    square = f'<path fill="{_LINE}" d="M-9-9H9V9H-9z"/>'
    cross = '<path fill="#fff" d="M-1.8-6h3.6v4.2H6v3.6H1.8V6h-3.6V1.8H-6v-3.6h4.2z"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-50 -50 100 100">{drawn}{square}{cross}</svg>'.encode()


def _circle(x: float, y: float) -> str:
    """A circle as four curves: the fewest numbers, for reading them is most of what a rosette costs on each page."""
    r = 17.0
    k = r * 4 / 3 * tan(pi / 8)
    rest = r - k
    curves = f"{rest:.1f} {r:.1f} {r:.1f} {r:.1f}s{r:.1f}-{rest:.1f} {r:.1f}-{r:.1f}-{rest:.1f}-{r:.1f}-{r:.1f}-{r:.1f}"
    return f"M{x - r:.1f} {y:.1f}c0 {k:.1f} {curves}-{r:.1f} {rest:.1f}-{r:.1f} {r:.1f}z"
