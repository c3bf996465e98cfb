"""The pages on which a site calls people whose time cannot stay, and the list of sites that have some."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from crs.accounts.guards import StaffRequest
from crs.csv_download import download
from crs.errors import DomainError
from crs.paging import Paginator
from crs.pdf.decorators import prints
from crs.pdf.parts import part_or_none, parts
from crs.pdf.responses import pdf_response
from crs.sent_forms import sending
from logistics.models import Region, VaccinationSite, region_of_site
from logistics.staff import permissions
from logistics.staff.guards import SiteRequest, at_site, staff_who_may
from registration.people.looks import looked_at_all, write_down
from reservation.affected import affected, call_list_pdf, rearranging
from reservation.affected import call_list as lists
from reservation.affected.forms import CallForm, TimeForm
from reservation.models import AffectedAppointment, AffectedCall, Closure
from reservation.permissions import ReservationAct

ROWS_ON_A_PAGE = 50
SITES_ON_A_PAGE = 100
ROWS_AT_ONCE = 500
# What the log of lists says of it: it has no reason but the calls themselves.
CALLS = "Calls about times that cannot stay"


@staff_who_may(ReservationAct.SEE_SLOTS)
@require_safe
def call_lists(request: StaffRequest) -> HttpResponse:
    """The sites with open affected appointments, of all that the user sees or of one region; no names."""
    sites = permissions.sites_where(request.user, ReservationAct.SEE_SLOTS)
    regions = Region.objects.filter(pk__in=sites.values(code=region_of_site()))
    region = regions.filter(pk=request.GET.get("kraj", "")[:10]).first()
    if region:
        sites = VaccinationSite.objects.in_region(region.pk).filter(pk__in=sites.values("pk"))
    found = lists.by_site(sites, now=timezone.now())
    callable_sites = permissions.sites_where(request.user, ReservationAct.CALL_AFFECTED).values_list("pk", flat=True)
    context = {
        "page": Paginator(found, SITES_ON_A_PAGE).get_page(request.GET.get("strana")),
        "open": sum(line.open for line in found),
        "callable": set(callable_sites.filter(pk__in=[line.site.pk for line in found])),
        "regions": regions if permissions.may_everywhere(request.user, ReservationAct.SEE_SLOTS) else [],
        "region": region,
        "query": f"&kraj={region.pk}" if region else "",
    }
    return render(request, "reservation/affected/sites.html", context)


@at_site(ReservationAct.CALL_AFFECTED)
@require_safe
def call_list(request: SiteRequest) -> HttpResponse:
    """Whom the site has to call, by their times."""
    closure, not_reached = _narrowed(request)
    rows = _rows(request)
    page = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("strana"))
    _looked(request, list(page), "reservation:call_list")
    closures = Closure.objects.standing().filter(site=request.site.pk, pk__in=_open(request).values("closure"))
    context = {
        "page": page,
        "rows": [(row, lists.outcome_name(row)) for row in page],
        "count": page.paginator.count,
        "closures": closures.select_related("vaccine"),
        "closure": closure,
        "not_reached": not_reached,
        "query": _query(closure, not_reached),
        "parts": parts(page.paginator.count, size=call_list_pdf.ROWS_IN_A_PART),
    }
    return _show(request, "call_list", context)


@at_site(ReservationAct.CALL_AFFECTED)
@require_POST
def call_list_file(request: SiteRequest) -> HttpResponse:
    """The list for a spreadsheet."""
    rows = _rows(request)
    _leaves(request, rows.count())
    return download("seznam-k-obvolani", lists.lines_of_file(rows.iterator(chunk_size=ROWS_AT_ONCE)))


@at_site(ReservationAct.CALL_AFFECTED)
@require_POST
@prints(meanwhile=gettext_lazy("The list waits on its page. Press the button once more in a moment."))
def call_list_paper(request: SiteRequest) -> HttpResponse:
    """The list on paper, with room for what came of each call; `cast` is the number of the part."""
    rows = _rows(request)
    part = part_or_none(parts(rows.count(), size=call_list_pdf.ROWS_IN_A_PART), request.POST.get("cast", "1"))
    if part is None:  # the list became shorter
        messages.warning(request, _("Fewer people are to be called by now. Print the list as it stands."))
        return redirect(f"{reverse('reservation:call_list', args=[request.site.pk])}?{_query(*_narrowed(request))}")
    printed = list(rows[part.first - 1 : part.last])
    paper = call_list_pdf.call_list_pdf(
        request.site, printed, language=translation.get_language() or "cs", now=timezone.now()
    )
    _leaves(request, len(printed))
    return pdf_response(paper, f"seznam-k-obvolani-{part.number}.pdf")


@at_site(ReservationAct.CALL_AFFECTED)
@require_safe
def call(request: SiteRequest, affected_id: int) -> HttpResponse:
    """One affected appointment: whom to call, what they have, which times there are, what came of earlier calls."""
    return _page(request, _row(request, affected_id), None)


@at_site(ReservationAct.CALL_AFFECTED)
@require_POST
def record_call(request: SiteRequest, affected_id: int) -> HttpResponse:
    """Write down what came of a call."""
    row, form = _row(request, affected_id), CallForm(request.POST)
    if form.is_valid():
        outcome = AffectedCall.Outcome(form.cleaned_data["outcome"])
        now = timezone.now()
        affected.record_call(affected_id=row.pk, outcome=outcome, by=request.user, now=now, form=sending(request))
        messages.success(request, _("The call is written down."))
    else:
        return _page(request, row, form)
    return redirect("reservation:call", request.site.pk, row.pk)


@at_site(ReservationAct.CALL_AFFECTED)
@require_POST
def move(request: SiteRequest, affected_id: int) -> HttpResponse:
    """Give the person the time that was agreed."""
    row, form = _row(request, affected_id), TimeForm(request.POST)
    if form.is_valid():
        slot_id = form.cleaned_data["slot"]
        try:
            following = rearranging.move(row=row, slot_id=slot_id, now=timezone.now(), form=sending(request))
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The new time is booked, and the person is told."))
            if following is not None:
                messages.warning(request, _("The next dose does not fit after it any more. Agree on its time, too."))
                return redirect("reservation:call", request.site.pk, following)
            return redirect("reservation:call_list", request.site.pk)
    return _page(request, row, form)


@at_site(ReservationAct.CALL_AFFECTED)
@require_POST
def keep(request: SiteRequest, affected_id: int) -> HttpResponse:
    """Decide that the person comes as booked."""
    row = _row(request, affected_id)
    if affected.keep(affected_ids=[row.pk], by=request.user, now=timezone.now()):
        messages.success(request, _("The person is told that the time holds after all."))
    return redirect("reservation:call_list", request.site.pk)


def _page(request: SiteRequest, row: AffectedAppointment, form: TimeForm | CallForm | None) -> HttpResponse:
    now = timezone.now()
    _looked(request, [row], "reservation:call")
    is_open = affected.open_at(now).filter(pk=row.pk).exists()
    days = rearranging.days_of(row, now=now) if is_open else []
    day = {f"{one.day:%Y-%m-%d}": one.day for one in days}.get(request.GET.get("den", ""))
    context = {
        "row": row,
        "registration": row.appointment.reservation.registration,
        "is_open": is_open,
        "is_past": row.slot.starts_at <= now,
        "days": days,
        "day": day,
        "times": rearranging.times_of(row, day=day, now=now) if day else [],
        "calls": row.calls.select_related("called_by"),
        "outcomes": AffectedCall.Outcome.choices,
        "form": form,
    }
    return _show(request, "call", context)


def _row(request: SiteRequest, affected_id: int) -> AffectedAppointment:
    """Of this site, also one that is settled: an old page is led on kindly."""
    rows = AffectedAppointment.objects.filter(pk=affected_id, slot__site=request.site.pk)
    found = lists.with_people(rows).first()
    if found is None:
        raise Http404
    return found


def _narrowed(request: SiteRequest) -> tuple[Closure | None, bool]:
    """What the address narrows the list to: a closure, and people whom nobody has reached."""
    key = request.GET.get("uzavreni", "")
    is_key = key.isascii() and key.isdecimal() and len(key) < 18
    closure = Closure.objects.filter(site=request.site.pk, pk=key).first() if is_key else None
    return closure, request.GET.get("kdo") == "nedovolani"


def _query(closure: Closure | None, not_reached: bool) -> str:
    return "".join([f"&uzavreni={closure.pk}" if closure else "", "&kdo=nedovolani" if not_reached else ""])


def _rows(request: SiteRequest) -> QuerySet[AffectedAppointment]:
    closure, not_reached = _narrowed(request)
    return lists.of_site(timezone.now(), site_id=request.site.pk, closure=closure, not_reached=not_reached)


def _open(request: SiteRequest) -> QuerySet[AffectedAppointment]:
    return affected.open_at(timezone.now(), site_id=request.site.pk)


def _leaves(request: SiteRequest, rows: int) -> None:
    what = f"call list, site {request.site.pk}"
    write_down(what=what, rows=rows, reason=CALLS, by=request.user, now=timezone.now())


def _looked(request: SiteRequest, rows: list[AffectedAppointment], page: str) -> None:
    people = {row.appointment.reservation.registration.person for row in rows}
    looked_at_all(people, user=request.user, page=page, now=timezone.now())


def _show(request: SiteRequest, page: str, context: dict[str, Any]) -> HttpResponse:
    around = {"site": request.site, "tab": "calls", "now": timezone.now()}
    return render(request, f"reservation/affected/{page}.html", {**around, **context})
