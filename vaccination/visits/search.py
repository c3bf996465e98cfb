"""The one search field of the day: a name, a number, or the code of the confirmation as a scanner types it."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from crs import typed
from logistics.models import VaccinationSite
from registration.applying import at_a_site
from registration.models import Registration
from registration.people import naming
from reservation.models import Appointment, Reservation
from vaccination.visits import day_list, names
from vaccination.visits.day_list import DayList, DayRow
from vaccination.visits.errors import TooLongToSearch

# Two names of 80 letters, and both once more in Latin letters.
LONGEST = 400
MOST_SHOWN = 50
# A name that is not on the list is looked for among the site's people of these days.
DAYS_BACK, DAYS_AHEAD = 30, 60
_CODE = re.compile(r"[0-9A-F]{20}")


@dataclass(frozen=True)
class Found:
    """The result of a search: rows of the list, else a registration beside it, else people of other days here.

    `registered_here` are people whom the site registered and for whom nothing is booked on those days.
    """

    rows: tuple[DayRow, ...] = ()
    registration: Registration | None = None
    other_days: tuple[Appointment, ...] = ()
    registered_here: tuple[Registration, ...] = ()


def search(text: str, *, people: DayList, now: datetime) -> Found:
    """Look for the person on the list, then in all registrations by number, then by name on other days of the site.

    Raises TwoPeopleFound where a number is two people's, and TooLongToSearch.
    """
    if len(typed.plain(text)) > LONGEST:
        raise TooLongToSearch
    registration = _by_code(text) or at_a_site.find(text, now=now)
    if registration is not None:
        row = people.of_registration(registration.pk)
        return Found(rows=(row,)) if row else Found(registration=registration)
    words = names.plain(text).split()
    if rows := day_list.matching(people.rows, words) or _by_part_of_number(text, people):
        return Found(rows=rows)
    if registration := _by_document(text):
        return Found(registration=registration)
    words = typed.plain(text).split()
    other_days = _on_other_days(words, people.site, now)
    booked = {one.reservation.registration_id for one in other_days}
    return Found(other_days=other_days, registered_here=_registered_here(words, people.site, booked))


def check_in_code(text: str) -> str:
    """The code of a confirmation in what was typed or scanned; empty where there is none."""
    code = typed.number(text).translate(typed.CZECH_KEYS).upper()
    return code if _CODE.fullmatch(code) else ""


def _by_code(text: str) -> Registration | None:
    code = check_in_code(text)
    if not code:
        return None
    reservation = Reservation.objects.filter(check_in_code=code).select_related("registration__person").first()
    return reservation.registration if reservation else None


def _by_part_of_number(text: str, people: DayList) -> tuple[DayRow, ...]:
    """Rows whose registration number holds the digits; fewer than three say nothing."""
    digits = typed.number(text)
    if len(digits) < 3 or not (digits.isascii() and digits.isdigit()):
        return ()
    return tuple(row for row in people.rows if digits in row.registration_number)


def _on_other_days(words: list[str], site: VaccinationSite, now: datetime) -> tuple[Appointment, ...]:
    """Booked people of the site whose name holds all the words, the nearest days first."""
    today = timezone.localdate(now)
    days = (today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD))
    booked = Appointment.objects.filter(
        reservation__state=Reservation.State.CONFIRMED, slot__site=site, slot__day__range=days
    )
    whose = booked.filter(reservation__registration__person__in=naming.named(" ".join(words)))
    found = whose.select_related("slot__site", "reservation__registration__person")
    return tuple(found.order_by("slot__starts_at")[:MOST_SHOWN])


def _registered_here(words: list[str], site: VaccinationSite, known: Collection[int]) -> tuple[Registration, ...]:
    """People whom the site registered, the latest first: one who was not checked in yet stands in no list."""
    registered = Registration.objects.standing().filter(registered_at_site=site).exclude(pk__in=known)
    found = registered.filter(person__in=naming.named(" ".join(words))).select_related("person")
    return tuple(found.order_by("-created_at")[:MOST_SHOWN])


def _by_document(text: str) -> Registration | None:
    """The person whose identity document has this number, whatever its type and state."""
    if not any(character.isdigit() for character in text):
        return None
    return at_a_site.find_by_document_number(text)
