"""The ministry's real files, where this machine has them."""

import csv
import gzip
import itertools
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.conf import settings

FOLDER: Path = settings.BASE_DIR.parent / "shared" / "open-data"

Test = TypeVar("Test", bound=Callable[..., None])


def needs_open_data(test: Test) -> Test:
    """Mark a test that reads them: it is skipped, with the reason printed, where they are absent."""
    is_absent = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the ministry's files are not in {FOLDER}")
    marked: Test = pytest.mark.open_data(is_absent(test))
    return marked


def rows(name: str) -> Iterator[dict[str, str]]:
    """A file's rows, read by other code than ours."""
    path = FOLDER / name
    with (
        gzip.open(path, "rt", encoding="utf-8-sig", newline="")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8-sig", newline="") as lines
    ):
        yield from csv.DictReader(lines)


def districts_at(latitude: float, longitude: float) -> set[str]:
    """The districts (LAU1 codes) whose simplified outline holds the place."""
    return {code for code, geometry in _outlines().items() if _holds(geometry, longitude, latitude)}


@cache
def _outlines() -> dict[str, dict[str, Any]]:
    features = json.loads((FOLDER / "districts.geojson").read_text(encoding="utf-8"))["features"]
    return {feature["properties"]["code"]: feature["geometry"] for feature in features}


def _holds(geometry: dict[str, Any], x: float, y: float) -> bool:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return any(
        _crossings(outline, x, y) % 2 == 1 and all(_crossings(hole, x, y) % 2 == 0 for hole in holes)
        for outline, *holes in polygons
    )


def _crossings(ring: list[list[float]], x: float, y: float) -> int:
    """How many times a ray eastwards from the place crosses the ring."""
    pairs = itertools.pairwise([*ring, ring[0]])
    return sum((y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1 for (x1, y1), (x2, y2) in pairs)
