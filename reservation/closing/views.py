"""The pages of a site's closures: what is closed, closing a time after a look at whom it affects, opening it again."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from crs.errors import DomainError
from crs.paging import Paginator
from crs.sent_forms import sending
from logistics.staff.guards import SiteRequest, at_site
from registration.people.looks import looked_at_all
from reservation.affected import affected
from reservation.closing import closing
from reservation.closing.errors import ClosureChanged
from reservation.closing.forms import ClosureForm
from reservation.models import Closure
from reservation.permissions import ReservationAct

STEP, SEEN = "step", "seen"
# More names are not read before a decision; after it, the call list holds everybody.
MOST_NAMES = 1000
PAST_ON_A_PAGE = 30


@at_site(ReservationAct.CLOSE_TIMES)
@require_safe
def closures(request: SiteRequest) -> HttpResponse:
    """What is closed now or will be, and what was."""
    now = timezone.now()
    known = Closure.objects.filter(site=request.site.pk).select_related("vaccine", "made_by", "lifted_by")
    context = {
        "standing": known.standing().filter(ends_at__gt=now).order_by("starts_at"),
        "page": Paginator(_over(known, request), PAST_ON_A_PAGE).get_page(request.GET.get("strana")),
    }
    return _show(request, "closures", context)


@at_site(ReservationAct.CLOSE_TIMES)
@require_http_methods(["GET", "HEAD", "POST"])
def close_time(request: SiteRequest) -> HttpResponse:
    """Close a time: a form, a list of everybody whom it affects, and only then it is closed.

    `?od=2027-05-03&do=2027-05-09` opens the form with these days.
    """
    form = ClosureForm(request.POST or None, site=request.site, initial=_days_of(request))
    if not form.is_valid() or request.POST.get(STEP) == "edit":
        return _show(request, "close", {"form": form, "presets": _presets()})
    now, draft = timezone.now(), form.draft()
    try:
        if request.POST.get(STEP) == "close":
            shown = request.POST.get(SEEN, "")
            made = closing.close(draft=draft, shown=shown, by=request.user, now=now, form=sending(request))
            messages.success(request, _("The time is closed. Nobody can book it any more."))
            return redirect("reservation:closure", request.site.pk, made.pk)
        plan = closing.plan_closure(draft, now=now)
    except ClosureChanged as refusal:
        form.add_error(None, str(refusal))
        plan = closing.plan_closure(draft, now=now)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _show(request, "close", {"form": form, "presets": _presets()})
    people = list(closing.affected_by(draft, now=now)[:MOST_NAMES])
    seen = [one.reservation.registration.person for one in people]
    looked_at_all(seen, user=request.user, page="reservation:close_time", now=timezone.now())
    context = {"form": form, "draft": draft, "plan": plan, "people": people, "more": plan.affected - len(people)}
    return _show(request, "preview", context)


@at_site(ReservationAct.CLOSE_TIMES)
@require_safe
def closure(request: SiteRequest, closure_id: int) -> HttpResponse:
    """One closure: how many people it affects, and how many of them have another time."""
    found, now = _closure(request, closure_id), timezone.now()
    handed = found.affected.count()
    still = affected.open_at(now, site_id=request.site.pk).filter(closure=found).count()
    context = {
        "closure": found,
        "handed": handed,
        "still": still,
        "settled": handed - still,
        "may_lift": found.lifted_at is None and found.ends_at > now,
    }
    return _show(request, "closure", context)


@at_site(ReservationAct.CLOSE_TIMES)
@require_http_methods(["GET", "HEAD", "POST"])
def lift(request: SiteRequest, closure_id: int) -> HttpResponse:
    """Open the time again, after a look at how many people are told that they come after all."""
    found, now = _closure(request, closure_id), timezone.now()
    if request.method == "POST":
        try:
            closing.lift(closure_id=found.pk, by=request.user, now=now, form=sending(request))
        except DomainError as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("The time is open again. Whoever still has it is told that it holds."))
        return redirect("reservation:closure", request.site.pk, found.pk)
    still = affected.open_at(now, site_id=request.site.pk).filter(closure=found)
    told = ngettext(
        "%(count)d person still has an appointment there, and is told that it holds after all.",
        "%(count)d people still have an appointment there, and are told that it holds after all.",
        count := still.values("appointment__reservation").distinct().count(),
    ) % {"count": count}
    return _show(request, "lift", {"closure": found, "told": told, "count": count})


def _closure(request: SiteRequest, closure_id: int) -> Closure:
    known = Closure.objects.select_related("vaccine", "made_by", "lifted_by")
    return get_object_or_404(known, pk=closure_id, site=request.site.pk)


def _over(known: QuerySet[Closure], request: SiteRequest) -> QuerySet[Closure]:
    standing = known.filter(lifted_at=None, ends_at__gt=timezone.now())
    return known.exclude(pk__in=standing.values("pk")).order_by("-starts_at", "-pk")


def _days_of(request: SiteRequest) -> dict[str, Any]:
    """The days of the address; one that is none is left out."""
    found: dict[str, Any] = {}
    for key, name in (("od", "first_day"), ("do", "last_day")):
        with suppress(ValueError):
            found[name] = date.fromisoformat(request.GET.get(key, ""))
    return found


def _presets() -> list[tuple[str, date, date]]:
    """Days that are often closed, each with its name."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    days = [timedelta(days=count) for count in (1, 6, 7, 13)]
    return [
        (_("this day"), today, today),
        (_("tomorrow"), today + days[0], today + days[0]),
        (_("this week"), today, monday + days[1]),
        (_("next week"), monday + days[2], monday + days[3]),
    ]


def _show(request: SiteRequest, page: str, context: dict[str, Any]) -> HttpResponse:
    around = {"site": request.site, "tab": "closures", "now": timezone.now()}
    return render(request, f"reservation/closing/{page}.html", {**around, **context})
