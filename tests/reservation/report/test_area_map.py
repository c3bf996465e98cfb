"""The map tells areas apart by a level, and is left out rather than drawn with holes."""

from datetime import date

import pytest

from logistics.models import Outline
from reservation.report import area_map
from reservation.report.lines import Line


@pytest.mark.parametrize(
    ("free", "waiting", "level"),
    [(0, 0, 0), (0, 9, 0), (1, 0, 4), (9, 100, 1), (10, 100, 2), (49, 100, 2), (50, 100, 3), (99, 100, 3), (5, 5, 4)],
)
def test_the_level_is_of_free_seats_for_those_who_wait(free: int, waiting: int, level: int) -> None:
    assert area_map.level(Line("CZ010", "Praha", free_30=free, waiting=waiting)) == level


def outline(code: str, left: int, right: int, bottom: int) -> Outline:
    place = {"left": left, "top": 10, "right": right, "bottom": bottom, "label_x": left, "label_y": 10}
    return Outline(region_id=code, path="", valid_on=date(2026, 11, 1), **place)


def test_the_drawing_is_as_wide_as_the_page_and_never_a_tower() -> None:
    lines = [Line("CZ010", "Praha"), Line("CZ020", "Středočeský kraj")]
    wide = {"CZ010": outline("CZ010", 100, 200, 60), "CZ020": outline("CZ020", 200, 588, 110)}
    drawn = area_map.drawn(lines, wide, lambda line: f"kraj={line.code}")
    assert drawn
    assert (drawn.width, drawn.height, drawn.transform) == (1000, 224, "translate(-188.0 -8.0) scale(2.00000)")
    assert [(shape.x, shape.y, shape.query) for shape in drawn.shapes] == [
        ("12.0", "12.0", "kraj=CZ010"),
        ("212.0", "12.0", "kraj=CZ020"),
    ]
    tower = {"CZ010": outline("CZ010", 0, 100, 1010)}
    assert area_map.drawn(lines, tower, lambda _line: "") is None
    found = area_map.drawn(lines[:1], tower, lambda _line: "")
    assert found
    assert found.height == area_map.HIGHEST
