"""A portion of the replay: people come for seats of one calendar and reserve as the pages do, by hold and confirm."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import OperationalError
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled

from crs.errors import DomainError
from registration.replay.registering import FirstDose
from reservation import errors
from reservation.models import Slot
from reservation.replay import crowd
from reservation.replay.crowd import Coming, Invited
from reservation.replay.seats_taken import Place
from reservation.reserving import booking

THINKING = timedelta(minutes=2)
LISTS_READ = 3
LATE = (DeadlockDetected, LockNotAvailable, QueryCanceled)
_PRAGUE = ZoneInfo(settings.TIME_ZONE)


@dataclass(frozen=True)
class Portion:
    """So many people who reserve at `place`, all of them at `booked_at`."""

    place: Place
    people: int
    booked_at: datetime
    vaccine_id: str
    had: FirstDose | None = None


@dataclass(frozen=True)
class Taken:
    """How many people have all their seats, and why the others have none, by the name of the refusal."""

    people: int
    refused: Counter[str]


def take(portion: Portion) -> Taken:
    """Let the people of the portion come one after the other."""
    times = _free(portion)
    if not times:
        return Taken(0, Counter({errors.SlotFull.__name__: portion.people}))
    moment = portion.booked_at
    day = moment.astimezone(_PRAGUE).date()
    coming = crowd.invite(Coming(portion.people, portion.place.site_id, moment, day, portion.had))
    refused: Counter[str] = Counter()
    for person in coming:
        try:
            _reserve(person, portion, times, moment)
        except DomainError as error:
            refused[type(error).__name__] += 1
        except OperationalError as error:
            # A page would say 'try again in a moment'; whoever comes in their place does.
            if not isinstance(error.__cause__, LATE):
                raise
            refused[type(error.__cause__).__name__] += 1
    return Taken(len(coming) - refused.total(), refused)


def _reserve(person: Invited, portion: Portion, times: list[int], moment: datetime) -> None:
    """Hold a time of the list and confirm it; when others were faster, another one. Raises BookingError."""
    lists_read = 1
    while True:
        if not times:
            if lists_read == LISTS_READ:
                raise errors.SlotFull
            lists_read += 1
            times += _free(portion)
            continue
        chosen = random.choice(times)  # noqa: S311 - people choose as they like
        try:
            held = booking.hold(invitation_id=person.invitation_id, slot_id=chosen, now=moment)
        except errors.SlotFull:
            times.remove(chosen)
            continue
        booking.confirm(
            reservation_id=held.reservation_id, registration_id=person.registration_id, now=moment + THINKING
        )
        return


def _free(portion: Portion) -> list[int]:
    site_id, day, for_doses = portion.place
    slots = Slot.objects.free().filter(site=site_id, vaccine=portion.vaccine_id, day=day, for_doses=for_doses)
    return list(slots.upcoming(portion.booked_at).values_list("pk", flat=True))
