"""The frame of a site's pages: its name, where one can go, and what the user may do there."""

from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from logistics.staff import permissions
from logistics.staff.guards import SiteRequest
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
    acts = (context or {}).get("acts") or permissions.acts_at(request.user, request.site)
    frame = {"site": request.site, "acts": acts, "bar": bar(request, acts)}
    return render(request, f"vaccination/{template}", {**frame, **(context or {})}, status=status)


def bar(request: SiteRequest, acts: frozenset[str]) -> list[Door]:
    """The links of the site's bar that the user may follow."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    doors = [Door(label, address(name, request.site.pk), name == here) for label, name, act in BAR if act in acts]
    return [door for door in doors if door.url]


def address(name: str, *arguments: Any) -> str:
    """The address of a page; empty where there is none of this name."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
