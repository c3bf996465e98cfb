"""What a site's state and hours mean, and the one way from one state to another (docs/states.md)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pghistory
from django.apps import apps
from django.contrib.auth.models import User
from django.db import transaction

from logistics.models import Role, VaccinationSite
from logistics.sites.errors import SiteChangedMeanwhile, SiteLiesNowhere, StateNotAllowed
from logistics.staff import access

State = VaccinationSite.State

# From a state to those that may follow. Only an OPEN site takes new bookings.
TRANSITIONS: dict[State, tuple[State, ...]] = {
    State.PREPARING: (State.OPEN, State.CLOSED),
    State.OPEN: (State.PAUSED, State.CLOSED),
    State.PAUSED: (State.OPEN, State.CLOSED),
    State.CLOSED: (State.PREPARING, State.OPEN),
}
# What the manager of a site decides alone: to begin, to pause, to go on. To close is the ministry's.
BY_MANAGER = frozenset({(State.PREPARING, State.OPEN), (State.OPEN, State.PAUSED), (State.PAUSED, State.OPEN)})


@dataclass(frozen=True)
class StateChange:
    """One line of the history: when the site came to `state`, who changed it and why (empty: not known)."""

    at: datetime
    state: State
    by: str
    reason: str


def next_states(*, site: VaccinationSite, user: User) -> list[State]:
    """The states to which `user` may bring the site now; none for who only looks."""
    here = State(site.state)
    if access.is_ministry(user):
        return list(TRANSITIONS[here])
    if access.sites_with_role(user, Role.MANAGER).filter(pk=site.pk).exists():
        return [state for state in TRANSITIONS[here] if (here, state) in BY_MANAGER]
    return []


@transaction.atomic
def change_state(*, site: VaccinationSite, to: State, by: User, reason: str) -> None:
    """Bring the site from the state that `by` saw (`site.state`) to `to`; the history keeps who and why.

    Only new bookings depend on the state: who has a reservation keeps it whatever happens, because
    nobody but the site can tell these people what to do instead. Raises StateNotAllowed,
    SiteLiesNowhere, SiteChangedMeanwhile.
    """
    if to not in next_states(site=site, user=by):
        raise StateNotAllowed
    if to == State.OPEN and site.district_id is None:
        # Booking looks for sites by district, so people would never find it.
        raise SiteLiesNowhere
    with pghistory.context(user=by.pk, reason=reason):
        # The WHERE clause is the check: of two who decide at once, the second finds another state.
        if not VaccinationSite.objects.filter(pk=site.pk, state=site.state).update(state=to):
            raise SiteChangedMeanwhile
    site.state = to


def state_history(site: VaccinationSite) -> list[StateChange]:
    """How the site came to its state, the newest change first; two queries."""
    events = apps.get_model("logistics", "VaccinationSiteEvent").objects.filter(pgh_obj=site.pk)
    rows: list[tuple[datetime, str, dict[str, Any] | None]] = list(
        events.order_by("pgh_id").values_list("pgh_created_at", "state", "pgh_context__metadata")
    )
    names = _names({(metadata or {}).get("user") for _, _, metadata in rows})
    history: list[StateChange] = []
    for at, state, metadata in rows:
        if not history or history[-1].state != state:
            told = metadata or {}
            history.append(StateChange(at, State(state), names.get(told.get("user"), ""), told.get("reason", "")))
    return history[::-1]


def _names(keys: set[Any]) -> dict[Any, str]:
    users = User.objects.filter(pk__in=[key for key in keys if isinstance(key, int)])
    return {user.pk: user.get_full_name() or user.get_username() for user in users}
