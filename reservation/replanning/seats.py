"""Free seats for a plan: each is counted once, also beside other plans that are not published yet.

They are only read. Whoever publishes a plan asks again, under the locks of the slots.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, IntegerField
from django.db.models.functions import Greatest, Least

from logistics.models import VaccinationSite
from registration.age import age_on
from reservation.models import OLDEST, YOUNGEST, PlannedMove, Replan, Slot
from reservation.replanning.people import Dose, Person, Window, minute_of

# What is as far as a minute by the clock: a day away, and another day of the week.
A_DAY, ANOTHER_WEEKDAY = 180, 180
# A nearby time at another site that the person accepts is better than one at their site so many days away.
NEAR = timedelta(days=14)


@dataclass(slots=True)
class Seat:
    """A slot with so many seats that nobody has and no plan counts on."""

    slot_id: int
    site_id: UUID
    day: date
    minute: int
    for_doses: str
    youngest: int
    oldest: int
    free: int


class PlanSeats:
    """The seats that a part of a plan may give, read site by site when somebody first asks."""

    def __init__(self, replan: Replan, *, first_day: date, now: datetime) -> None:
        self.replan, self.first_day, self.now = replan, first_day, now
        self.days: dict[tuple[UUID, str], dict[date, list[Seat]]] = {}
        planned = PlannedMove.objects.filter(state=PlannedMove.State.PLANNED, replan__state__in=Replan.OPEN)
        counted = planned.order_by().values_list("to_slot").annotate(count=Count("pk"))
        self.planned: Counter[int] = Counter(dict(counted))
        self.party: UUID | None = None
        self.together = 1
        # Where the first of the party goes, by vaccine and dose.
        self.beside: dict[tuple[str, int], Seat] = {}

    def sit_together(self, party: UUID | None, size: int) -> None:
        """The next person is one of `size` who come together, and follow each other; of no party: alone."""
        if party is None or party != self.party:
            self.together, self.beside = (size if party else 1), {}
        else:
            self.together = 1
        self.party = party

    def take(self, person: Person, dose: Dose, *, window: Window, last: Seat | None) -> Seat | None:
        """The best seat for the dose: near at its own site, near at one the person accepts, then later in that order.

        Where the dose before moves to the seat `last`, its site is the first one. Whoever comes together gets one slot,
        if one with so many seats is as near.
        """
        own = list(dict.fromkeys([*([last.site_id] if last else []), dose.site_id]))
        others = [site for site in person.accepts if site not in own]
        until = min(window.latest, max(window.wanted, window.earliest) + NEAR)
        near = Window(max(window.earliest, window.wanted - NEAR), until, window.wanted)
        first = self.beside.get((dose.vaccine_id, dose.number))
        if first is not None and first.site_id in (*own, *others) and _is_for(first, person, dose, window):
            return self._count(first, dose)
        for span in (near, window):
            for free in sorted({self.together, 1}, reverse=True):
                for sites in (*([site] for site in own), others):
                    if (found := self._best(person, dose, span, sites, free)) is not None:
                        return self._count(found, dose)
        return None

    def _count(self, seat: Seat, dose: Dose) -> Seat:
        seat.free -= 1
        if not seat.free:
            self.days[seat.site_id, dose.vaccine_id][seat.day].remove(seat)
        self.beside[dose.vaccine_id, dose.number] = seat
        return seat

    def _best(self, person: Person, dose: Dose, span: Window, sites: Iterable[UUID], free: int) -> Seat | None:
        found: Seat | None = None
        least = 0
        for site in sites:
            days = self._days(site, dose.vaccine_id)
            for away, day in _outwards(span):
                if found is not None and away * A_DAY >= least:
                    break  # no seat so far away can be better
                for seat in days.get(day, ()):
                    cost = away * A_DAY + abs(seat.minute - dose.minute)
                    cost += ANOTHER_WEEKDAY if day.weekday() != dose.day.weekday() else 0
                    is_better = (found is None or cost < least) and seat.free >= free
                    if is_better and _serves(seat, dose, person.born):
                        found, least = seat, cost
        return found

    def _days(self, site: UUID, vaccine: str) -> dict[date, list[Seat]]:
        if (site, vaccine) not in self.days:
            self.days[site, vaccine] = self._read(site, vaccine)
        return self.days[site, vaccine]

    def _read(self, site: UUID, vaccine: str) -> dict[date, list[Seat]]:
        free: Any = Slot.objects.filter(
            site=site, site__state=VaccinationSite.State.OPEN, vaccine=vaccine, day__gte=self.first_day
        )
        replan = self.replan
        if replan.scope == Replan.Scope.DAYS and replan.site_id == site and replan.vaccine_id in (None, vaccine):
            free = free.exclude(day__range=(replan.first_day, replan.last_day))
        number = IntegerField()
        youngest = Greatest("youngest_age", "site__youngest_age", output_field=number)
        oldest = Least("oldest_age", "site__oldest_age", output_field=number)
        rows = free.upcoming(self.now).free().annotate(left=F("capacity") - F("booked"), young=youngest, old=oldest)
        found: dict[date, list[Seat]] = defaultdict(list)
        for key, day, at, doses, young, old, left in rows.order_by("starts_at", "pk").values_list(
            "pk", "day", "wall_time", "for_doses", "young", "old", "left"
        ):
            seat = Seat(key, site, day, minute_of(at), doses, young, old, left - self.planned[key])
            if seat.free > 0:
                found[day].append(seat)
        return found


def _outwards(span: Window) -> Iterator[tuple[int, date]]:
    """The days of the span by how far they are from the wished one, the later of two first."""
    farthest = max((span.latest - span.wanted).days, (span.wanted - span.earliest).days)
    for away in range(farthest + 1):
        for day in {span.wanted + timedelta(days=away): None, span.wanted - timedelta(days=away): None}:
            if span.earliest <= day <= span.latest:
                yield away, day


def _is_for(seat: Seat, person: Person, dose: Dose, window: Window) -> bool:
    """Whether the seat is still free, and for the dose of the person."""
    return seat.free > 0 and window.earliest <= seat.day <= window.latest and _serves(seat, dose, person.born)


def _serves(seat: Seat, dose: Dose, born: date) -> bool:
    own = Slot.Doses.FIRST if dose.number == 1 else Slot.Doses.SECOND
    if seat.for_doses not in (own, Slot.Doses.ANY):
        return False
    if (seat.youngest, seat.oldest) == (YOUNGEST, OLDEST):
        return True
    return seat.youngest <= age_on(seat.day, birth_date=born) <= seat.oldest
