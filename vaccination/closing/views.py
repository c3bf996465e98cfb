"""The pages of the end of a day: the checklist, the days of a site, opening a day again."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from crs.errors import FormChanged
from logistics.staff.guards import SiteRequest, at_site
from vaccination.closing import day as days
from vaccination.closing.day import DaySummary, summary
from vaccination.closing.errors import AlreadyClosed, ClosingRefused
from vaccination.closing.forms import ClosingForm, ReopeningForm
from vaccination.models import DayClosing
from vaccination.models.closing import REMEMBERED_FOR, working_days
from vaccination.pages import day_or_404, done, entry_context, posted, show
from vaccination.permissions import VaccinationAct

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Kept:
    """A figure as the closing kept it, beside the present one."""

    label: object
    kept: int
    now: int

    @property
    def has_changed(self) -> bool:
        """Whether something was recorded or corrected after the closing."""
        return self.kept != self.now


@dataclass(frozen=True)
class ListedDay:
    """A day of the list; without a closing it is open."""

    day: date
    closing: DayClosing | None
    is_today: bool


@at_site(VaccinationAct.CLOSE_DAY)
@require_http_methods(["GET", "POST"])
def closing(request: SiteRequest) -> HttpResponse:
    """The checklist of a day with its one button; of a closed day what was kept."""
    now = timezone.now()
    standing = summary(request.site, day_or_404(request.GET.get("den", "")), now)
    form = ClosingForm(posted(request), day=standing)
    if form.is_valid():
        try:
            days.close(
                site=request.site,
                day=standing.day,
                explanation=form.cleaned_data["explanation"],
                waste_reason=form.cleaned_data["waste_reason"],
                nobody_comes=form.cleaned_data["nobody_comes"],
                kept_items=form.kept_items(),
                context=entry_context(request),
            )
        except AlreadyClosed as refusal:
            messages.info(request, str(refusal))
            return _to(request, standing.day)
        except ClosingRefused as refusal:
            form.refuse(refusal)
        except FormChanged as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The day is closed."))
            return _to(request, standing.day)
    is_today = standing.day == timezone.localdate(now)
    context = {
        "day": standing,
        "closed": None,  # the page itself says so
        "form": form,
        "is_today": is_today,
        "is_blocked": bool(standing.observed or standing.waiting),
        "keeps_kept": bool(form.fields["kept"].choices),  # type: ignore[attr-defined]
        "kept": _kept(standing),
        "former": DayClosing.objects.filter(site=request.site, day=standing.day, reopened_at__isnull=False),
        "day_before": standing.day - _DAY,
        "day_after": None if is_today else standing.day + _DAY,
    }
    return show(request, "closing/closing.html", context)


@at_site(VaccinationAct.CLOSE_DAY)
@require_GET
def closings(request: SiteRequest) -> HttpResponse:
    """The working days of two months, newest first, with the open ones marked."""
    today = timezone.localdate()
    last = min(today, day_or_404(request.GET.get("do", "")))
    first = last - REMEMBERED_FOR
    standing = DayClosing.objects.standing().filter(site=request.site, day__range=(first, last))
    closed = {row.day: row for row in standing.select_related("closed_by")}
    named = sorted(working_days(request.site, first, last) | closed.keys(), reverse=True)
    lines = [ListedDay(one, closed.get(one), one == today) for one in named]
    context = {
        "lines": lines,
        "open": sum(line.closing is None and not line.is_today for line in lines),
        "older": first - _DAY,
        "first": first,
        "last": last,
        "is_newest": last == today,
    }
    return show(request, "closing/closings.html", context)


@at_site(VaccinationAct.REOPEN_DAY)
@require_http_methods(["GET", "POST"])
def reopen_day(request: SiteRequest, closing_id: int) -> HttpResponse:
    """Open a closed day again, with a reason."""
    row = get_object_or_404(DayClosing.objects.select_related("closed_by"), pk=closing_id, site=request.site)
    form = ReopeningForm(posted(request))
    if done(form, lambda: days.reopen(closing=row, reason=form.cleaned_data["reason"], context=entry_context(request))):
        messages.success(request, _("The day is open again. Close it when all is recorded."))
        return _to(request, row.day)
    if not form.is_bound and row.reopened_at is not None:
        return _to(request, row.day)
    return show(request, "closing/reopen.html", {"form": form, "row": row})


def _kept(standing: DaySummary) -> list[Kept]:
    row = standing.closing
    if row is None:
        return []
    figures = standing.figures
    return [
        Kept(gettext_lazy("People vaccinated"), row.vaccinated, standing.vaccinated),
        Kept(gettext_lazy("Doses given"), row.doses_given, figures.given),
        Kept(gettext_lazy("Doses taken from the stock"), row.doses_consumed, figures.consumed),
        Kept(gettext_lazy("Doses thrown away"), row.doses_wasted, figures.wasted),
    ]


def _to(request: SiteRequest, day: date) -> HttpResponse:
    answer = redirect("vaccination:closing", request.site.pk)
    answer.headers["Location"] += f"?den={day:%Y-%m-%d}"
    return answer
