"""Replays the real campaign: made-up people take the seats that were taken, day by day, through hold and confirm.

What is done stands in the database alone: each day counts the seats that are still to be taken. So a run that was
killed goes on where it stopped (docs/adr/0061-replay-of-the-campaign.md).
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, Min

from crs.advisory_locks import Lock, hold_shared_if_free, release
from logistics.models import Vaccine
from registration.models import GroupRule, Registration
from registration.replay.registering import FirstDose
from registration.replay.replaying import refuse_where_messages_are_real
from reservation.dose_intervals import Interval
from reservation.free_seats import folding
from reservation.models import Reservation, Slot
from reservation.replay import calendars, seats_taken, taking
from reservation.replay.calendars import CalendarSeats
from reservation.replay.errors import AlreadyReplaying, PeopleAreReal
from reservation.replay.pace import Pace
from reservation.replay.seats_taken import Place, SeatsTaken
from reservation.replay.taking import Portion, Taken
from reservation.replay.workers import Crew, Done, Work
from reservation.reserving import booking

# The files do not say of which vaccine the seats were; most doses of these months were of this one.
VACCINE = "comirnaty"
PEOPLE_AT_ONCE = 40
# A day is tried again for those who got no seat.
TRIES_A_DAY = 3
# People reserve so many days ahead at most, in the evening.
DAYS_AHEAD = 10
EVENING = time(22, 30)
SECONDS_BETWEEN_FOLDS = 15.0
SECONDS_A_FOLD = 2.0
# A killed run's processes end what they have begun.
SECONDS_TO_END = 30.0
_PRAGUE = ZoneInfo(settings.TIME_ZONE)
EVER = datetime(2021, 1, 1, tzinfo=_PRAGUE)
FIRST, SECOND = Slot.Doses.FIRST, Slot.Doses.SECOND


@dataclass(frozen=True)
class Plan:
    """Which files are replayed, how fully, by how many processes and for how long."""

    folder: Path
    processes: int
    months: Sequence[str] = ()
    share: float = 1.0
    seconds: float | None = None


@dataclass
class Replay:
    """What a run did, and what there is after it. Seats are those of the files."""

    told: SeatsTaken
    pace: Pace = field(default_factory=Pace)
    refused: Counter[str] = field(default_factory=Counter)
    taken_before: int = 0
    taken: int = 0
    opened: int = 0
    on_other_days: int = 0
    until: datetime = EVER
    is_whole: bool = False

    @property
    def to_take(self) -> int:
        """The seats that were taken then."""
        return sum(self.told.taken.values())


class Progress:
    """What is told while it goes on; to be overridden."""

    def reading(self, read: int, rows: int) -> None:
        """So many rows of the files have become slots."""

    def begins(self) -> None:
        """From now on people come."""

    def taking(self, replay: Replay) -> None:
        """More people have their seats."""


def replay(plan: Plan, progress: Progress) -> Replay:
    """Let people take what was taken and no run has taken yet.

    Raises MessagesAreReal, PeopleAreReal, NothingToReplay, UnreadableFile, AlreadyReplaying, WorkerFailed.
    """
    refuse_where_messages_are_real()
    if Registration.objects.exclude(way=Registration.Way.REPLAY).exists():
        raise PeopleAreReal
    paths = seats_taken.files(plan.folder, plan.months)
    done = Replay(seats_taken.read(paths, share=plan.share))
    _begin_alone()
    try:
        # What a killed run held and did not confirm.
        if latest := Reservation.objects.filter(state=Reservation.State.HELD).aggregate(at=Max("held_until"))["at"]:
            booking.release_expired(now=latest)
        vaccine = Vaccine.objects.get(pk=VACCINE)
        calendars.prepare(folder=plan.folder, paths=paths, told=done.told, vaccine=vaccine, tell=progress.reading)
        with Crew(plan.processes) as crew:
            list(crew.rest())  # all are ready
            _Run(plan, vaccine, done, crew, progress).go()
    finally:
        release(Lock.CAMPAIGN)
    return done


def _begin_alone() -> None:
    give_up = monotonic() + SECONDS_TO_END
    while not hold_shared_if_free(Lock.CAMPAIGN):
        if monotonic() > give_up:
            raise AlreadyReplaying
        sleep(0.5)


@dataclass
class _Run:
    plan: Plan
    vaccine: Vaccine
    replay: Replay
    crew: Crew
    progress: Progress
    _intervals: dict[date, Interval] = field(default_factory=dict)
    _folded_at: float = 0.0

    def go(self) -> None:
        self._opens_at = GroupRule.objects.aggregate(at=Min("invites_from"))["at"] or EVER
        self._look()
        self.replay.taken_before = self.replay.taken
        self._deadline = monotonic() + (float("inf") if self.plan.seconds is None else self.plan.seconds)
        self.replay.pace = Pace()
        self.progress.begins()
        for day in self.replay.told.days:
            self._clock = datetime.combine(day, datetime.min.time(), _PRAGUE)
            self._day(day)
            if self._is_late():
                break
        else:
            self.replay.is_whole = True
        self.replay.until = self._clock
        self.replay.on_other_days = sum(
            max(_of_files(self.replay.told, self._seats, place) - taken, 0)
            for place, taken in self.replay.told.taken.items()
        )
        self.replay.opened = sum(
            max(there.capacity - self.replay.told.seats.get(place, 0), 0) for place, there in self._seats.items()
        )
        # What changed is in the sums; and what sites offer follows from it.
        folding.fold(now=self._clock, seconds=float("inf"))

    def _look(self) -> None:
        """See what is taken by now."""
        self._seats = calendars.seats_of(self.vaccine)
        self.replay.taken = sum(_of_files(self.replay.told, self._seats, place) for place in self.replay.told.seats)

    def _is_late(self) -> bool:
        return monotonic() > self._deadline

    def _day(self, day: date) -> None:
        """Let people take the seats of a day until none is missing or nobody gets one."""
        for _ in range(TRIES_A_DAY):
            wanted = _wanted(self.replay.told, self._seats, day)
            if not wanted or self._is_late():
                return
            needed = {
                place: (people, self._interval(place)) for place, people in wanted.items() if place.for_doses != SECOND
            }
            calendars.open_later(needed, self._seats, self.vaccine)
            before = self.replay.pace.people
            for portion in self._portions(wanted):
                if self._is_late():
                    break
                self._note(self.crew.give(partial(taking.take, portion)))
                if monotonic() > self._folded_at + SECONDS_BETWEEN_FOLDS:
                    self._folded_at = monotonic()
                    fold: Work = partial(folding.fold, now=self._clock, seconds=SECONDS_A_FOLD)
                    self._note(self.crew.give(fold))
            self._note(self.crew.rest())
            self._look()
            if self.replay.pace.people == before:
                return

    def _portions(self, wanted: Mapping[Place, int]) -> Iterator[Portion]:
        """Site by site, so that several processes want seats of one day at one site."""
        for place, people in sorted(wanted.items()):
            booked_at = self._booked_at(place)
            had = None
            if place.for_doses == SECOND:
                ideal = timedelta(days=self._interval(place).ideal_days)
                had = FirstDose(place.day - ideal, self.vaccine.pk)
            for start in range(0, people, PEOPLE_AT_ONCE):
                yield Portion(place, min(PEOPLE_AT_ONCE, people - start), booked_at, self.vaccine.pk, had)

    def _note(self, done: Iterable[Done]) -> None:
        for one in done:
            people = 0
            if isinstance(one.returned, Taken):
                people = one.returned.people
                self.replay.refused += one.returned.refused
            self.replay.taken += people
            self.replay.pace.note(people=people, cpu=one.cpu)
            self.progress.taking(self.replay)

    def _booked_at(self, place: Place) -> datetime:
        """When people reserve there: some days ahead, as many as the site chose, and not before the first could."""
        ahead = timedelta(days=1 + zlib.crc32(place.site_id.bytes) % DAYS_AHEAD)
        return max(datetime.combine(place.day - ahead, EVENING, _PRAGUE), self._opens_at)

    def _interval(self, place: Place) -> Interval:
        day = self._booked_at(place).astimezone(_PRAGUE).date()
        if day not in self._intervals:
            self._intervals[day] = calendars.interval_on(day, self.vaccine)
        return self._intervals[day]


def _wanted(told: SeatsTaken, seats: Mapping[Place, CalendarSeats], day: date) -> dict[Place, int]:
    """How many people are still to come for a seat of that day, by calendar.

    Second doses go where the operation finds them, so until then more seats may be taken than in truth: as many fewer
    people come who need a second dose alone. Or fewer, since nobody could take a time before the portal opened: as
    many more come, where there is room.
    """
    ahead = 0
    for place, taken in told.taken.items():
        if place.day <= day:
            more = _of_files(told, seats, place) - taken
            ahead += more if place.day < day else max(more, 0)
    wanted: dict[Place, int] = {}
    for place in sorted(place for place in told.taken if place.day == day):
        booked = _of_files(told, seats, place)
        people = max(told.taken[place] - booked, 0)
        more = min(-ahead, told.seats[place] - booked - people)
        if place.for_doses == SECOND and ahead > 0:
            more = -min(ahead, people)
        elif ahead > 0:
            more = 0
        ahead += more
        if people + more > 0:
            wanted[place] = people + more
    return wanted


def _of_files(told: SeatsTaken, seats: Mapping[Place, CalendarSeats], place: Place) -> int:
    """The booked seats of a calendar, without those that were opened beside the files' own."""
    return min(seats.get(place, CalendarSeats()).booked, told.seats[place])
