"""The page of the desks' figures, and the same as a file."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crs import csv_download
from crs.accounts.guards import StaffRequest
from logistics.reports import charts
from logistics.reports.forms import USUAL_DAYS, PeriodForm, before
from logistics.reports.queries import Period
from logistics.staff.guards import staff_who_may
from support.figures import queries, tables
from support.models import Category
from support.pages import show
from support.permissions import SupportAct

USUAL_PERIODS = (7, 30, 90)


@staff_who_may(SupportAct.SEE_FIGURES)
@require_safe
def figures(request: StaffRequest) -> HttpResponse:
    """Show what is open now, and how a period went."""
    now, today = timezone.now(), timezone.localdate()
    form = PeriodForm(request.GET if request.GET else None)
    period = form.period(today) if form.is_bound else Period(before(today, USUAL_DAYS), today)
    days, topics = queries.by_day(period), queries.topics(period)
    parts = tables.percents([number for _topic, number in topics])
    context = {
        "form": form if form.errors else PeriodForm({"od": period.first, "do": period.last}),
        "period": period,
        "query": _query(period),
        "usual": [(number, _query(Period(before(today, number), today))) for number in USUAL_PERIODS],
        "scope": {"url": reverse("support:figures")},
        "open_now": queries.open_now(now=now),
        "desks": queries.of_desks(period, now=now),
        "levels": queries.of_levels(period, now=now),
        "chart": charts.stacked_bars([charts.Series(str(desk.label), days[desk]) for desk in days], period.days),
        "days": [(day, [days[desk].get(day, 0) for desk in days]) for day in period.days],
        "topics": [(_name(topic), number) for topic, number in topics],
        "topics_chart": charts.shares(
            [(_name(topic), [part]) for (topic, _number), part in zip(topics, parts, strict=True)]
        ),
    }
    return show(request, "figures/figures.html", context)


@staff_who_may(SupportAct.SEE_FIGURES)
@require_safe
def table(request: StaffRequest) -> HttpResponse:
    """The figures as a CSV file."""
    now = timezone.now()
    period = PeriodForm(request.GET).period(timezone.localdate())
    named = [(_name(topic), number) for topic, number in queries.topics(period)]
    desks, levels = queries.of_desks(period, now=now), queries.of_levels(period, now=now)
    return csv_download.download(_("help-desks"), tables.lines(queries.open_now(now=now), desks, levels, named))


def _name(topic: Category | None) -> str:
    return str(topic) if topic else _("not sorted")


def _query(period: Period) -> str:
    return urlencode({"od": str(period.first), "do": str(period.last)})
