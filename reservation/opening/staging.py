"""Stages what the rules of a site want of a vaccine, less what has no vaccine and no later doses."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from logistics.models import DoseInterval, Vaccine
from reservation.coverage import supply
from reservation.models import Slot
from reservation.opening.drafts import Draft
from reservation.opening.series import SeatsOf, first_doses_that_fit
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
    unpaired: int  # first doses, for want of later ones


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
        unpaired = _close_firsts_without_later(cursor, policy, site_id, vaccine, now)
        yield Staged(slots, held_back, unpaired)


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
) -> int:
    """By the intervals valid today, as a reservation made today would have them. Without one nobody can reserve."""
    if vaccine.doses == 1:
        return 0
    cursor.execute(_FREE, fitting.arguments(policy) | {"site": site_id, "vaccine": vaccine.pk})
    firsts: Counter[SeatsOf] = Counter()
    by_rules: Counter[SeatsOf] = Counter()
    later: defaultdict[SeatsOf, int] = defaultdict(int)
    for day, youngest, oldest, doses, wanted, all_free in cursor.fetchall():
        seats = SeatsOf(day, (youngest, oldest))
        if doses == Slot.Doses.FIRST:
            firsts[seats], by_rules[seats] = all_free, wanted
        elif doses != Slot.Doses.SUBSTITUTE:
            later[seats] += all_free
    known = dict(
        DoseInterval.objects.valid_on(timezone.localdate(now))
        .filter(vaccine=vaccine, dose_number__lte=vaccine.doses)
        .values_list("dose_number", "pk")
    )
    rules = DoseInterval.objects.in_bulk(known.values())
    has_all = len(known) == vaccine.doses - 1
    intervals = [(rules[known[dose]].min_days, rules[known[dose]].max_days) for dose in sorted(known)]
    fit = first_doses_that_fit(firsts, later, intervals) if has_all else {}
    less = [
        Less(seats.day, min(by_rules[seats], free - fit.get(seats, 0)), seats.ages)
        for seats, free in firsts.items()
        if by_rules[seats] and free > fit.get(seats, 0)
    ]
    cut_free(cursor, policy, less, doses=(Slot.Doses.FIRST,))
    return sum(one.seats for one in less)
