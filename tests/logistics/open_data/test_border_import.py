"""Borders are taken over whole, made simple without gaps, or not at all."""

import json
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.core.management import CommandError, call_command

from crs.saved_files import UnreadableFile
from logistics.models import Outline, Region
from logistics.open_data import border_import
from logistics.open_data.border_import import BorderImport
from tests.open_data import FOLDER, needs_open_data

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 1)
Feature = dict[str, Any]


def strip(number: int) -> list[list[float]]:
    """A rectangle beside that of the next number, with small bends in the border that they share."""
    left, right = 12.1 + 0.45 * number, 12.1 + 0.45 * (number + 1)
    up = [[right + 0.001 * (step % 2), 48.8 + 0.1 * step] for step in range(1, 20)]
    down = [[left + 0.001 * (step % 2), 48.8 + 0.1 * step] for step in reversed(range(1, 20))]
    return [[left, 48.8], [right, 48.8], *up, [right, 50.8], [left, 50.8], *down, [left, 48.8]]


def features() -> list[Feature]:
    """The regions, side by side from west to east."""
    codes = Region.objects.values_list("code", flat=True)
    return [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {"type": "Polygon", "coordinates": [strip(number)]},
        }
        for number, code in enumerate(codes)
    ]


def imported(content: Any, **options: Any) -> BorderImport:
    data = content if isinstance(content, bytes) else json.dumps({"features": content}).encode()
    return border_import.import_borders(files={"kraje.json": data}, valid_on=DAY, **options)


def points(path: str) -> list[tuple[int, int]]:
    """The corners of a path of one ring."""
    start, _, steps = path.removeprefix("M").removesuffix("z").partition("l")
    x, y = map(int, start.replace("-", " -").split())
    found = [(x, y)]
    numbers = [int(number) for number in steps.replace("-", " -").split()]
    for across, down in zip(numbers[::2], numbers[1::2], strict=True):
        x, y = x + across, y + down
        found.append((x, y))
    return found


def test_outlines_are_simple_and_keep_one_line_between_neighbours() -> None:
    result = imported(features())
    assert (result.regions, result.districts, result.problems) == (14, 0, [])
    outlines = list(Outline.objects.order_by("left"))
    areas = [shapely.Polygon(points(one.path)) for one in outlines]
    assert shapely.coverage_is_valid(areas)
    assert all(len(points(one.path)) < 12 for one in outlines)
    assert {one.valid_on for one in outlines} == {DAY}
    for one, area in zip(outlines, areas, strict=True):
        assert area.contains(shapely.Point(one.label_x, one.label_y))
        assert shapely.box(one.left, one.top, one.right, one.bottom).contains(area)
    # A second run replaces what there is.
    imported(features())
    assert Outline.objects.count() == 14


def test_an_area_that_crosses_itself_or_leaves_a_sliver_is_mended() -> None:
    listed = features()
    ring = listed[3]["geometry"]["coordinates"][0]
    # A loop that stands on its head, and neighbours that do not quite meet.
    ring[10], ring[11] = ring[11], ring[10]
    for point in listed[5]["geometry"]["coordinates"][0]:
        point[0] += 0.0001
    assert imported(listed).problems == []
    areas = [shapely.Polygon(points(one.path)) for one in Outline.objects.order_by("left")]
    assert shapely.coverage_is_valid(areas)


def change(number: int, **changes: Any) -> Callable[[list[Feature]], None]:
    return lambda listed: listed[number].update(changes)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda listed: listed.pop(), "kraje.json, line 13: the region CZ080 is missing"),
        (
            change(1, properties={"code": "CZ010"}),
            "kraje.json, line 2: the area CZ010 stands there a second time",
        ),
        (change(1, properties=None), "line 2: its property “code” is no code of a region or district: “None”"),
        (change(1, properties={"code": {"a": 1}}), "line 2: its property “code” is no code"),
        (change(1, geometry=None), "line 2: its geometry is neither a Polygon nor a MultiPolygon"),
        (change(1, geometry={"type": "Polygon"}), "line 2: its geometry cannot be read"),
        (change(1, geometry={"type": "Polygon", "coordinates": [["a"]]}), "line 2: its geometry cannot be read"),
        (change(1, geometry={"type": "Polygon", "coordinates": []}), "line 2: its geometry has no area"),
        (
            change(1, geometry={"type": "Polygon", "coordinates": [[[14, 50], [15, 50], [14.5, 50], [14, 50]]]}),
            "line 2: its geometry has no area",
        ),
        # The system of Czech surveyors, and latitude first.
        (
            change(1, geometry={"type": "Polygon", "coordinates": [[[-7e5, -1e6], [-7e5, -9e5], [-6e5, -1e6]]]}),
            "line 2: it lies at -700000.00",
        ),
        (
            change(1, geometry={"type": "Polygon", "coordinates": [[[50, 14], [50, 15], [49, 15], [50, 14]]]}),
            "not degrees (WGS 84, longitude first)",
        ),
        (lambda listed: listed.append("x"), "line 15: its property “code”"),
    ],
)
def test_a_file_with_a_fault_is_reported_and_changes_nothing(
    spoil: Callable[[list[Feature]], None], problem: str
) -> None:
    listed = features()
    spoil(listed)
    result = imported(listed)
    assert problem in str(result.problems[0])
    assert not Outline.objects.exists()


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe", b"[]", b"{}", b'{"features": []}', b'{"features": 1}', b"[NaN]", b"[1e999]", b"[" * 200_000],
)
def test_what_is_no_geojson_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        imported(data)


def test_the_command_says_what_it_did_and_fails_with_the_problems(tmp_path: Path) -> None:
    file, output, problems = tmp_path / "kraje.geojson", StringIO(), StringIO()
    # As some programs save it, with a byte order mark.
    file.write_text(json.dumps({"features": features()}), encoding="utf-8-sig")
    call_command("import_borders", str(file), "--valid-on", "2026-11-01", "--dry-run", stdout=output)
    assert "outlines of regions" in output.getvalue()
    assert not Outline.objects.exists()
    call_command("import_borders", str(file), "--valid-on", "2026-11-01", stdout=output)
    assert {one.valid_on for one in Outline.objects.all()} == {DAY}
    # Regions and districts come in two files; none is written unless both are whole.
    halves = tmp_path / "west.geojson", tmp_path / "east.geojson"
    for half, listed in zip(halves, (features()[:6], features()[6:]), strict=True):
        half.write_text(json.dumps({"features": listed}))
    call_command("import_borders", *map(str, halves), "--valid-on", "2026-11-02", stdout=output)
    assert {one.valid_on for one in Outline.objects.all()} == {date(2026, 11, 2)}
    file.write_text(json.dumps({"features": features()[1:]}))
    with pytest.raises(CommandError, match="Nothing is written"):
        call_command("import_borders", str(file), stdout=output, stderr=problems)
    assert "the region CZ010 is missing" in problems.getvalue()
    assert Outline.objects.count() == 14


@needs_open_data
@pytest.mark.parametrize(("name", "areas", "longest"), [("regions", 14, 13_000), ("districts", 77, 23_000)])
def test_the_real_borders_make_a_small_map(name: str, areas: int, longest: int) -> None:
    result = imported((FOLDER / f"{name}.geojson").read_bytes())
    assert (result.regions + result.districts, result.problems) == (areas, [])
    assert result.characters < longest
