"""What a change of opening rules would do to the seats, and to whom who is booked."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Max
from django.utils import timezone

from crs.czech_holidays import is_holiday
from logistics.models import VaccinationSite, Vaccine
from reservation.free_seats.rules import valid_on
from reservation.models import Appointment, OpeningRule, Slot
from reservation.opening.drafts import Draft, covered, draft_of
from reservation.opening.generating import days_ahead
from reservation.opening.staging import staged_rules
from reservation.opening.windows import minutes_left
from reservation.slots import fitting
from reservation.slots.fitting import Policy

_WEEKS = f"""
SELECT date_trunc('week', day)::date AS monday, sum(before)::int, sum(after)::int,
       coalesce(sum(after - before) FILTER (WHERE after > before), 0)::int,
       coalesce(sum(before - after) FILTER (WHERE after < before), 0)::int
FROM (
    SELECT s.day, s.capacity AS before, CASE WHEN {fitting.IS_LEFT_ALONE} THEN s.capacity ELSE t.capacity END AS after
    FROM {fitting.BOTH} CROSS JOIN LATERAL (SELECT {fitting.TARGET}) t
    UNION ALL
    SELECT w.day, 0, w.seats - w.cut FROM wanted_slot w
    WHERE w.seats > w.cut AND NOT EXISTS (
        SELECT FROM reservation_slot s WHERE s.site_id = w.site_id AND s.vaccine_id = w.vaccine_id AND s.day = w.day
            AND s.for_doses = w.for_doses AND s.starts_at = w.starts_at
    )
) seats
GROUP BY monday HAVING bool_or(before <> after) ORDER BY monday
"""  # noqa: S608 (constants)
_BY_HAND = f"""
SELECT count(DISTINCT s.id) FROM {fitting.BOTH}
WHERE {fitting.IS_LEFT_ALONE} AND s.capacity > 0 AND s.day >= %(first_day)s
"""  # noqa: S608 (constants)
# Where more people are booked in an interval than it will have seats, those who booked last; and whoever the ages of a
# slot will exclude. Holds count among the people, since they may be confirmed; those who are told are confirmed. People
# in slots that were closed before were asked about then.
_AFFECTED = f"""
WITH slot AS (
    SELECT s.id, s.day, s.starts_at, s.booked, s.youngest_age, s.oldest_age,
           w.youngest_age AS youngest_then, w.oldest_age AS oldest_then
    FROM {fitting.BOTH} WHERE NOT s.is_closed AND NOT {fitting.IS_LEFT_ALONE}
), moment AS (
    SELECT starts_at, sum(people) - sum(seats) AS too_many FROM (
        SELECT starts_at, booked AS people, 0 AS seats FROM slot
        UNION ALL SELECT starts_at, 0, seats FROM wanted_slot
    ) both_sides GROUP BY starts_at
), person AS (
    SELECT a.id, a.state, moment.too_many, slot.youngest_then IS NOT NULL
               AND date_part('year', age(slot.day, p.birth_date)) BETWEEN slot.youngest_age AND slot.oldest_age
               AND date_part('year', age(slot.day, p.birth_date)) NOT BETWEEN slot.youngest_then AND slot.oldest_then
               AS is_excluded,
           row_number() OVER (PARTITION BY slot.starts_at ORDER BY a.id DESC) AS latest
    FROM slot
    JOIN moment ON moment.starts_at = slot.starts_at
    JOIN reservation_appointment a ON a.slot_id = slot.id
    JOIN reservation_reservation r ON r.id = a.reservation_id AND r.state = 'CONFIRMED'
    JOIN registration_registration g ON g.id = r.registration_id
    JOIN registration_person p ON p.id = g.person_id
)
SELECT id FROM person
WHERE state = 'BOOKED' AND (latest <= too_many OR is_excluded)
ORDER BY id
"""  # noqa: S608 (constants)


@dataclass(frozen=True)
class Change:
    """A change of the rules of a site: `draft` from its first day on, in place of `replaces` where that is given.

    Without a draft `replaces` ends with `last_day`, or opens no day any more.
    """

    site: VaccinationSite
    draft: Draft | None = None
    replaces: OpeningRule | None = None
    last_day: date | None = None

    @property
    def vaccine_id(self) -> str:
        """The vaccine whose seats it changes."""
        return self.draft.vaccine_id if self.draft else self.replaces.vaccine_id if self.replaces else ""

    @property
    def ends_on(self) -> date | None:
        """The last day of the rule that is replaced; None where it opens no day any more."""
        return self.draft.valid_from - timedelta(days=1) if self.draft else self.last_day

    @property
    def first_day(self) -> date:
        """The first day that it changes."""
        return self.ends_on + timedelta(days=1) if self.ends_on else date.min


@dataclass(frozen=True)
class Week:
    """What a change does to the seats of the week that begins on `monday`."""

    monday: date
    before: int
    after: int
    added: int
    taken: int

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)


@dataclass(frozen=True)
class Plan:
    """What a change would do; `fingerprint` names exactly the people affected."""

    weeks: tuple[Week, ...]
    affected: tuple[Appointment, ...]
    fingerprint: str
    unpaired: int  # first doses that stay closed, because their later doses do not fit
    waiting: int  # first doses that stay closed until the times of their later doses are made
    waiting_from: date | None  # the first day of such ones
    held_back: int  # seats that stay closed for want of vaccine
    by_hand: int  # slots set by hand, which stay as they are
    days_off: tuple[date, ...]
    last_day: date  # the last for which times are made now
    minutes_left: int  # the most minutes at the end of some hours that are too short for an interval


def plan(change: Change, *, now: datetime) -> Plan:
    """Look what the change would do, and change nothing."""
    policy = Policy(by_rules=True, after=now)
    before, after = rules_around(change)
    days = days_of(change, before, after, now)
    vaccine = Vaccine.objects.get(pk=change.vaccine_id)
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        staged_rules(
            cursor, site_id=change.site.pk, vaccine=vaccine, drafts=after, days=days, policy=policy, now=now
        ) as staged,
    ):
        cursor.execute(_WEEKS, fitting.arguments(policy))
        weeks = tuple(Week(*row) for row in cursor.fetchall())
        cursor.execute(_BY_HAND, fitting.arguments(policy) | {"first_day": change.first_day})
        (by_hand,) = cursor.fetchone() or (0,)
        keys = affected_ids(cursor, policy)
    draft, last_day = change.draft, days_ahead(now)[-1]
    reach = _reach(change.vaccine_id, now)
    closed = {day: seats for day, seats in staged.unpaired_on.items() if day + reach >= change.first_day}
    waiting = {day: seats for day, seats in closed.items() if day + reach > last_day}
    people = Appointment.objects.filter(pk__in=keys).select_related("slot", "reservation__registration__person")
    return Plan(
        weeks=weeks,
        affected=tuple(people.order_by("slot__starts_at", "pk")),
        fingerprint=fingerprint(keys),
        unpaired=sum(closed.values()) - sum(waiting.values()),
        waiting=sum(waiting.values()),
        waiting_from=min(waiting, default=None),
        held_back=staged.held_back,
        by_hand=by_hand,
        last_day=last_day,
        days_off=tuple(day for day in days if draft and _is_day_off(draft, day)),
        minutes_left=max((minutes_left(span, draft.minutes) for span in draft.hours), default=0) if draft else 0,
    )


def rules_around(change: Change) -> tuple[list[Draft], list[Draft]]:
    """The standing rules of the site and vaccine before and after the change."""
    rules = OpeningRule.objects.standing().filter(site=change.site, vaccine=change.vaccine_id)
    before = {rule.pk: draft_of(rule) for rule in rules.prefetch_related("hours")}
    after = dict(before)
    replaced = after.pop(change.replaces.pk, None) if change.replaces else None
    shortened = replaced and replaced.until(change.ends_on)
    return list(before.values()), [*after.values(), *filter(None, (shortened, change.draft))]


def days_of(change: Change, before: Iterable[Draft], after: Iterable[Draft], now: datetime) -> list[date]:
    """The days to come about which the rules decide before or after; also those generated further ahead than usual."""
    slots = Slot.objects.filter(site=change.site, vaccine=change.vaccine_id)
    last_slot = slots.aggregate(last=Max("day"))["last"] or date.min
    usual = days_ahead(now)
    return covered([*before, *after], days_ahead(now, max(last_slot, usual[-1])))


def affected_ids(cursor: CursorWrapper, policy: Policy) -> list[int]:
    """The appointments that would not fit what is staged."""
    cursor.execute(_AFFECTED, fitting.arguments(policy))
    return [key for (key,) in cursor.fetchall()]


def fingerprint(appointment_ids: Iterable[int]) -> str:
    """Names a set of appointments in a form that is sent back."""
    return hashlib.sha256(",".join(map(str, sorted(appointment_ids))).encode()).hexdigest()[:16]


def _reach(vaccine_id: str, now: datetime) -> timedelta:
    """How long the series of a vaccine can last."""
    chain = valid_on(timezone.localdate(now))[vaccine_id].chain(1) or []
    return timedelta(days=sum(interval.max_days for interval in chain))


def _is_day_off(draft: Draft, day: date) -> bool:
    is_open = any(span.weekday == day.weekday() for span in draft.hours)
    return is_open and draft.covers(day) and not draft.opens_on_holidays and is_holiday(day)


NOBODY = fingerprint([])
