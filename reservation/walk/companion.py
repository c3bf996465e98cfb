"""The person for whom somebody chooses along with themselves, and the times that serve both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.http import HttpRequest

from reservation.free_seats import availability
from reservation.free_seats.availability import TimeOffer
from reservation.free_seats.need import Need
from reservation.models import Invitation, Reservation
from reservation.papers import reservation_summary
from reservation.papers.reservation_summary import AppointmentSummary
from reservation.walk import days_between
from reservation.walk.days_between import Gap
from reservation.walk.session import REGISTRATION

COMPANION = "reservation_companion"
# Of the nearest times of a person hardly all serve the companion.
LOOKED_AT = 12


@dataclass(frozen=True)
class HeldTimes:
    """What the page of the last click shows of a person; `name` is empty where somebody reserves alone."""

    name: str
    appointments: Sequence[AppointmentSummary]
    gaps: Sequence[Gap]


def add(request: HttpRequest, invitation: Invitation) -> None:
    """Choose for that person, too, from now on; they typed their PIN2 in this browser."""
    request.session[COMPANION] = [request.session[REGISTRATION], invitation.pk]


def forget(request: HttpRequest) -> None:
    """Choose alone from now on."""
    request.session.pop(COMPANION, None)


def key(request: HttpRequest) -> int | None:
    """The invitation of the companion, without asking the database.

    It is of nobody else who logs in to this browser later.
    """
    chooser, found = request.session.get(COMPANION, (None, None))
    return found if chooser == request.session.get(REGISTRATION) else None


def of(request: HttpRequest) -> Invitation | None:
    """The invitation of the companion with the person; no query for whoever chooses alone."""
    found = key(request)
    if found is None:
        return None
    return Invitation.objects.select_related("registration__person").filter(pk=found).first()


def times_for_two(own: Iterable[TimeOffer], companions: Sequence[TimeOffer]) -> list[TimeOffer]:
    """Of the times of a person those in which the companion finds a seat, too, or right before or after.

    Whether their later doses find seats beside each other only the hold knows.
    """
    return [one for one in own if any(_are_beside(one, other) for other in companions)]


def nearest_for_two(
    slot_id: int, own: Need, companions: Need, now: datetime, *, with_lost: bool = False
) -> list[TimeOffer]:
    """The times that serve both among those that are nearest to a slot that was lost."""
    nearest = partial(availability.nearest, slot_id=slot_id, now=now, count=LOOKED_AT, with_lost=with_lost)
    found = [nearest(need=need) for need in (own, companions)]
    return times_for_two(*found)


def _are_beside(one: TimeOffer, other: TimeOffer) -> bool:
    if one.vaccine != other.vaccine:
        return False
    if one.slot_id == other.slot_id:
        return one.free > 1
    return (
        one.starts_at == other.starts_at
        or one.starts_at + timedelta(minutes=one.minutes) == other.starts_at
        or other.starts_at + timedelta(minutes=other.minutes) == one.starts_at
    )


def held_by_all(hold: Reservation) -> list[HeldTimes]:
    """What the person holds, and after it what the companion holds with them."""
    if hold.party is None:
        return [HeldTimes("", reservation_summary.appointments_of(hold), days_between.gaps(hold))]
    both = reservation_summary.of_party(hold.party)
    return [
        HeldTimes(str(one.registration.person), reservation_summary.appointments_of(one), days_between.gaps(one))
        for one in sorted(both, key=lambda one: one.pk != hold.pk)
    ]
