"""The frame of a site's pages: its name, where one can go, and what the user may do there."""

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, NamedTuple

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from crs.errors import DomainError
from crs.sent_forms import sending
from logistics.staff import permissions
from logistics.staff.guards import SiteRequest
from logistics.stock.ledger import EntryContext
from vaccination.models import DayClosing
from vaccination.permissions import VaccinationAct as Act


class BarDoor(NamedTuple):
    """A door of the bar: what is said, where it leads, and the act that opens it."""

    label: str | Promise
    url_name: str
    act: str


# By position; rooms above add theirs between them (`add_door`).
_doors: dict[int, BarDoor] = {
    10: BarDoor(pgettext_lazy("bar of a site", "Today"), "vaccination:day", Act.SEE_DAY),
    20: BarDoor(_("Without an appointment"), "vaccination:walk_in", Act.CHECK_IN),
    30: BarDoor(_("Vials"), "vaccination:vials", Act.GIVE_DOSES),
    40: BarDoor(_("Late entry"), "vaccination:late_entry", Act.GIVE_DOSES),
    50: BarDoor(_("Observation"), "vaccination:observation", Act.OBSERVE),
    60: BarDoor(_("Adverse events"), "vaccination:events", Act.REPORT_EVENTS),
    70: BarDoor(_("End of the day"), "vaccination:closing", Act.CLOSE_DAY),
    80: BarDoor(_("Overrides"), "vaccination:overrides", Act.SEE_OVERRIDES),
    90: BarDoor(_("Team"), "vaccination:team", Act.MANAGE_TEAM),
}


class Door(NamedTuple):
    """A link of the bar."""

    label: str | Promise
    url: str
    is_current: bool


def add_door(position: int, label: str | Promise, url_name: str, act: str) -> None:
    """Let a room above add a door to the bar, in `AppConfig.ready`. Raises ValueError where the position is taken."""
    if position in _doors:
        raise ValueError(f"There is a door at {position} already.")
    _doors[position] = BarDoor(label, url_name, act)


def show(
    request: SiteRequest,
    template: str,
    context: dict[str, Any] | None = None,
    status: int = 200,
    *,
    room: str = "vaccination",
) -> HttpResponse:
    """A page of the site; `acts` in its context are those of the user there, `bar` where they may go.

    `about_day` in the context is the day that the page is about, today where there is none; where it is closed, the
    page says so. `template` lies in the folder of `room`.
    """
    context = context or {}
    frame = {"site": request.site, "acts": acts(request), "bar": bar(request), "closed": _closed(request, context)}
    return render(request, f"{room}/{template}", {**frame, **context}, status=status)


def _closed(request: SiteRequest, context: dict[str, Any]) -> DayClosing | None:
    day = context.get("about_day") or timezone.localdate()
    return DayClosing.objects.standing().filter(site=request.site, day=day).first()


def bar(request: SiteRequest) -> list[Door]:
    """The links of the site's bar that the user may follow."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    may = acts(request)
    doors = (_doors[position] for position in sorted(_doors))
    return [
        Door(label, reverse(name, args=[request.site.pk]), name == here) for label, name, act in doors if act in may
    ]


def acts(request: SiteRequest) -> frozenset[str]:
    """The acts that the user may do at the site, asked once a request."""
    if not hasattr(request, "acts_here"):
        request.acts_here = permissions.acts_at(request.user, request.site)  # type: ignore[attr-defined]
    found: frozenset[str] = request.acts_here  # type: ignore[attr-defined]
    return found


def posted(request: HttpRequest) -> QueryDict | None:
    """The form that was sent to the page; None where the page is only opened."""
    return request.POST if request.method == "POST" else None


def day_or_404(text: str, now: datetime | None = None) -> date:
    """The day that an address or a form names; today where it names none. Raises Http404."""
    try:
        named = date.fromisoformat(text) if text else timezone.localdate(now)
    except ValueError as error:
        raise Http404 from error
    if not 2020 <= named.year <= 2100:
        raise Http404
    return named


def forms_of(page: str, *keys: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Take forms only; a browser that asks for the address without one is led to the page `page`.

    So it goes where the language is switched on a refused form, where somebody logs in again, and with "back" and
    "reload". `keys` are the arguments of the address which that of the page has after the site.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapper(request: SiteRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in ("GET", "HEAD"):
                return redirect(page, request.site.pk, *(kwargs[key] for key in keys))
            return require_POST(view)(request, *args, **kwargs)

        return wrapper

    return decorate


def entry_context(request: SiteRequest, note: str = "") -> EntryContext:
    """The context of what the form in the request asks for: its user, now, and the form itself."""
    return EntryContext(by=request.user, now=timezone.now(), form=sending(request), note=note)


def done(form: Form, operation: Callable[[], object]) -> bool:
    """Whether the form was sent, is right, and `operation` did what it asks for; else the form says why not."""
    if not form.is_valid():
        return False
    try:
        operation()
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return False
    return True
