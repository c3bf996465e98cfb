"""Stock of the country, a region or a store: what is there, what is used, what is thrown away."""

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
from logistics.models import Region, Store
from logistics.reports import charts, queries, tables
from logistics.reports.forms import USUAL_DAYS, PeriodForm, before
from logistics.reports.queries import ReportLine, Period
from logistics.staff.access import StaffRequest, is_ministry, regions_of, staff_only, stores_of

# Shortcuts beside the dates.
USUAL_PERIODS = (30, 90)


@dataclass(frozen=True)
class Scope:
    """Whose stock a report shows, where its page is, and one level up if the user may go there."""

    name: str
    stores: QuerySet[Store]
    url: str
    up: tuple[str, str] | None = None


@staff_only
@require_GET
def overview(request: StaffRequest) -> HttpResponse:
    """The country for the ministry; others are led to what they see, or choose."""
    if is_ministry(request.user):
        return _report(request, _country(request.user), lines=queries.by_region)
    links = _places(request)
    if not links:
        raise Http404
    if len(links) == 1:
        return redirect(links[0][1])
    return render(request, "logistics/reports/choice.html", {"links": links})


@staff_only
@require_GET
def region(request: StaffRequest, code: str) -> HttpResponse:
    """A region and the stores in it."""
    scope = _region(request.user, code)
    return _report(request, scope, lines=lambda period: queries.by_store(scope.stores, period))


@staff_only
@require_GET
def place(request: StaffRequest, store_id: int) -> HttpResponse:
    """One store."""
    return _report(request, _place(request.user, store_id))


@staff_only
@require_GET
def table(request: StaffRequest, name: str, code: str = "", store_id: int = 0) -> HttpResponse:
    """A part of a report as a CSV file: zasoby, spotreba or znehodnoceni."""
    user = request.user
    scope = _region(user, code) if code else _place(user, store_id) if store_id else _country(user)
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


def _report(request: HttpRequest, scope: Scope, *, lines: Any = None) -> HttpResponse:
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
    rows = []
    for row in waste:
        whole = row.doses + row.consumed
        if whole:
            rows.append((row.vaccine.name, (row.doses_closed / whole * 100, row.doses_opened / whole * 100)))
    return charts.shares(rows)


def _latest(scope: Scope) -> tuple[date, str] | None:
    """Where nothing was used in the period: the last day with any, and the address of the days before it."""
    day = queries.last_use(scope.stores)
    return None if day is None else (day, _query(Period(before(day, USUAL_DAYS), day)))


def _query(period: Period) -> str:
    return urlencode({"od": str(period.first), "do": str(period.last)})


def _country(user: Any) -> Scope:
    if not is_ministry(user):
        raise Http404
    return Scope(name=_("Czech Republic"), stores=Store.objects.all(), url=reverse("logistics:overview"))


def _region(user: Any, code: str) -> Scope:
    found = regions_of(user).filter(pk=code).first()
    if found is None:
        raise Http404
    up = (_("Czech Republic"), reverse("logistics:overview")) if is_ministry(user) else None
    return Scope(name=found.name, stores=queries.stores_in(found), url=_region_url(found), up=up)


def _place(user: Any, store_id: int) -> Scope:
    related = ("region", "site__region", "site__district__region")
    store = stores_of(user).filter(pk=store_id).select_related(*related).first()
    if store is None:
        raise Http404
    lies_in = store.region or (store.site.lies_in if store.site else None)
    up = None
    if lies_in is not None and regions_of(user).filter(pk=lies_in.pk).exists():
        up = (lies_in.name, _region_url(lies_in))
    elif lies_in is None and is_ministry(user):
        up = (_("Czech Republic"), reverse("logistics:overview"))
    return Scope(name=store.name, stores=Store.objects.filter(pk=store.pk), url=_store_url(store.pk), up=up)


def _places(request: StaffRequest) -> list[tuple[str, str]]:
    """Regions, and stores that are not in one of them: name and address."""
    regions = list(regions_of(request.user))
    inside = [queries.stores_in(one).values("pk") for one in regions]
    stores = stores_of(request.user)
    for one in inside:
        stores = stores.exclude(pk__in=one)
    links = [(one.name, _region_url(one)) for one in regions]
    return links + [(store.name, _store_url(store.pk)) for store in stores.order_by("name")]


def _line_url(line: ReportLine) -> str:
    return _store_url(line.key) if isinstance(line.key, int) else reverse("logistics:region_report", args=[line.key])


def _region_url(region: Region) -> str:
    return reverse("logistics:region_report", args=[region.pk])


def _store_url(store_id: int) -> str:
    return reverse("logistics:store_report", args=[store_id])
