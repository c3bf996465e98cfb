"""Correcting the record of a dose, and taking back one that was entered in error."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from logistics.staff.guards import SiteRequest, at_site
from reservation.models import Appointment
from vaccination.doses import annulments, corrections
from vaccination.doses.forms import AnnulForm, CorrectionForm
from vaccination.doses.views.records import doses_of_site
from vaccination.models import Dose
from vaccination.pages import done, entry_context, posted, show
from vaccination.permissions import VaccinationAct
from vaccination.team import workers

MISSED = Appointment.State.MISSED


@at_site(VaccinationAct.CORRECT_DOSES)
@require_http_methods(["GET", "POST"])
def correct_dose(request: SiteRequest, dose_id: UUID) -> HttpResponse:
    """Correct the batch, the time, the arm, the number or the people of a dose."""
    dose = get_object_or_404(doses_of_site(request), pk=dose_id)
    if dose.state != Dose.State.VALID:
        return redirect("vaccination:dose", request.site.pk, dose.pk)  # the second of two clicks, or an old tab
    _require_may_correct(request, dose)
    form = CorrectionForm(posted(request), dose=dose, workers=list(workers.working(request.site)))
    if done(
        form,
        lambda: corrections.correct(
            dose=dose, change=form.change(), reason=form.cleaned_data["reason"], context=entry_context(request)
        ),
    ):
        messages.success(request, _("The record is corrected. The version before stays visible below."))
        if (vial := Dose.objects.get(pk=dose.pk).vial) and vial != dose.vial and corrections.is_unthawed(vial):
            text = _(
                "In the stock no vial of this batch was thawed. Look at the vial again: if the batch is right, ask the "
                "stock keeper to record its thawing."
            )
            messages.warning(request, text)
        return redirect("vaccination:dose", request.site.pk, dose.pk)
    return show(request, "doses/correct.html", {"dose": dose, "form": form})


@at_site(VaccinationAct.CORRECT_DOSES)
@require_http_methods(["GET", "POST"])
def annul_dose(request: SiteRequest, dose_id: UUID) -> HttpResponse:
    """Take back a dose that was entered in error; the record stays, marked as such."""
    dose = get_object_or_404(doses_of_site(request), pk=dose_id)
    if dose.state != Dose.State.VALID:
        return redirect("vaccination:dose", request.site.pk, dose.pk)  # the second of two clicks, or an old tab
    _require_may_correct(request, dose)
    form = AnnulForm(posted(request))
    if done(form, lambda: annulments.annul(dose=dose, context=entry_context(request), **form.cleaned_data)):
        messages.success(request, _("The record is taken back. The stock and the person's appointment followed."))
        if dose.visit and Appointment.objects.filter(pk=dose.visit.appointment_id, state=MISSED).exists():
            text = _(
                "That day is over, so the appointment counts as missed. The person is told by SMS or e-mail how to "
                "get a time; tell them yourselves if they have neither."
            )
            messages.warning(request, text)
        return redirect("vaccination:dose", request.site.pk, dose.pk)
    return show(request, "doses/annul.html", {"dose": dose, "form": form})


def _require_may_correct(request: SiteRequest, dose: Dose) -> None:
    if not corrections.may_correct(user=request.user, dose=dose, now=timezone.now()):
        raise Http404
