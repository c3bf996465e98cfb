"""The people of a re-planning: their doses as they are booked, and between which days each dose may lie.

The interval of a dose of the series is the one in force for its booking, counted from the day on which the dose before
was given, else from the one that is booked for it. A booster is never given earlier than it was booked, so that no rule
about boosters needs to be asked.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from registration.models import Registration
from reservation.dose_intervals import DAYS_AHEAD, IN_FORCE, DueDays, Interval

_DOSES = f"""
SELECT r.id, r.registration_id, p.birth_date, o.not_before, g.doses_received, g.last_dose_on,
       a.id, a.dose_number, a.state = 'BOOKED', s.id, s.site_id, s.vaccine_id,
       CASE WHEN a.state <> 'BOOKED' AND a.dose_number = g.doses_received THEN coalesce(g.last_dose_on, s.day)
            ELSE s.day END,
       s.wall_time,
       rule.min_days, rule.ideal_days, rule.max_days, a.dose_number > v.doses,
       coalesce((
           SELECT d.youngest_age FROM logistics_doserule d
           WHERE d.vaccine_id = s.vaccine_id AND d.dose_number = a.dose_number AND d.valid_from <= s.day
           ORDER BY d.valid_from DESC LIMIT 1
       ), 0)
FROM reservation_reservation r
JOIN registration_registration g ON g.id = r.registration_id AND g.state <> 'CANCELLED'
JOIN registration_person p ON p.id = g.person_id
LEFT JOIN reservation_postponement o ON o.registration_id = g.id AND o.withdrawn_at IS NULL
JOIN reservation_appointment a ON a.reservation_id = r.id AND a.state <> 'MISSED'
JOIN reservation_slot s ON s.id = a.slot_id
JOIN logistics_vaccine v ON v.code = s.vaccine_id
LEFT JOIN LATERAL ({IN_FORCE}) rule ON true
WHERE r.id = ANY (%(reservations)s) AND r.state = 'CONFIRMED' AND NOT r.is_finished
ORDER BY r.id, a.dose_number
"""  # noqa: S608 (constants)


@dataclass(frozen=True)
class Dose:
    """A dose that was given or is booked, and the rules of it; `minute` of its day is by the clock on the wall."""

    appointment_id: int
    number: int
    is_booked: bool
    slot_id: int
    site_id: UUID
    vaccine_id: str
    day: date
    minute: int
    interval: Interval | None
    is_booster: bool
    youngest_age: int

    def fits(self, before: date | None, day: date) -> bool:
        """Whether the dose may be given on `day` after the dose before."""
        return before is None or self.interval is None or day in self.interval.after(before)


@dataclass(frozen=True)
class Person:
    """Somebody with a confirmed reservation: what is known of them, and their doses by number."""

    reservation_id: UUID
    registration_id: int
    born: date
    postponed_until: date | None
    given_on: date | None
    accepts: tuple[UUID, ...]
    doses: tuple[Dose, ...]

    @property
    def booked(self) -> dict[int, Dose]:
        """The doses that are still to be given, by appointment."""
        return {dose.appointment_id: dose for dose in self.doses if dose.is_booked}


@dataclass(frozen=True)
class Window:
    """The days between which a dose may lie, and the one that is wished for."""

    earliest: date
    latest: date
    wanted: date


def people_of(reservations: Collection[UUID], *, now: datetime) -> dict[UUID, Person]:
    """Those of the reservations that are confirmed and go on; two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_DOSES, {"reservations": list(reservations), "today": timezone.localdate(now)})
        rows = cursor.fetchall()
    accepted = _accepted({row[1] for row in rows})
    doses: dict[UUID, list[Dose]] = {}
    for row in rows:
        doses.setdefault(row[0], []).append(_dose(row[6:]))
    found: dict[UUID, Person] = {}
    for key, registration, born, not_before, received, last_on, *_one in rows:
        given_on, accepts = last_on if received else None, accepted.get(registration, ())
        found[key] = Person(key, registration, born, not_before, given_on, accepts, tuple(doses[key]))
    return found


def window(person: Person, dose: Dose, *, before: date | None, not_before: date) -> Window:
    """Between which days the dose may lie after the one `before`; its own day is wished for where that is allowed."""
    earliest = max(not_before, _old_enough_on(person.born, dose.youngest_age))
    earliest = max(earliest, person.postponed_until or earliest, dose.day if dose.is_booster else earliest)
    if before is not None:
        earliest = max(earliest, before + timedelta(days=1))  # also where no rule says when
    due = DueDays()
    if before is not None and dose.interval is not None and not dose.is_booster:
        due = dose.interval.after(before)
    earliest, latest = due.from_day(earliest)
    if latest is None:
        latest = max(earliest, dose.day) + timedelta(days=DAYS_AHEAD)
    wanted = dose.day if earliest <= dose.day <= latest else due.ideal_on or dose.day
    return Window(earliest, latest, min(max(wanted, earliest), latest))


def steps(person: Person, moved: Mapping[int, date]) -> Iterator[tuple[Dose, date | None, Dose | None]]:
    """Each dose, the day of the one before, and the following one, with the appointments in `moved` on these days."""
    before = person.given_on
    for dose, following in zip(person.doses, (*person.doses[1:], None), strict=True):
        yield dose, before, following
        before = moved.get(dose.appointment_id, dose.day)


def stranded(person: Person, moved: Mapping[int, date]) -> set[int]:
    """The booked appointments that stay and do not fit any more after one that moves."""
    found, has_moved = set(), False
    for dose, before, _following in steps(person, moved):
        if dose.appointment_id in moved:
            has_moved = True
        elif has_moved and dose.is_booked and not dose.fits(before, dose.day):
            found.add(dose.appointment_id)
    return found


def narrowed(found: Window, following: Dose, *, most: timedelta | None = None) -> Window | None:
    """The part of the window after which the following dose may stay where it is, `most` days from what is wished."""
    if following.interval is None:
        return found
    first, last = following.interval.before(following.day)
    earliest, latest = max(found.earliest, first), min(found.latest, last)
    if most is not None:
        earliest, latest = max(earliest, found.wanted - most), min(latest, found.wanted + most)
    return Window(earliest, latest, min(max(found.wanted, earliest), latest)) if earliest <= latest else None


def _dose(row: Iterable[Any]) -> Dose:
    key, number, is_booked, slot, site, vaccine, day, at, *days, is_booster, youngest = row
    interval = None if days[0] is None else Interval(*days)
    return Dose(key, number, is_booked, slot, site, vaccine, day, minute_of(at), interval, is_booster, youngest)


def minute_of(at: time) -> int:
    """Of the day, by the clock on the wall."""
    return at.hour * 60 + at.minute


def _old_enough_on(born: date, years: int) -> date:
    """The day from which the SQL function `reservation_has_age` finds somebody so old."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:  # 29 February
        return date(born.year + years, 3, 1)


def _accepted(registrations: Collection[int]) -> dict[int, tuple[UUID, ...]]:
    """The sites to which people said they would come, too."""
    chosen = Registration.preferred_sites.through.objects.filter(registration__in=registrations).order_by("pk")
    found: dict[int, tuple[UUID, ...]] = {}
    for person, site in chosen.values_list("registration_id", "vaccinationsite_id"):
        found[person] = (*found.get(person, ()), site)
    return found
