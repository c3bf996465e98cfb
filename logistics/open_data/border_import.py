"""Import of the borders of regions and districts (GeoJSON from open data of RÚIAN), for maps that the server draws.

The borders are made simple together, so that two neighbours keep one line between them, with no gap and no overlap.
"""

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import shapely
from django.db import transaction
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from crs import saved_files
from crs.saved_files import UnreadableFile
from crs.shortened_text import shortened
from logistics.models import District, Outline, Region
from logistics.open_data.reader import BadValue, Problem
from logistics.open_data.site_import import LATITUDES, LONGITUDES

LARGEST_FILE = 64 * 1024 * 1024
# A map of the Czech Republic is about 4,400 units wide and 2,500 high: a thousand units to a degree of latitude. On the
# parallel in the middle of the country a degree of longitude is so much shorter.
UNITS = 1000
MIDDLE = math.radians(49.8)
# Bends that are smaller than a square of so many units are straightened.
TOLERANCE = 12
# Corners that lie so near to each other are one, and gaps that are narrower are closed.
SNAP, GAP = 1, 5
AREAS = ("Polygon", "MultiPolygon")


@dataclass
class BorderImport:
    """The outcome of an import: numbers of outlines, the length of their paths, and what is wrong with the file."""

    regions: int = 0
    districts: int = 0
    characters: int = 0
    problems: list[Problem] = field(default_factory=list)


def import_borders(*, files: Mapping[str, bytes], valid_on: date, is_dry_run: bool = False) -> BorderImport:
    """Replace the outlines of all regions, of all districts or of both by those of GeoJSON files (by name) in WGS 84.

    Each feature has a Polygon or MultiPolygon and names its area by the property `code` (NUTS3 or LAU1). Where any
    feature cannot be used, or an area of a level is missing, all `problems` are told and nothing is written: a map with
    holes would tell something that is not so. Raises UnreadableFile.
    """
    result = BorderImport()
    found = _borders({name: _features(data, name) for name, data in files.items()}, result.problems)
    if result.problems:
        return result
    outlines = [one for level, borders in found.items() for one in _outlines(level, borders, valid_on)]
    result.regions, result.districts = len(found.get("region", {})), len(found.get("district", {}))
    result.characters = sum(len(one.path) for one in outlines)
    if not is_dry_run:
        with transaction.atomic():
            for level in found:
                Outline.objects.filter(**{f"{level}__isnull": False}).delete()
            Outline.objects.bulk_create(outlines)
    return result


def _features(data: bytes, name: str) -> list[Any]:
    try:
        content = json.loads(
            saved_files.json_of(data, name, longest=LARGEST_FILE), parse_float=_finite, parse_constant=_finite
        )
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{name} is no JSON: {error}") from error
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not features:
        raise UnreadableFile(f"{name} is another file: it has no list of features, as GeoJSON has")
    return features


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{shortened(text)} is no number")
    return value


def _borders(files: Mapping[str, Sequence[Any]], problems: list[Problem]) -> dict[str, dict[str, BaseGeometry]]:
    """The border of each area by its level ("region", "district") and code; problems are numbered from 1."""
    known = dict.fromkeys(Region.objects.values_list("code", flat=True), "region")
    known |= dict.fromkeys(District.objects.values_list("code", flat=True), "district")
    found: dict[str, dict[str, BaseGeometry]] = defaultdict(dict)
    ends: dict[str, tuple[str, int]] = {}
    for name, number, feature in [
        (name, number, feature) for name, listed in files.items() for number, feature in enumerate(listed, start=1)
    ]:
        try:
            code = _code(feature, known, found)
            found[known[code]][code] = _geometry(feature.get("geometry"))
            ends[known[code]] = name, number
        except BadValue as reason:
            problems.append(Problem(name, number, str(reason)))
    for level in [level for level, borders in found.items() if borders]:
        missing = sorted(code for code, its_level in known.items() if its_level == level and code not in found[level])
        if missing and not problems:
            problems += [Problem(*ends[level], f"the {level} {code} is missing") for code in missing]
    return {level: borders for level, borders in found.items() if borders}


def _code(feature: Any, known: Mapping[str, str], found: Mapping[str, Mapping[str, BaseGeometry]]) -> str:
    """The code of an area that `known` has and `found` has not. Raises BadValue."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    code = properties.get("code") if isinstance(properties, dict) else None
    if not isinstance(code, str) or code not in known:
        raise BadValue(f"its property “code” is no code of a region or district: “{shortened(str(code))}”")
    if code in found.get(known[code], {}):
        raise BadValue(f"the area {code} stands there a second time")
    return code


def _geometry(described: Any) -> BaseGeometry:
    """The area in degrees, made valid. Raises BadValue."""
    if not isinstance(described, dict) or described.get("type") not in AREAS:
        raise BadValue("its geometry is neither a Polygon nor a MultiPolygon")
    try:
        # Lines and points that are left of an area without width are not kept.
        valid = shapely.make_valid(shapely.force_2d(shape(described)), method="structure", keep_collapsed=False)
    except (ShapelyError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise BadValue(f"its geometry cannot be read: {shortened(str(error))}") from error
    if valid.is_empty or valid.geom_type not in AREAS:
        raise BadValue("its geometry has no area")
    left, bottom, right, top = valid.bounds
    if not (LONGITUDES[0] <= left and right <= LONGITUDES[1] and LATITUDES[0] <= bottom and top <= LATITUDES[1]):
        raise BadValue(
            f"it lies at {left:.2f} to {right:.2f}, {bottom:.2f} to {top:.2f}: not degrees (WGS 84, longitude first) "
            "in the Czech Republic"
        )
    return valid


def _outlines(level: str, borders: Mapping[str, BaseGeometry], valid_on: date) -> list[Outline]:
    projected = [shapely.transform(one, _on_the_map) for one in borders.values()]
    # Where two neighbours do not quite meet, the sliver between them goes to one of them.
    clean = shapely.coverage_clean(projected, snapping_distance=SNAP, gap_width=GAP)
    simple = shapely.coverage_simplify(clean, TOLERANCE)
    outlines = []
    for code, area in zip(borders, simple, strict=True):
        left, top, right, bottom = area.bounds
        label = shapely.maximum_inscribed_circle(area, tolerance=5).coords[0]
        outlines.append(
            Outline(
                **{f"{level}_id": code},
                path=_path(area),
                left=math.floor(left),
                top=math.floor(top),
                right=math.ceil(right),
                bottom=math.ceil(bottom),
                label_x=round(label[0]),
                label_y=round(label[1]),
                valid_on=valid_on,
            )
        )
    return outlines


def _on_the_map(degrees: Any) -> Any:
    """Longitude and latitude, an array of pairs, to units across and down; equirectangular."""
    corner = float(LONGITUDES[0]), float(LATITUDES[1])
    return (degrees - corner) * (UNITS * math.cos(MIDDLE), -UNITS)


def _path(area: BaseGeometry) -> str:
    """The rings as a path: a move to the first point, then steps in whole units.

    Points are rounded before steps are taken, so what two neighbours share stays shared.
    """
    parts = []
    for polygon in getattr(area, "geoms", [area]):
        for ring in (polygon.exterior, *polygon.interiors):
            points = shapely.get_coordinates(ring)[:-1].round().astype(int)
            steps = points[1:] - points[:-1]
            moves = " ".join(f"{x} {y}" for x, y in steps[steps.any(axis=1)])
            parts.append(f"M{points[0][0]} {points[0][1]}l{moves}z".replace(" -", "-"))
    return "".join(parts)
