"""The reports of stock: of the country, of a region or of a store."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crs import csv_download
from crs.accounts.guards import StaffRequest, staff_only
from logistics.models import Region, Store
from logistics.reports import charts, queries, tables
from logistics.reports.forms import USUAL_DAYS, PeriodForm, before
from logistics.reports.queries import Period, ReportLine
from logistics.staff.permissions import Act, may, regions_where, stores_where

# Shortcuts beside the dates.
USUAL_PERIODS = (30, 90)


@dataclass(frozen=True)
class ReportScope:
    """The stores of a report, the address of its page, and the level above it if the user may go there."""

    name: str
    stores: QuerySet[Store]
    url: str
    up: tuple[str, str] | None = None


@staff_only
@require_GET
def overview(request: StaffRequest) -> HttpResponse:
    """The report of the country for those who may see it; others are led to the report they may see, or choose one."""
    if may(request.user, Act.SEE_COUNTRY):
        return _report(request, _country(request.user), lines=queries.by_region)
    links = _choices(request)
    if not links:
        raise Http404
    if len(links) == 1:
        return redirect(links[0][1])
    return render(request, "logistics/reports/choice.html", {"links": links})


@staff_only
@require_GET
def region(request: StaffRequest, code: str) -> HttpResponse:
    """The report of a region, with a line a store."""
    scope = _region(request.user, code)
    return _report(request, scope, lines=lambda period: queries.by_store(scope.stores, period))


@staff_only
@require_GET
def store(request: StaffRequest, store_id: int) -> HttpResponse:
    """The report of a store."""
    return _report(request, _store(request.user, store_id))


@staff_only
@require_GET
def table(request: StaffRequest, name: str, code: str = "", store_id: int = 0) -> HttpResponse:
    """A part of a report as a CSV file: zasoby, spotreba or znehodnoceni."""
    user = request.user
    scope = _region(user, code) if code else _store(user, store_id) if store_id else _country(user)
    today = timezone.localdate()
    period = PeriodForm(request.GET).period(today)
    if name == "zasoby":
        lines = tables.stock(queries.stock(scope.stores, today=today))
    elif name == "spotreba":
        lines = tables.consumption(queries.consumption(scope.stores, period))
    elif name == "znehodnoceni":
        lines = tables.waste(queries.waste(scope.stores, period))
    else:
        raise Http404
    return csv_download.download(name, lines)


def _report(request: HttpRequest, scope: ReportScope, *, lines: Any = None) -> HttpResponse:
    today = timezone.localdate()
    form = PeriodForm(request.GET if request.GET else None)
    period = form.period(today) if form.is_bound else Period(before(today, USUAL_DAYS), today)
    usage = queries.consumption(scope.stores, period)
    waste = queries.waste(scope.stores, period)
    context: dict[str, Any] = {
        "scope": scope,
        "form": form if form.errors else PeriodForm({"od": period.first, "do": period.last}),
        "period": period,
        "query": _query(period),
        "usual": [(days, _query(Period(before(today, days), today))) for days in USUAL_PERIODS],
        "stock": queries.stock(scope.stores, today=today),
        "usage": usage,
        "usage_chart": _usage_chart(usage, period),
        "latest": None if usage.by_day else _latest(scope),
        "waste": waste,
        "waste_chart": _waste_chart(waste),
        "waste_legend": [(0, _("in closed vials")), (1, _("of opened vials"))],
    }
    if lines:
        found = lines(period)
        context |= {"lines": [(line, _line_url(line)) for line in found], "total": queries.total(found)}
    return render(request, "logistics/reports/report.html", context)


def _usage_chart(usage: queries.Usage, period: Period) -> charts.StackedBars:
    series = [
        charts.Series(vaccine.name, {day: doses.get(vaccine.pk, 0) for day, doses in usage.by_day.items()})
        for vaccine in usage.vaccines
    ]
    return charts.stacked_bars(series, period.days)


def _waste_chart(waste: list[queries.Wasted]) -> list[charts.Share]:
    return charts.shares([(row.vaccine.name, row.percent_by_vials) for row in waste if row.percent is not None])


def _latest(scope: ReportScope) -> tuple[date, str] | None:
    """The last day on which doses were used, and the address of the period that ends with it."""
    day = queries.last_use(scope.stores)
    return None if day is None else (day, _query(Period(before(day, USUAL_DAYS), day)))


def _query(period: Period) -> str:
    return urlencode({"od": str(period.first), "do": str(period.last)})


def _country(user: Any) -> ReportScope:
    if not may(user, Act.SEE_COUNTRY):
        raise Http404
    return ReportScope(name=_("Czech Republic"), stores=Store.objects.all(), url=reverse("logistics:overview"))


def _region(user: Any, code: str) -> ReportScope:
    found = regions_where(user, Act.SEE_REGION).filter(pk=code).first()
    if found is None:
        raise Http404
    up = (_("Czech Republic"), reverse("logistics:overview")) if may(user, Act.SEE_COUNTRY) else None
    return ReportScope(name=found.name, stores=Store.objects.in_region(found.code), url=_region_url(found), up=up)


def _store(user: Any, store_id: int) -> ReportScope:
    related = ("region", "site__region", "site__district__region")
    store = stores_where(user, Act.SEE_STORE).filter(pk=store_id).select_related(*related).first()
    if store is None:
        raise Http404
    lies_in, up = store.lies_in, None
    if lies_in is not None and may(user, Act.SEE_REGION, lies_in):
        up = (lies_in.name, _region_url(lies_in))
    elif lies_in is None and may(user, Act.SEE_COUNTRY):
        up = (_("Czech Republic"), reverse("logistics:overview"))
    return ReportScope(name=store.name, stores=Store.objects.filter(pk=store.pk), url=_store_url(store.pk), up=up)


def _choices(request: StaffRequest) -> list[tuple[str, str]]:
    """The reports that the user may see, by name and address: regions, and stores that lie in none of them."""
    regions = list(regions_where(request.user, Act.SEE_REGION))
    inside = Store.objects.in_regions([one.code for one in regions])
    stores = stores_where(request.user, Act.SEE_STORE).exclude(pk__in=inside.values("pk"))
    links = [(one.name, _region_url(one)) for one in regions]
    return links + [(store.name, _store_url(store.pk)) for store in stores.order_by("name__czech")]


def _line_url(line: ReportLine) -> str:
    return _store_url(line.key) if isinstance(line.key, int) else reverse("logistics:region_report", args=[line.key])


def _region_url(region: Region) -> str:
    return reverse("logistics:region_report", args=[region.pk])


def _store_url(store_id: int) -> str:
    return reverse("logistics:store_report", args=[store_id])
