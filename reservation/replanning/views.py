"""The pages of re-plannings: what is planned, who would move where, publishing, whom to call, undoing."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.paging import Paginator
from crs.sent_forms import sending
from logistics.staff import permissions
from logistics.staff.guards import staff_who_may
from registration.people.looks import looked_at_all
from reservation.models import PlannedMove, Replan
from reservation.permissions import ReservationAct
from reservation.replanning import answers, overview, planning, publishing, undoing
from reservation.replanning.forms import ReplanForm

ON_A_PAGE, ROWS_ON_A_PAGE = 30, 50
P = ParamSpec("P")


class ReplanRequest(StaffRequest):
    """A request about one re-planning that the user sees."""

    replan: Replan


def of_replan(view: Callable[Concatenate[ReplanRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Let in staff who see the re-planning named by `replan_id`, which becomes `request.replan`; else 404."""

    @staff_who_may(ReservationAct.REPLAN)
    @wraps(view)
    def wrapper(request: StaffRequest, /, *args: Any, replan_id: int, **kwargs: Any) -> HttpResponse:
        found = get_object_or_404(overview.visible_to(request.user), pk=replan_id)
        request.replan = found  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return wrapper


@staff_who_may(ReservationAct.REPLAN)
@require_safe
def replans(request: StaffRequest) -> HttpResponse:
    """The re-plannings of the user's sites and regions, the newest first."""
    page = Paginator(overview.visible_to(request.user), ON_A_PAGE).get_page(request.GET.get("strana"))
    return render(request, "reservation/replanning/replans.html", {"page": page})


@staff_who_may(ReservationAct.REPLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def start_replan(request: StaffRequest) -> HttpResponse:
    """Say whose appointments move; `?uzavreni=` opens the form with a closure."""
    initial = {"closure": request.GET.get("uzavreni", "")[:40]}
    form = ReplanForm(request.POST if request.method == "POST" else None, user=request.user, initial=initial)
    if form.is_valid():
        made = planning.start(draft=form.draft(), by=request.user, now=timezone.now(), form=sending(request))
        return redirect("reservation:replan", made.pk)
    return render(request, "reservation/replanning/start.html", {"form": form})


@of_replan
@require_safe
def replan(request: ReplanRequest) -> HttpResponse:
    """How far it has come, in numbers, and who moves where; names only to who sees the site's reservations."""
    found, now = request.replan, timezone.now()
    state = request.GET.get("stav", "")
    page = Paginator(overview.rows_of(found, state=state), ROWS_ON_A_PAGE).get_page(request.GET.get("strana"))
    is_published = found.state == Replan.State.PUBLISHED
    visible = overview.visible_to(request.user)
    context = {
        "replan": found,
        "overview": overview.overview(found, now=now),
        "holders": [
            (one, count, visible.filter(pk=one.pk).exists()) for one, count in overview.holders(found, now=now).items()
        ],
        "page": page,
        "rows": _with_names(request, list(page), "reservation:replan"),
        "state": state,
        "query": f"&stav={state}" if state in PlannedMove.State.values else "",
        "planned": found.moves.filter(state=PlannedMove.State.PLANNED).count(),
        "unreached": overview.unreached(found, now=now).count() if is_published else 0,
        "without_time": found.moves.filter(state__in=(PlannedMove.State.NO_TIME, PlannedMove.State.FAILED)).count(),
        "can_be_undone": overview.unanswered(found).count() if is_published else 0,
        "chosen": PlannedMove.State.choices,
    }
    return render(request, "reservation/replanning/replan.html", context)


@of_replan
@require_POST
def publish_replan(request: ReplanRequest) -> HttpResponse:
    """Move everybody and tell them."""
    return _act(request, publishing.publish, _("People are being moved and told."))


@of_replan
@require_POST
def discard_replan(request: ReplanRequest) -> HttpResponse:
    """Give the plan up; nobody was told anything."""
    found = request.replan
    planning.discard(replan_id=found.pk, by=request.user, now=timezone.now())
    messages.success(request, _("The plan is discarded. Nobody has moved."))
    return redirect("reservation:replans")


@of_replan
@require_POST
def undo_replan(request: ReplanRequest) -> HttpResponse:
    """Move back whoever has not acted, and tell them."""
    return _act(request, undoing.undo, _("People who have not acted are being moved back and told."))


@of_replan
@require_safe
def replan_calls(request: ReplanRequest) -> HttpResponse:
    """Whom no message has reached, for those who may call them."""
    found = request.replan
    rows = overview.unreached(found, now=timezone.now())
    callable_sites = permissions.sites_where(request.user, ReservationAct.CALL_AFFECTED)
    mine = rows.filter(from_slot__site__in=callable_sites)
    page = Paginator(mine, ROWS_ON_A_PAGE).get_page(request.GET.get("strana"))
    people = {row.appointment.reservation.registration.person for row in page}
    looked_at_all(people, user=request.user, page="reservation:replan_calls", now=timezone.now())
    others = rows.count() - page.paginator.count
    context = {"replan": found, "page": page, "others": others, "query": ""}
    return render(request, "reservation/replanning/calls.html", context)


@of_replan
@require_POST
def reached_by_call(request: ReplanRequest, move_id: int) -> HttpResponse:
    """Write down that the person knows of the new time and comes."""
    found = request.replan
    callable_sites = permissions.sites_where(request.user, ReservationAct.CALL_AFFECTED)
    move = get_object_or_404(PlannedMove, pk=move_id, replan=found, from_slot__site__in=callable_sites)
    if answers.answer(move=move, now=timezone.now()):
        messages.success(request, _("The call is written down."))
    return redirect("reservation:replan_calls", found.pk)


def _act(request: ReplanRequest, act: Any, done: str) -> HttpResponse:
    found = request.replan
    try:
        act(replan_id=found.pk, by=request.user, now=timezone.now(), form=sending(request))
    except DomainError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("reservation:replan", found.pk)


def _with_names(request: StaffRequest, rows: list[PlannedMove], page: str) -> list[tuple[PlannedMove, bool]]:
    """Each move, and whether the user may see whose it is; who sees names is written into the log."""
    seen = permissions.sites_where(request.user, ReservationAct.SEE_RESERVATIONS)
    named = set(seen.filter(pk__in={row.from_slot.site_id for row in rows}).values_list("pk", flat=True))
    found = [(row, row.from_slot.site_id in named) for row in rows]
    people = {row.appointment.reservation.registration.person for row, is_named in found if is_named}
    looked_at_all(people, user=request.user, page=page, now=timezone.now())
    return found
