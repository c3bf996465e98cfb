"""What is free where: for everybody as a page with a map, for spreadsheets as CSV, for programs as JSON.

No address here asks for a session or sets a cookie, and none costs more where there are more sites.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crs import csv_download, languages
from crs.csv_download import Cell
from crs.open_answers import open_to_all
from crs.paging import Paginator
from logistics.models import District, Outline, Region
from reservation.report import answers, area_map, capacity, lines
from reservation.report.capacity import Capacity, Version
from reservation.report.forms import Asked, ReportForm
from reservation.report.lines import Line

SITES_ON_A_PAGE = 20
# Of a region or a district; and what else stands in an address whose page is worth keeping.
_CODE = re.compile("[A-Z0-9]{0,6}")
_OF_AREAS = {"kraj", "okres", "jazyk"}


@dataclass(frozen=True)
class Report:
    """The answer to a question: all lines, their sum, and the areas around them."""

    asked: Asked
    found: Capacity
    all_lines: list[Line]
    total: Line
    region: Region | None
    district: District | None
    districts: list[District]

    @property
    def lines(self) -> list[Line]:
        """The lines that are shown."""
        return [line for line in self.all_lines if line.next_day is not None or not self.asked.has_free]

    @property
    def level(self) -> str:
        """What the lines are of: "country": regions, "region": its districts, "district": its sites."""
        return "district" if self.district else "region" if self.region else "country"

    @property
    def places(self) -> str:
        """What the lines are, in words."""
        return {"country": _("Region"), "region": _("District"), "district": _("Vaccination site")}[self.level]

    def query_of(self, line: Line) -> str:
        """The question that leads into an area. A region of one district leads into that, which has its name."""
        inside = [one.code for one in self.districts if one.region_id == line.code]
        if self.level == "country" and len(inside) > 1:
            return self.asked.but(region=line.code)
        return self.asked.but(region="", district=inside[0] if inside else line.code)

    @cached_property
    def map(self) -> area_map.AreaMap | None:
        """The map of all areas, shown or not; None of sites, and where no borders were imported."""
        if self.district:
            return None
        codes = [line.code for line in self.all_lines]
        outlines = Outline.objects.filter(Q(region__in=codes) | Q(district__in=codes))
        by_code = {str(one.region_id or one.district_id): one for one in outlines}
        return area_map.drawn(self.all_lines, by_code, self.query_of)


@require_safe
def page(request: HttpRequest) -> HttpResponseBase:
    """The page. Without messages and the form of the language, which stand in the session."""
    return answers.in_its_language(request, partial(_page, request))


@require_safe
def table(request: HttpRequest) -> HttpResponseBase:
    """All lines of the page as a CSV file, each with the time of its data."""
    return answers.in_its_language(request, lambda _version: _table(request))


@open_to_all
def data(request: HttpRequest) -> HttpResponseBase:
    """All lines of the page for programs; docs/api.md describes the fields. It is in Czech for everybody."""
    with translation.override(settings.LANGUAGE_CODE):
        return answers.of_version(request, lambda _version: _data(request))


def _page(request: HttpRequest, version: Version) -> HttpResponse:
    make = partial(_drawn, request)
    code = request.GET.get("okres") or request.GET.get("kraj", "")
    if not request.GET.keys() <= _OF_AREAS or not _CODE.fullmatch(code):
        return make()
    # What is no area's code is refused, and no refusal is kept: nobody fills the cache with keys of their own.
    return answers.kept(request, f"{code}:{languages.named_by(request)}", version, make)


def _drawn(request: HttpRequest) -> HttpResponse:
    form, report = _report(request)
    context: dict[str, Any] = {
        "form": form,
        "report": report,
        "messages": (),
        "language_links": [
            (code, languages.own_name(code), (report.asked if report else Asked()).but(language=code))
            for code in languages.offered(request)
        ],
    }
    if report is not None:
        sites = Paginator(report.lines, SITES_ON_A_PAGE).get_page(report.asked.page)
        shown = list(sites.object_list) if report.district else report.lines
        context |= {
            "sites": sites,
            "rows": [(line, "" if report.district else report.query_of(line)) for line in shown],
            "heads": _heads(report),
            "country": report.asked.but(region="", district=""),
            "region_query": report.asked.but(district=""),
            "previous": report.asked.but(page=sites.number - 1),
            "next": report.asked.but(page=sites.number + 1),
        }
    return render(request, "reservation/report/report.html", context, status=400 if report is None else 200)


def _heads(report: Report) -> list[tuple[str, str, str, str]]:
    """Of each column its key, its name, the question that sorts by it, and how it is sorted ("" if it is not).

    What is more useful with the most first is sorted so by the first click; the next one turns it round.
    """
    asked, heads = report.asked, []
    for key, name in _columns(report.places):
        usual = key if key in ("nazev", "nejblizsi") else f"-{key}"
        is_sorted = asked.order.removeprefix("-") == key
        turned = asked.order.removeprefix("-") if asked.order.startswith("-") else f"-{asked.order}"
        direction = ("descending" if asked.order.startswith("-") else "ascending") if is_sorted else ""
        heads.append((key, name, asked.but(order=turned if is_sorted else usual), direction))
    return heads


def _columns(places: str) -> list[tuple[str, str]]:
    """Of each column its key and its name, the first one as `places` are called."""
    return [
        ("nazev", places),
        ("volno7", _("Free in 7 days")),
        ("volno14", _("Free in 14 days")),
        ("volno30", _("Free in 30 days")),
        ("nejblizsi", _("Next free day")),
        ("cekajici", _("People waiting")),
        ("bezbarierove", _("Step-free access")),
    ]


def _table(request: HttpRequest) -> HttpResponse:
    form, report = _report(request)
    if report is None:
        return _refused(form)
    return csv_download.download("volne-terminy", _cells(report))


def _cells(report: Report) -> Iterator[list[Cell]]:
    names = [name for _key, name in _columns(report.places)]
    yield [_("Code"), *names, _("Open sites"), _("Step-free sites"), _("Data of")]
    changed_at = f"{timezone.localtime(report.found.version.changed_at):%Y-%m-%d %H:%M:%S}"
    for line in [*report.lines, report.total]:
        is_step_free = {True: _("yes"), False: _("no"), None: ""}[line.is_step_free]
        figures = [line.free_7, line.free_14, line.free_30, line.next_day, line.waiting]
        yield [line.code, line.name, *figures, is_step_free, line.sites, line.step_free_sites, changed_at]


def _data(request: HttpRequest) -> HttpResponse:
    form, report = _report(request)
    if report is None:
        return _refused(form)
    area = report.district or report.region
    content = {
        "version": 1,
        "changed_at": report.found.version.changed_at.isoformat().replace("+00:00", "Z"),
        "is_current": report.found.version.is_current,
        "level": report.level,
        "area": {"code": area.code, "name": area.name} if area else None,
        "rows": [_row(line) for line in report.lines],
        "total": _row(report.total),
    }
    return HttpResponse(json.dumps(content, ensure_ascii=False), content_type="application/json")


def _row(line: Line) -> dict[str, Any]:
    row = {
        "code": line.code,
        "name": line.name,
        "free_7": line.free_7,
        "free_14": line.free_14,
        "free_30": line.free_30,
        "next_free_day": None if line.next_day is None else line.next_day.isoformat(),
        "waiting": line.waiting,
        "sites": line.sites,
        "step_free_sites": line.step_free_sites,
    }
    return row if line.address is None else row | {"address": line.address, "step_free": line.is_step_free}


def _refused(form: ReportForm) -> HttpResponse:
    """Say what is wrong, by the name in the address."""
    errors = {name: [str(error) for error in found] for name, found in form.errors.items()}
    return HttpResponse(json.dumps({"errors": errors}, ensure_ascii=False), content_type="application/json", status=400)


def _report(request: HttpRequest) -> tuple[ReportForm, Report | None]:
    """The form of the address and its report; None where the address asks for what there is not."""
    found = capacity.whole()
    regions, districts = list(Region.objects.all()), list(District.objects.all())
    form = ReportForm(
        request.GET, regions=regions, districts=districts, found=found, language=languages.named_by(request)
    )
    if not form.is_valid():
        return form, None
    asked = form.asked()
    region = next((one for one in regions if one.code == asked.region), None)
    district = next((one for one in districts if one.code == asked.district), None)
    if district:
        listed = lines.of_sites(asked)
    else:
        inside = [one for one in districts if region and one.region_id == region.code]
        listed = lines.of_areas(asked, found, inside or regions)
    area = district or region
    code = area.code if area else ""
    name = area.name if area else _("Czech Republic")
    total = lines.total(listed, name=name, code=code, waiting=found.waiting.get(code, 0))
    return form, Report(asked, found, listed, total, region, district, districts)
