"""The pages of calendars: all sites of the user, a month, a week, a day of one."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.views.decorators.http import require_safe

from crs.accounts.guards import StaffRequest
from crs.czech_order import czech_order
from crs.paging import Paginator
from logistics.models import District
from logistics.staff import permissions
from logistics.staff.guards import SiteRequest, at_site, staff_who_may
from reservation.permissions import ReservationAct as Act
from reservation.site_calendar import day as days_of_a_site
from reservation.site_calendar import days, drawing
from reservation.site_calendar import month as months
from reservation.site_calendar import sites as sites_of_staff
from reservation.site_calendar import week as weeks
from reservation.site_calendar.forms import SitesFilter

SITES_ON_A_PAGE = 50


@staff_who_may(Act.SEE_SLOTS)
@require_safe
def sites(request: StaffRequest) -> HttpResponse:
    """The user's sites with today's and the next week's fill; whoever works at one alone comes to its month at once."""
    theirs = permissions.sites_where(request.user, Act.SEE_SLOTS)
    only = list(theirs.values_list("pk", flat=True)[:2])
    if len(only) == 1:
        return redirect("reservation:calendar_month", only[0])
    districts = District.objects.filter(sites__in=theirs).distinct()
    chosen = SitesFilter(
        text=request.GET.get("hledat", ""),
        district=request.GET.get("okres", ""),
        districts=sorted(districts, key=lambda one: czech_order(one.name)),
    )
    found = sites_of_staff.found(theirs, district=chosen.district, text=chosen.text)
    page = Paginator(found, SITES_ON_A_PAGE).get_page(request.GET.get("strana"))
    lines = sites_of_staff.lines(list(page.object_list), today=timezone.localdate())
    context = {"filter": chosen, "page": page, "lines": lines, "has_sites": bool(only)}
    return render(request, "reservation/site_calendar/sites.html", context)


@at_site(Act.SEE_SLOTS)
@require_safe
def month(request: SiteRequest) -> HttpResponse:
    """A month of the site, `mesic`, with the fill of each day."""
    today = timezone.localdate()
    found = months.month(request.site, months.month_of(request.GET.get("mesic", ""), today), today=today)
    weekdays = [(WEEKDAYS[number], WEEKDAYS_ABBR[number]) for number in range(7)]
    return show(request, "month", {"month": found, "weekdays": weekdays, "today": today, **around(today)})


@at_site(Act.SEE_SLOTS)
@require_safe
def week(request: SiteRequest, day: date) -> HttpResponse:
    """The week of a day, with the fill of each hour."""
    found = weeks.week(request.site, days.day_or_404(day), today=timezone.localdate())
    return show(request, "week", {"week": found, "drawing": drawing.week_drawing(found)})


@at_site(Act.SEE_SLOTS)
@require_safe
def day(request: SiteRequest, day: date) -> HttpResponse:
    """A day with every time, its seats and booked seats."""
    found = days_of_a_site.day(request.site, days.day_or_404(day), today=timezone.localdate())
    may_change = not found.is_past and permissions.may(request.user, Act.CHANGE_SLOTS, request.site)
    context = {"day": found, "drawing": drawing.day_drawing(found), "may_change": may_change, **around(day)}
    return show(request, "day", context)


def around(day: date) -> dict[str, date | None]:
    """The days before and after, as far as calendars lead."""
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    return {"before": before if days.is_shown(before) else None, "after": after if days.is_shown(after) else None}


def show(request: SiteRequest, page: str, context: dict[str, Any]) -> HttpResponse:
    """A page of the site's calendar."""
    told = {"site": request.site, "tab": "calendar", **context}
    return render(request, f"reservation/site_calendar/{page}.html", told)
