"""What the tests of the waiting list share."""

from datetime import date, datetime
from typing import Any

from logistics.models import VaccinationSite
from registration.models import Registration
from reservation.free_seats import folding
from reservation.waiting import entries, offering, straight_on
from tests.factories import NOW, make_registration


def wait(site: VaccinationSite, born: date = date(1940, 5, 1), **fields: Any) -> Registration:
    """Somebody who stands on the list for the site."""
    registration = make_registration(birth_date=born, sites=(site,), **fields)
    entries.join(registration_id=registration.pk, now=NOW)
    return registration


def offer(now: datetime = NOW) -> int:
    """A run, by the seats as they are now."""
    folding.fold(now=now)
    return offering.offer(now=now)


def count(now: datetime = NOW) -> None:
    """What is free for whoever registers, by the seats as they are now."""
    folding.fold(now=now)
    straight_on.count(now=now)
