"""Pages that show where seats of the next week have no vaccine: of one site, and of all sites of a region."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crs.accounts.guards import StaffRequest
from crs.paging import Paginator
from logistics.models import AnnouncedDelivery, Region, Store, VaccinationSite, Vaccine, region_of_site
from logistics.staff import permissions
from logistics.staff.guards import SiteRequest, at_site, staff_who_may
from logistics.staff.permissions import Act
from reservation.coverage import overview, supply
from reservation.permissions import ReservationAct

LINES_ON_A_PAGE = 50
LATE_SHOWN = 10


@at_site(ReservationAct.SEE_COVERAGE)
@require_safe
def of_site(request: SiteRequest) -> HttpResponse:
    """The next week of one site: its people and free seats by day beside its doses."""
    now = timezone.now()
    found = supply.coverage_of([request.site.pk], now=now).get(request.site.pk, [])
    store = Store.objects.filter(site=request.site.pk).first()
    late = AnnouncedDelivery.objects.awaited().filter(store=store, expected_on__lt=timezone.localdate(now))
    names = Vaccine.objects.in_bulk([one.vaccine_id for one in found])
    context = {
        "site": request.site,
        "tab": "coverage",
        "lines": [(names[one.vaccine_id], one) for one in found],
        "store": store,
        "overdue": late.select_related("vaccine").order_by("expected_on", "pk")[:LATE_SHOWN],
        "may_see_store": store is not None and permissions.may(request.user, Act.SEE_STORE, store),
    }
    return render(request, "reservation/coverage/site.html", context)


@staff_who_may(ReservationAct.SEE_COVERAGE)
@require_safe
def of_sites(request: StaffRequest) -> HttpResponse:
    """All sites that the user may see, or those of one region, the worst first; with `?vse=1` the covered ones too."""
    sites = permissions.sites_where(request.user, ReservationAct.SEE_COVERAGE)
    sites = sites.exclude(state=VaccinationSite.State.CLOSED)
    regions = Region.objects.filter(pk__in=sites.values(code=region_of_site()))
    region = regions.filter(pk=request.GET.get("kraj", "")[:10]).first()
    if region:
        sites = sites & VaccinationSite.objects.in_region(region.pk)
    found = overview.lines(sites, now=timezone.now())
    short = [line for line in found if line.is_short]
    shows_all = "vse" in request.GET
    page = Paginator(found if shows_all else short, LINES_ON_A_PAGE).get_page(request.GET.get("strana"))
    names = Vaccine.objects.in_bulk([line.coverage.vaccine_id for line in page])
    context = {
        "page": page,
        "lines": [(names[line.coverage.vaccine_id], line) for line in page],
        "regions": regions if permissions.may_everywhere(request.user, ReservationAct.SEE_COVERAGE) else [],
        "region": region,
        "shows_all": shows_all,
        "short": len(short),
        "covered": len(found) - len(short),
        "query": "".join([f"&kraj={region.pk}" if region else "", "&vse=1" if shows_all else ""]),
    }
    return render(request, "reservation/coverage/sites.html", context)
