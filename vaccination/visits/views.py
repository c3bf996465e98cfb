"""The pages of a site's day."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from crs.accounts.guards import StaffRequest
from logistics.staff import permissions
from logistics.staff.guards import SiteRequest, at_site, staff_who_may
from vaccination.pages import show
from vaccination.permissions import VaccinationAct


@staff_who_may(VaccinationAct.SEE_DAY)
@require_GET
def home(request: StaffRequest) -> HttpResponse:
    """The user's sites; whoever works at one alone comes to its day at once."""
    sites = list(permissions.sites_where(request.user, VaccinationAct.SEE_DAY).order_by("name")[:200])
    if len(sites) == 1:
        return redirect("vaccination:day", sites[0].pk)
    return render(request, "vaccination/visits/home.html", {"sites": sites})


@at_site(VaccinationAct.SEE_DAY)
@require_GET
def day(request: SiteRequest) -> HttpResponse:
    """The people of today."""
    return show(request, "visits/day.html")
