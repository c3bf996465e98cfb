"""The people of a day at a site: who is expected, who came, where each of them stands."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from crs.czech_order import czech_order
from logistics.models import VaccinationSite
from reservation.models import Appointment, Reservation
from vaccination.models import Visit
from vaccination.visits import names
from vaccination.visits.check_in import LATE_BY

# Whoever came so was not planned: they stand at the end of the list, in the order of their coming.
UNPLANNED = frozenset({Visit.CameAs.OTHER_DAY, Visit.CameAs.OTHER_SITE, Visit.CameAs.WALK_IN})


class Standing(StrEnum):
    """The standing of a person of the day, as addresses name it. Computed from the appointment and its last visit."""

    EXPECTED = "ocekavani"
    ARRIVED = "cekaji"
    OBSERVED = "pozorovani"
    GONE = "odesli"
    SENT_AWAY = "bez-davky"
    NO_SHOW = "neprisli"


_OF_VISIT = {
    Visit.State.ARRIVED: Standing.ARRIVED,
    Visit.State.OBSERVED: Standing.OBSERVED,
    Visit.State.GONE: Standing.GONE,
    Visit.State.SENT_AWAY: Standing.SENT_AWAY,
}


class DayRow(NamedTuple):
    """A person of the day. `number` is that of the printed list: who came unplanned gets one after all others."""

    number: int
    at: datetime
    first_name: str
    last_name: str
    latin_name: str
    birth_year: int
    registration_id: int
    registration_number: str
    dose_number: int
    vaccine: str
    appointment_id: int
    visit_id: UUID | None
    standing: Standing
    came_as: str
    arrived_at: datetime | None
    observe_until: datetime | None
    is_late: bool


@dataclass(frozen=True)
class DayList:
    """The people of `day` at `site` as they stood at `read_at`."""

    site: VaccinationSite
    day: date
    read_at: datetime
    rows: tuple[DayRow, ...]

    def counts(self) -> Counter[Standing]:
        """How many people stand where."""
        return Counter(row.standing for row in self.rows)

    def of_registration(self, registration_id: int) -> DayRow | None:
        """The last row of a person, if they stand in the list."""
        return next((row for row in reversed(self.rows) if row.registration_id == registration_id), None)


def day_list(site: VaccinationSite, day: date, now: datetime) -> DayList:
    """The list of the day: planned people by time, surname and registration number, then the others as they came.

    So the numbers of a printed list stay when somebody comes unplanned. Two queries, a third where somebody's
    appointment was moved away after they had come.
    """
    visits: list[Any] = list(
        Visit.objects.filter(site=site, day=day)
        .order_by("arrived_at")
        .values_list("appointment_id", "pk", "state", "came_as", "arrived_at", "observe_until", named=True)
    )
    first_coming = {visit.appointment_id: visit for visit in reversed(visits)}
    standing = {visit.appointment_id: visit for visit in visits if visit.state != Visit.State.UNDONE}
    # Seats of holds and of cancelled reservations are nobody's; a missed first dose ends the reservation, too.
    counts = Q(reservation__state=Reservation.State.CONFIRMED) | ~Q(state=Appointment.State.BOOKED)
    planned = _appointments(Appointment.objects.filter(counts, slot__site=site, slot__day=day))
    if moved := standing.keys() - {one.pk for one in planned}:
        planned += _appointments(Appointment.objects.filter(pk__in=moved))

    def place(one: Any) -> tuple[Any, ...]:
        came = first_coming.get(one.pk)
        if came and came.came_as in UNPLANNED:
            return (1, came.arrived_at, "", one.reservation__registration__number)
        surname = czech_order(one.reservation__registration__person__last_name)
        return (0, one.slot__starts_at, surname, one.reservation__registration__number)

    planned.sort(key=place)
    is_over = day < timezone.localdate(now)
    rows = (_row(number, one, standing.get(one.pk), is_over, now) for number, one in enumerate(planned, start=1))
    return DayList(site, day, now, tuple(rows))


def _appointments(found: Any) -> list[Any]:
    person = "reservation__registration__person__"
    return list(
        found.order_by().values_list(
            "pk",
            "state",
            "dose_number",
            "slot__starts_at",
            "slot__vaccine__name",
            "reservation__registration",
            "reservation__registration__number",
            *(f"{person}{name}" for name in ("first_name", "last_name", "latin_first_name", "latin_last_name")),
            f"{person}birth_date",
            named=True,
        )
    )


def _row(number: int, one: Any, visit: Any, is_over: bool, now: datetime) -> DayRow:
    latin = (
        one.reservation__registration__person__latin_last_name,
        one.reservation__registration__person__latin_first_name,
    )
    stands = _standing(one.state, visit, is_over)
    return DayRow(
        number=number,
        at=one.slot__starts_at,
        first_name=one.reservation__registration__person__first_name,
        last_name=one.reservation__registration__person__last_name,
        latin_name=" ".join(filter(None, latin)),
        birth_year=one.reservation__registration__person__birth_date.year,
        registration_id=one.reservation__registration,
        registration_number=one.reservation__registration__number,
        dose_number=one.dose_number,
        vaccine=one.slot__vaccine__name,
        appointment_id=one.pk,
        visit_id=visit.pk if visit else None,
        standing=stands,
        came_as=visit.came_as if visit else "",
        arrived_at=visit.arrived_at if visit else None,
        observe_until=visit.observe_until if visit else None,
        is_late=stands == Standing.EXPECTED and now > one.slot__starts_at + LATE_BY,
    )


def _standing(appointment_state: str, visit: Any, is_over: bool) -> Standing:
    if visit:
        return _OF_VISIT[visit.state]
    if appointment_state == Appointment.State.FULFILLED:
        return Standing.GONE  # a late entry without a visit
    if appointment_state == Appointment.State.MISSED or is_over:
        return Standing.NO_SHOW
    return Standing.EXPECTED


def matching(rows: Iterable[DayRow], words: Iterable[str]) -> tuple[DayRow, ...]:
    """The rows whose name holds all of the plain `words`, or parts of them; a number may be the year of birth."""
    wanted = tuple(words)
    return tuple(row for row in rows if wanted and all(word in _told(row) for word in wanted))


def _told(row: DayRow) -> str:
    return f"{names.searched(f'{row.first_name} {row.last_name}', row.latin_name)} {row.birth_year}"
