"""Going straight on to the choice of a time after registering.

Which seats are free, and who waits for them, is known above; the room there tells this module how to ask. What a page
says is asked by what was typed alone, so that a claim to somebody's registration reads like a registration.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from django.db import Error as DatabaseError
from django.http import HttpRequest

from logistics.models import VaccinationSite, region_of_site
from registration.groups import eligibility, order
from registration.groups.eligibility import Facts
from registration.groups.rules import rules_at
from registration.models import Registration

# The key of no registration.
NOBODY = 0

log = logging.getLogger(__name__)


class Outlook(StrEnum):
    """What somebody who is registered can do at this moment."""

    GO = "GO"  # choose a time
    LATER = "LATER"  # others who come before them wait for the free seats
    FULL = "FULL"  # nothing is free where they would go
    NOT_OPEN = "NOT_OPEN"  # their group is not invited yet
    UNKNOWN = "UNKNOWN"  # something is broken here: nobody can tell


@dataclass(frozen=True)
class Source:
    """How the room above is asked.

    `look` by facts, codes of regions and the moment of registering; `join` puts the registration with a key on the
    waiting list where a time can be offered to it; `go` lets a browser in and says where it goes, None where the person
    cannot go on.
    """

    look: Callable[[Facts, Iterable[str], datetime, datetime], Outlook]
    join: Callable[[int, datetime], None]
    go: Callable[[HttpRequest, Registration, datetime], str | None]


class _Asked:
    source: Source | None = None


def set_source(source: Source) -> None:
    """Say who knows; the room above calls it at start-up."""
    _Asked.source = source


def outlook(facts: Facts, sites: Sequence[VaccinationSite], *, registered_at: datetime, now: datetime) -> Outlook:
    """What somebody with these facts, whom these sites suit (none: any), can do now; UNKNOWN where that fails."""
    if not eligibility.decide(facts, rules_at(now), now=now).may_reserve:
        return Outlook.NOT_OPEN
    if _Asked.source is None:
        return Outlook.LATER
    try:
        return _Asked.source.look(facts, _regions_of(sites), registered_at, now)
    except DatabaseError:
        log.exception("outlook is not known")
        return Outlook.UNKNOWN


def is_listed(found: Outlook, sites: Sequence[VaccinationSite]) -> bool:
    """Whether whoever registers now goes onto the waiting list: nothing is free at the sites that they chose."""
    return found is Outlook.FULL and bool(sites)


def join(made: Registration | None, *, now: datetime) -> None:
    """Put the person on the waiting list, if a time can be offered to them. `made` None: a claim."""
    if _Asked.source is None:
        return
    try:
        # A claim takes the same work, so that nobody tells it by its time from a registration.
        _Asked.source.join(made.pk if made is not None else NOBODY, now)
    except DatabaseError:
        # They are invited like everybody, so nothing is lost.
        log.exception("not on the waiting list")


def weeks_of(
    outlook: Outlook, facts: Facts, sites: Sequence[VaccinationSite], *, now: datetime
) -> dict[str, int | None] | None:
    """How long whoever cannot choose a time now will probably wait, as a session keeps it; None: nobody can say."""
    if outlook not in (Outlook.LATER, Outlook.FULL, Outlook.NOT_OPEN):
        return None
    try:
        place = order.estimate_of(facts, _regions_of(sites), now)
    except DatabaseError:
        log.exception("the wait is not known")
        return None
    return asdict(place.weeks) if place and place.weeks else None


def _regions_of(sites: Sequence[VaccinationSite]) -> set[str]:
    chosen = VaccinationSite.objects.filter(pk__in=[site.pk for site in sites]).order_by()
    return set(chosen.values_list(region_of_site(), flat=True)) if sites else set()


def go(request: HttpRequest, registration: Registration, *, now: datetime) -> str | None:
    """Let this browser go on with the registration: the address where a time is chosen; None where it cannot now."""
    return _Asked.source.go(request, registration, now) if _Asked.source is not None else None
