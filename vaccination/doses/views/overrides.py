"""The list of overridden rules of a site, for its manager and for the ministry."""

from itertools import groupby

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from crs.paging import Paginator
from logistics.staff.guards import SiteRequest, at_site
from vaccination.models import RuleOverride
from vaccination.pages import show
from vaccination.permissions import VaccinationAct

_A_PAGE = 50


@at_site(VaccinationAct.SEE_OVERRIDES)
@require_GET
def overrides(request: SiteRequest) -> HttpResponse:
    """List the overridden rules: why, by whom, and which doctor decided; the newest day first."""
    found = RuleOverride.objects.filter(dose__site=request.site).order_by("-overridden_at", "-pk")
    shown = found.select_related("dose__person", "dose__vaccine", "doctor", "overridden_by")
    page = Paginator(shown, _A_PAGE).get_page(request.GET.get("strana"))
    days = [(day, list(rows)) for day, rows in groupby(page, key=lambda row: timezone.localdate(row.overridden_at))]
    return show(request, "doses/overrides.html", {"page": page, "days": days})
