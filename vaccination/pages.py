"""The frame of a site's pages: its name, where one can go, and what the user may do there."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.forms import Form
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.errors import DomainError
from crs.sent_forms import sending
from logistics.staff import permissions
from logistics.staff.guards import SiteRequest
from logistics.stock.ledger import EntryContext
from vaccination.permissions import VaccinationAct as Act

# The bar of a site: what is said, where it leads, and the act that opens it.
BAR: tuple[tuple[str | Promise, str, Act], ...] = (
    (pgettext_lazy("bar of a site", "Today"), "vaccination:day", Act.SEE_DAY),
    (_("Without an appointment"), "vaccination:walk_in", Act.CHECK_IN),
    (_("Vials"), "vaccination:vials", Act.GIVE_DOSES),
    (_("Late entry"), "vaccination:late_entry", Act.GIVE_DOSES),
    (_("Observation"), "vaccination:observation", Act.OBSERVE),
    (_("Adverse events"), "vaccination:events", Act.REPORT_EVENTS),
    (_("End of the day"), "vaccination:closing", Act.CLOSE_DAY),
    (_("Overrides"), "vaccination:overrides", Act.SEE_OVERRIDES),
    (_("Team"), "vaccination:team", Act.MANAGE_TEAM),
)


class Door(NamedTuple):
    """A link of the bar."""

    label: str | Promise
    url: str
    is_current: bool


def show(request: SiteRequest, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """A page of the site; `acts` in its context are those of the user there, `bar` where they may go."""
    frame = {"site": request.site, "acts": acts(request), "bar": bar(request)}
    return render(request, f"vaccination/{template}", {**frame, **(context or {})}, status=status)


def bar(request: SiteRequest) -> list[Door]:
    """The links of the site's bar that the user may follow."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    may = acts(request)
    return [Door(label, reverse(name, args=[request.site.pk]), name == here) for label, name, act in BAR if act in may]


def acts(request: SiteRequest) -> frozenset[str]:
    """The acts that the user may do at the site, asked once a request."""
    if not hasattr(request, "acts_here"):
        request.acts_here = permissions.acts_at(request.user, request.site)  # type: ignore[attr-defined]
    found: frozenset[str] = request.acts_here  # type: ignore[attr-defined]
    return found


def posted(request: SiteRequest) -> QueryDict | None:
    """The form that was sent to the page; None where the page is only opened."""
    return request.POST if request.method == "POST" else None


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
