"""Pages of vaccination sites for everybody."""

import re
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from crs.paging import Paginator
from logistics.models import VaccinationSite, WeekdayHours
from logistics.sites import directory
from logistics.sites.forms import SiteSearch
from logistics.sites.opening_hours import week_of

SITES_ON_A_PAGE = 50
LONGEST_WAY_BACK = 200

# The meaning of each state for people who want to be vaccinated.
MEANINGS = {
    VaccinationSite.State.OPEN: _("People are vaccinated here. Come at the time that you have reserved."),
    VaccinationSite.State.PAUSED: _(
        "No new dates are offered here at the moment. If you have a reservation here, it stays valid: come as it says."
    ),
    VaccinationSite.State.CLOSED: _(
        "No new dates are offered here. If you have a reservation here, it is kept: "
        "before you come, please call line 1221."
    ),
}

_NUMBER = re.compile(r"\+?[0-9]{3,15}")


@require_GET
def site_list(request: HttpRequest) -> HttpResponse:
    """The list of regions; or the sites of a region, or those found by name."""
    regions = directory.count_by_region()
    search = SiteSearch(
        text=request.GET.get("hledat", ""),
        region=request.GET.get("kraj", ""),
        regions=[region for region, _count in regions],
    )
    found = [] if search.is_empty else directory.find(region_code=search.region, text=search.text)
    page = Paginator(found, SITES_ON_A_PAGE).get_page(request.GET.get("strana"))
    context = {
        "search": search,
        "regions": [(region, count) for region, count in regions if count],
        "page": page,
        "sites": directory.with_vaccines(list(page.object_list)),
    }
    return render(request, "logistics/sites/list.html", context)


@require_GET
def site(request: HttpRequest, site_id: UUID) -> HttpResponse:
    """A site: its address, hours, vaccines and telephone."""
    sites = VaccinationSite.objects.public().select_related("district__region", "region")
    found = get_object_or_404(sites.prefetch_related("vaccines", "weekday_hours"), pk=site_id)
    state = VaccinationSite.State(found.state)
    languages = dict(VaccinationSite.Language.choices)
    context = {
        "site": found,
        "meaning": MEANINGS[state],
        "is_open": state == VaccinationSite.State.OPEN,
        "is_closed": state == VaccinationSite.State.CLOSED,
        # The usual hours name no days, so a table of them would promise Sundays.
        "week": list(zip(WeekdayHours.Weekday.labels, week_of(found), strict=True)) if _has_week(found) else [],
        "languages": [languages[code] for code in found.languages if code in languages],
        "number": _dialled(found.phone),
        "back": _way_back(request, found),
    }
    return render(request, "logistics/sites/site.html", context)


def _has_week(found: VaccinationSite) -> bool:
    return bool(found.weekday_hours.all())


def _way_back(request: HttpRequest, found: VaccinationSite) -> str:
    """The page of ours from which somebody came who is choosing a site; empty for everybody else."""
    address = request.GET.get("zpet", "")[:LONGEST_WAY_BACK]
    is_ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return f"{address}#site-{found.pk}" if is_ours else ""


def _dialled(phone: str) -> str:
    """The number that a telephone dials; empty where `phone` holds two numbers or an extension."""
    number = re.sub(r"[\s\-./()]", "", phone)
    return number if _NUMBER.fullmatch(number) else ""
