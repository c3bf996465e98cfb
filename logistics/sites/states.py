"""The states of a site, and the one operation that changes them (docs/states.md)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from crs import history
from logistics.models import VaccinationSite
from logistics.operations import Operation
from logistics.sites.errors import SiteChangedMeanwhile, SiteLiesNowhere, StateNotAllowed
from logistics.staff import permissions
from logistics.staff.permissions import Act

State = VaccinationSite.State

# From each state to those that may follow it. Only an OPEN site takes new bookings.
TRANSITIONS: dict[State, tuple[State, ...]] = {
    State.PREPARING: (State.OPEN, State.CLOSED),
    State.OPEN: (State.PAUSED, State.CLOSED),
    State.PAUSED: (State.OPEN, State.CLOSED),
    State.CLOSED: (State.PREPARING, State.OPEN),
}
# For these `RUN_SITE` is enough: to begin, to pause, to go on. All others need `CLOSE_SITE`.
RUNNING = frozenset({(State.PREPARING, State.OPEN), (State.OPEN, State.PAUSED), (State.PAUSED, State.OPEN)})


@dataclass(frozen=True)
class StateChange:
    """A line of the history: the new state, the time, and the person and reason where they are known."""

    at: datetime
    state: State
    by: str
    reason: str


def next_states(*, site: VaccinationSite, user: User) -> list[State]:
    """The states to which `user` may bring the site now; none for a user who may only look at it."""
    here, acts = State(site.state), permissions.acts_at(user, site)
    if Act.CLOSE_SITE in acts:
        return list(TRANSITIONS[here])
    if Act.RUN_SITE in acts:
        return [state for state in TRANSITIONS[here] if (here, state) in RUNNING]
    return []


@transaction.atomic
def change_state(*, site: VaccinationSite, to: State, by: User, reason: str) -> None:
    """Bring the site from the state that `by` saw (`site.state`) to `to`; the history keeps the person and the reason.

    Only new bookings depend on the state. People with a reservation keep it whatever happens, because only the site
    can tell them what to do instead. Raises StateNotAllowed, SiteLiesNowhere, SiteChangedMeanwhile.
    """
    if to not in next_states(site=site, user=by):
        raise StateNotAllowed
    if to == State.OPEN and site.district_id is None:
        # Booking looks for sites by district, so people would never find it.
        raise SiteLiesNowhere
    with history.recording(Operation.CHANGE_SITE_STATE, by=by, reason=reason):
        # The WHERE clause is the check: of two who decide at once, the second finds another state.
        if not VaccinationSite.objects.filter(pk=site.pk, state=site.state).update(state=to):
            raise SiteChangedMeanwhile
    site.state = to


def state_history(site: VaccinationSite) -> list[StateChange]:
    """The changes of the site's state, the newest first; two queries."""
    events = apps.get_model("logistics", "VaccinationSiteEvent").objects.filter(pgh_obj=site.pk)
    rows: list[tuple[datetime, str, dict[str, Any] | None]] = list(
        events.order_by("pgh_id").values_list("pgh_created_at", "state", "pgh_context__metadata")
    )
    names = history.names_of_users(metadata for _at, _state, metadata in rows)
    changes: list[StateChange] = []
    for at, state, metadata in rows:
        if not changes or changes[-1].state != state:
            told = metadata or {}
            changes.append(StateChange(at, State(state), names.get(told.get("user", 0), ""), _reason(told)))
    return changes[::-1]


def _reason(told: dict[str, Any]) -> str:
    if told.get("operation") == Operation.IMPORT_SITES:
        return _("the ministry's list of sites")
    return str(told.get("reason", ""))
