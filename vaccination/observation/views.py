"""The pages of observation: who sits and until when, letting somebody go, keeping them longer, the time of a site."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crs.errors import FormChanged
from logistics.staff.guards import SiteRequest, at_site
from vaccination.models import ObservationTime, Visit
from vaccination.observation import observation_times, observing
from vaccination.observation.errors import NotObserved, StillObserved
from vaccination.observation.forms import EarlyLeaveForm, ObservationTimeForm, ProlongForm
from vaccination.pages import done, entry_context, posted, show
from vaccination.permissions import VaccinationAct


@at_site(VaccinationAct.OBSERVE)
@require_GET
def observation(request: SiteRequest) -> HttpResponse:
    """Everybody who sits after a dose; with `?cast=seznam` the list alone, as day.js reads it again."""
    now = timezone.now()
    people = observing.sitting(request.site, now=now)
    context = {
        "people": people,
        "over": sum(one.is_over for one in people),
        "rule": ObservationTime.objects.valid_on(timezone.localdate(now), request.site),
        "now": now,
    }
    if request.GET.get("cast") == "seznam":
        return show(request, "observation/parts/sitting.html", context)
    gone = _uuid(request.GET.get("odesel", ""))
    left = Visit.objects.filter(site=request.site, pk=gone, state=Visit.State.GONE) if gone else Visit.objects.none()
    left_now = left.select_related("registration__person").first()
    return show(request, "observation/list.html", {**context, "left": left_now})


@at_site(VaccinationAct.OBSERVE)
@require_http_methods(["GET", "POST"])
def leave(request: SiteRequest, visit_id: UUID) -> HttpResponse:
    """Let somebody go; before the end it asks why first."""
    visit = _visit(request, visit_id)
    form = EarlyLeaveForm(request.POST if "reason" in request.POST else None)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    refusal = ""
    if request.method == "POST":
        try:
            observing.leave(visit=visit, context=entry_context(request), early_reason=reason)
        except StillObserved:
            pass  # the page says so, and asks why
        except FormChanged as error:
            refusal = str(error)
        else:
            answer = redirect("vaccination:observation", request.site.pk)
            answer.headers["Location"] += f"?odesel={visit.pk}"
            return answer
    elif visit.state != Visit.State.OBSERVED:
        return redirect("vaccination:observation", request.site.pk)
    return show(request, "observation/leave.html", {"visit": visit, "form": form, "refusal": refusal} | _left(visit))


@at_site(VaccinationAct.OBSERVE)
@require_http_methods(["GET", "POST"])
def take_leave_back(request: SiteRequest, visit_id: UUID) -> HttpResponse:
    """Let somebody sit again who was let go by mistake."""
    if request.method == "POST":
        visit = observing.take_leave_back(visit=_visit(request, visit_id), context=entry_context(request))
        messages.success(request, _("%(person)s sits here again.") % {"person": visit.registration.person})
    return redirect("vaccination:observation", request.site.pk)


@at_site(VaccinationAct.OBSERVE)
@require_http_methods(["GET", "POST"])
def prolong(request: SiteRequest, visit_id: UUID) -> HttpResponse:
    """Keep somebody longer."""
    visit = _visit(request, visit_id)
    if visit.state != Visit.State.OBSERVED:
        raise NotObserved
    form = ProlongForm(posted(request))
    if done(
        form,
        lambda: observing.prolong(
            visit=visit,
            minutes=form.cleaned_data["minutes"],
            context=entry_context(request, form.cleaned_data["note"]),
        ),
    ):
        return redirect("vaccination:observation", request.site.pk)
    return show(request, "observation/prolong.html", {"visit": visit, "form": form} | _left(visit))


@at_site(VaccinationAct.MANAGE_TEAM)
@require_http_methods(["GET", "POST"])
def observation_time(request: SiteRequest) -> HttpResponse:
    """How long people of the site sit, from a day on."""
    today = timezone.localdate()
    rule = ObservationTime.objects.valid_on(today, request.site)
    initial = {"valid_from": today, "minutes": rule.minutes if rule else None}
    form = ObservationTimeForm(posted(request), initial=initial)
    if done(
        form,
        lambda: observation_times.set_time(site=request.site, context=entry_context(request), **form.cleaned_data),
    ):
        return redirect("vaccination:observation_time", request.site.pk)
    rules = {
        "own": ObservationTime.objects.filter(site=request.site).order_by("-valid_from"),
        "general": ObservationTime.objects.filter(site=None).order_by("-valid_from"),
    }
    return show(request, "observation/time.html", {"form": form, "rule": rule, "today": today} | rules)


def _visit(request: SiteRequest, visit_id: UUID) -> Visit:
    visits = Visit.objects.filter(site=request.site).select_related("registration__person", "site")
    return get_object_or_404(visits, pk=visit_id)


def _left(visit: Visit) -> dict[str, int]:
    """The minutes until the end of the observation, begun ones as whole ones."""
    if visit.observe_until is None:
        return {"minutes_left": 0}
    seconds = (visit.observe_until - timezone.now()).total_seconds()
    return {"minutes_left": max(0, -int(-seconds // 60))}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
