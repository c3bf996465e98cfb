"""The certificates of a day at a site: who has one, who lacks one and why; all of them on paper."""

from datetime import timedelta
from math import ceil

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from certificates.desk import counter, day_certificates
from certificates.desk.day_certificates import LABELS, ROWS_ON_A_PAGE
from certificates.models import Certificate
from certificates.paper.certificate_pdf import day_pdf
from certificates.permissions import CertificateAct
from crs.errors import DomainError
from crs.pdf.decorators import prints
from crs.pdf.responses import pdf_response
from logistics.staff.guards import SiteRequest, at_site
from vaccination.pages import day_or_404, entry_context, show


@at_site(CertificateAct.SEE_CERTIFICATES)
@require_GET
def day(request: SiteRequest) -> HttpResponse:
    """The people who were vaccinated on a day, all or those whose certificates stand in one way."""
    found = day_certificates.of_day(request.site, day_or_404(request.GET.get("den", "")), now=timezone.now())
    chosen = request.GET.get("stav", "")
    chosen = chosen if chosen in {*LABELS} else ""
    rows = [row for row in found.rows if not chosen or row.standing == chosen]
    pages = max(1, ceil(len(rows) / ROWS_ON_A_PAGE))
    page = _page_number(request.GET.get("strana", ""), pages)
    context = {
        "found": found,
        "about_day": found.day,
        "chosen": chosen,
        "tabs": found.tabs(chosen),
        "rows": rows[(page - 1) * ROWS_ON_A_PAGE : page * ROWS_ON_A_PAGE],
        "page": page,
        "pages": range(1, pages + 1),
        "is_today": found.day == timezone.localdate(),
        "today": timezone.localdate(),
        "day_before": found.day - timedelta(days=1),
        "day_after": found.day + timedelta(days=1),
    }
    return show(request, "desk/day.html", context, room="certificates")


@at_site(CertificateAct.PRINT_CERTIFICATES)
@require_GET
@prints()
def print_day(request: SiteRequest) -> HttpResponse:
    """The certificates of a day on paper, a page each; `cast` is the number of the part."""
    found = day_certificates.of_day(request.site, day_or_404(request.GET.get("den", "")), now=timezone.now())
    part = next((one for one in found.parts if str(one.number) == request.GET.get("cast", "1")), None)
    if part is None:
        raise Http404
    keys = found.ready[part.first - 1 : part.last]
    rows = Certificate.objects.living().in_bulk(keys)
    # One that was revoked a moment ago is not printed.
    papers = [rows[key] for key in keys if key in rows]
    return pdf_response(day_pdf(papers), f"certifikaty-{found.day:%Y-%m-%d}-{part.number}.pdf")


@at_site(CertificateAct.ISSUE_CERTIFICATES)
@require_http_methods(["GET", "POST"])
def issue_missing(request: SiteRequest) -> HttpResponse:
    """Ask for the certificates of a day that are due and that nobody asks for; a worker issues them."""
    chosen = day_or_404(request.POST.get("den", "") or request.GET.get("den", ""))
    address = reverse("certificates:day", args=[request.site.pk]) + f"?den={chosen:%Y-%m-%d}"
    if request.method == "GET":
        return redirect(address)
    missing = day_certificates.of_day(request.site, chosen, now=timezone.now()).missing
    try:
        asked = counter.ask_for(missing, site=request.site, context=entry_context(request))
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(address)
    text = ngettext("%(count)d certificate is asked for.", "%(count)d certificates are asked for.", asked)
    messages.success(request, text % {"count": asked} + " " + _("They are made one after the other, in minutes."))
    return redirect(address)


def _page_number(text: str, pages: int) -> int:
    """A page that there is; the first one for anything else."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= 6
    return int(text) if is_number and 1 <= int(text) <= pages else 1
