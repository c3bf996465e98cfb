"""The page of a person's timeline."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from crs.errors import FormChanged
from crs.sent_forms import NO_FORM, sending
from logistics.staff import permissions
from logistics.staff.guards import SiteRequest, at_site
from registration.models import Registration
from vaccination.pages import posted, show
from vaccination.permissions import VaccinationAct
from vaccination.timeline import entries, openings
from vaccination.timeline.forms import OpeningForm


@at_site(VaccinationAct.SEE_TIMELINE)
@require_http_methods(["GET", "POST"])
def timeline(request: SiteRequest, registration_id: int) -> HttpResponse:
    """Show all that happened around a person; each opening is written down first, with its reason."""
    is_ministry = permissions.may_everywhere(request.user, VaccinationAct.SEE_TIMELINE)
    seen = Registration.objects.all() if is_ministry else openings.registrations_of(request.site)
    registration = get_object_or_404(seen.select_related("person__merged_into"), pk=registration_id)
    now = timezone.now()
    form = OpeningForm(posted(request))
    if openings.is_here_today(registration, request.site, now=now):
        reason, form_sent = openings.HERE_TODAY, NO_FORM
    elif form.is_valid():
        reason, form_sent = form.cleaned_data["reason"], sending(request)
    else:
        return show(request, "timeline/reason.html", {"form": form, "registration": registration})
    site = None if is_ministry else request.site
    try:
        openings.write_down(
            registration=registration, site=site, reason=reason, by=request.user, now=now, form=form_sent
        )
    except FormChanged as refusal:
        form.add_error(None, str(refusal))
        return show(request, "timeline/reason.html", {"form": form, "registration": registration})
    person = registration.person.merged_into or registration.person
    days = entries.by_day(entries.entries_of(person))
    return show(request, "timeline/timeline.html", {"person": person, "registration": registration, "days": list(days)})
