"""The page that draws a random sample of reservations for an auditor, and one of them opened for a reason."""

from collections import Counter
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crs import history
from crs.accounts.guards import StaffRequest
from crs.csv_download import download
from logistics.staff.guards import staff_who_may
from registration.people.looks import looked, write_down
from reservation.audit import checking, lines, sampling
from reservation.audit.checking import Checked
from reservation.audit.forms import OpeningForm, SampleForm
from reservation.models import ReservationGrounds
from reservation.permissions import ReservationAct

SAMPLE, OPENED = "sample of reservations", "reservation of a sample"


@staff_who_may(ReservationAct.AUDIT_ORDER)
@require_safe
def sample(request: StaffRequest) -> HttpResponse:
    """The form, and the sample that the address asks for; a question without a number of the draw gets one."""
    form = SampleForm(request.GET) if request.GET else SampleForm(initial=SampleForm.usual())
    if not form.is_bound or not form.is_valid():
        return render(request, "reservation/audit/sample.html", {"form": form})
    if form.cleaned_data["seed"] is None:
        return redirect(f"{reverse('reservation:audit')}?{_with_seed(request.GET)}")
    drawn = sampling.draw(form.asked(form.cleaned_data["seed"]))
    checked = checking.check(drawn.drawn)
    found = Counter(one.finding for one in checked)
    context = {
        "form": form,
        "sample": drawn,
        "rows": [(one, lines.site_of(one), lines.way_of(one)) for one in checked],
        "findings": [(finding.label, found[finding], finding in checking.TO_LOOK_AT) for finding in found],
        "query": request.GET.urlencode(),
        "now": timezone.now(),
    }
    return render(request, "reservation/audit/sample.html", context)


@staff_who_may(ReservationAct.AUDIT_ORDER)
@require_POST
def sample_file(request: StaffRequest) -> HttpResponse:
    """The sample for a spreadsheet; that it leaves is written down."""
    form = SampleForm(request.GET)
    if not form.is_valid() or form.cleaned_data["seed"] is None:
        return redirect(f"{reverse('reservation:audit')}?{request.GET.urlencode()}")
    asked = form.asked(form.cleaned_data["seed"])
    drawn = sampling.draw(asked)
    what = f"{SAMPLE}, {asked.first} – {asked.last}"
    why = f"{asked.seed}"
    write_down(what=what, rows=len(drawn.drawn), reason=why, by=request.user, now=timezone.now())
    return download(f"vzorek-{asked.seed}", lines.of_file(checking.check(drawn.drawn)), on=asked.last)


@staff_who_may(ReservationAct.AUDIT_ORDER)
@require_http_methods(["GET", "HEAD", "POST"])
def reservation(request: StaffRequest, reservation_id: UUID) -> HttpResponse:
    """One reservation: whose it is, and who arranged it, only for a reason, which is kept with the look."""
    grounds = get_object_or_404(sampling.with_people(ReservationGrounds.objects.all()), pk=reservation_id)
    one = checking.check([grounds])[0]
    form = OpeningForm(request.POST if request.method == "POST" else None)
    # The question whose sample it is of, for the way back.
    query = request.GET.urlencode()
    context = {"one": one, "site": lines.site_of(one), "way": lines.way_of(one), "form": form, "query": query}
    if form.is_valid():
        now, person = timezone.now(), one.registration.person
        what = f"{OPENED}, {grounds.pk}"
        write_down(what=what, rows=1, reason=form.cleaned_data["reason"], by=request.user, now=now)
        looked(person=person, user=request.user, page="reservation:audit_reservation", now=now)
        context |= {"person": person, "registration": one.registration, "arranged_by": _arranged_by(one)}
    return render(request, "reservation/audit/reservation.html", context)


def _with_seed(asked: QueryDict) -> str:
    query = asked.copy()
    query["seed"] = str(sampling.new_seed())
    return query.urlencode()


def _arranged_by(one: Checked) -> str:
    return history.names_of_users([one.context]).get(one.context.get("user", 0), "")
