"""What makes the paper look official: the stars of the Union and a rosette of our own; no coat of arms is copied."""

from functools import cache
from math import cos, pi, sin

_BLUE, _GOLD = "#039", "#fc0"
_LINE = "#2362a2"
_SWINGS, _POINTS = 16, 192


@cache
def flag() -> bytes:
    """The flag of the Union as SVG: twelve upright stars on a circle (radius a third, a star an eighteenth)."""
    stars = "".join(_star(27 + 12 * sin(pi * hour / 6), 18 - 12 * cos(pi * hour / 6)) for hour in range(12))
    drawn = f'<path fill="{_BLUE}" d="M0 0h54v36H0z"/><path fill="{_GOLD}" d="{stars}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 54 36">{drawn}</svg>'.encode()


def _star(x: float, y: float) -> str:
    # Every other point of a pentagram lies within, at this share of the radius.
    inner = 2 * cos(0.4 * pi) / (1 + 5**0.5) * 2
    points = []
    for number in range(10):
        radius, angle = (2.0, 2.0 * inner)[number % 2], pi * number / 5
        points.append(f"{x + radius * sin(angle):.2f} {y - radius * cos(angle):.2f}")
    return f"M{'L'.join(points)}z"


@cache
def rosette() -> bytes:
    """A rosette of fine lines as SVG, as papers of offices have it, around a white cross."""
    waves = "".join(_wave(radius, height, phase) for radius, height in ((36, 12), (25, 6)) for phase in range(4))
    drawn = f'<path fill="none" stroke="{_LINE}" stroke-width=".22" d="{waves}"/>'
    cross = f'<path fill="{_LINE}" d="M-11-11h22v22h-22z"/><path fill="#fff" d="M-2-7h4v5h5v4h-5v5h-4v-5h-5v-4h5z"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-50 -50 100 100">{drawn}{cross}</svg>'.encode()


def _wave(radius: float, height: float, phase: int) -> str:
    """A closed line that swings sixteen times around a circle, a quarter of a swing further for each phase."""
    points = []
    for number in range(_POINTS):
        angle = 2 * pi * number / _POINTS
        distance = radius + height * cos(_SWINGS * angle + phase * pi / 2)
        points.append(f"{distance * cos(angle):.1f} {distance * sin(angle):.1f}")
    return f"M{'L'.join(points)}z"
