"""Stages what the rules of a site want of a vaccine, less what has no vaccine and no later doses."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from logistics.models import Vaccine
from reservation.coverage import supply
from reservation.free_seats import rules
from reservation.free_seats.pairing import Ages, Seats, around, take_chains
from reservation.models import Slot
from reservation.opening.drafts import Draft
from reservation.opening.windows import wanted_slots
from reservation.slots import fitting
from reservation.slots.fitting import Less, Policy, WantedDay, cut_free, staged

_BOOKABLE = (Slot.Doses.FIRST, Slot.Doses.SECOND, Slot.Doses.ANY)

# Free seats as they will be: of wanted slots, and of those about which no rule decides.
_FREE = """
SELECT day, youngest_age, oldest_age, for_doses, coalesce(sum(free) FILTER (WHERE is_wanted), 0)::int, sum(free)::int
FROM (
    SELECT w.day, w.youngest_age, w.oldest_age, w.for_doses, true AS is_wanted,
           greatest(w.seats - w.cut - coalesce(s.booked, 0), 0) AS free
    FROM wanted_slot w
    LEFT JOIN reservation_slot s ON s.site_id = w.site_id AND s.vaccine_id = w.vaccine_id AND s.day = w.day
        AND s.for_doses = w.for_doses AND s.starts_at = w.starts_at
    UNION ALL
    SELECT s.day, s.youngest_age, s.oldest_age, s.for_doses, false, s.capacity - s.booked
    FROM reservation_slot s
    LEFT JOIN wanted_day d ON d.site_id = s.site_id AND d.vaccine_id = s.vaccine_id AND d.day = s.day
        AND d.for_doses = s.for_doses
    WHERE s.site_id = %(site)s AND s.vaccine_id = %(vaccine)s AND s.starts_at > %(after)s AND s.booked < s.capacity
      AND (d.day IS NULL OR s.is_by_hand)
) seats
WHERE free > 0 GROUP BY day, youngest_age, oldest_age, for_doses
"""
_FREE_TIED = """
SELECT w.day, sum(greatest(w.seats - coalesce(s.booked, 0), 0))::int
FROM wanted_slot w
LEFT JOIN reservation_slot s ON s.site_id = w.site_id AND s.vaccine_id = w.vaccine_id AND s.day = w.day
    AND s.for_doses = w.for_doses AND s.starts_at = w.starts_at
WHERE w.is_tied GROUP BY w.day
"""


@dataclass(frozen=True)
class Staged:
    """How many slots the rules want, and which of their free seats stay closed."""

    slots: int
    held_back: int  # for want of vaccine
    unpaired_on: Mapping[date, int]  # first doses of a day, for want of later ones

    @property
    def unpaired(self) -> int:
        """First doses that stay closed for want of later ones."""
        return sum(self.unpaired_on.values())


@contextmanager
def staged_rules(
    cursor: CursorWrapper,
    *,
    site_id: UUID,
    vaccine: Vaccine,
    drafts: Sequence[Draft],
    days: Sequence[date],
    policy: Policy,
    now: datetime,
) -> Iterator[Staged]:
    """Stage what the rules `drafts` want on `days`, for `slots.fitting`; a day that none covers has no slots."""
    decided = (WantedDay(site_id, vaccine.pk, day, doses) for day in days for doses in Slot.Doses.values)
    wanted = (slot for day in days for draft in drafts for slot in wanted_slots(draft, day, site_id))
    to_come = (slot for slot in wanted if slot.starts_at > now)
    with staged(cursor, policy, decided, to_come) as slots:
        held_back = _hold_back(cursor, policy, site_id, vaccine, now)
        unpaired_on = _close_firsts_without_later(cursor, policy, site_id, vaccine, now)
        yield Staged(slots, held_back, unpaired_on)


def _hold_back(cursor: CursorWrapper, policy: Policy, site_id: UUID, vaccine: Vaccine, now: datetime) -> int:
    cursor.execute(_FREE_TIED)
    free = {(vaccine.pk, day): seats for day, seats in cursor.fetchall()}
    if not free:
        return 0
    held = supply.held_back(site_id, free, now=now)
    less = [Less(day, seats) for (_vaccine, day), seats in held.items()]
    cut_free(cursor, policy, less, doses=_BOOKABLE, only_tied=True)
    return sum(held.values())


def _close_firsts_without_later(
    cursor: CursorWrapper, policy: Policy, site_id: UUID, vaccine: Vaccine, now: datetime
) -> Counter[date]:
    """The seats closed on each day.

    By the intervals valid today, as a reservation made today would have them. Without one nobody can reserve.
    """
    today = timezone.localdate(now)
    chain = rules.valid_on(today)[vaccine.pk].chain(1)
    if chain == []:
        return Counter()
    cursor.execute(_FREE, fitting.arguments(policy) | {"site": site_id, "vaccine": vaccine.pk})
    rows = cursor.fetchall()
    days = max((row[0] for row in rows), default=today) - today
    by_ages: defaultdict[Ages, Seats] = defaultdict(partial(Seats.none, days.days + 1))
    by_rules: dict[tuple[date, Ages], int] = {}
    for day, youngest, oldest, doses, wanted, free in rows:
        if doses == Slot.Doses.FIRST:
            by_ages[youngest, oldest].first[(day - today).days] = free
            by_rules[day, (youngest, oldest)] = wanted
        elif doses != Slot.Doses.SUBSTITUTE:
            # One for either dose serves as a later one: whoever begins in it needs a chain anyway.
            by_ages[youngest, oldest].later[(day - today).days] += free
    if chain is not None:
        for ages, others in around(by_ages).items():
            take_chains(by_ages[ages], others, chain)
    # What no chain took has no later doses; what no rule wants is not theirs to close.
    less = [
        Less(day, min(wanted, alone), ages)
        for (day, ages), wanted in by_rules.items()
        if wanted and (alone := by_ages[ages].first[(day - today).days])
    ]
    cut_free(cursor, policy, less, doses=(Slot.Doses.FIRST,))
    closed: Counter[date] = Counter()
    for one in less:
        closed[one.day] += one.seats
    return closed
