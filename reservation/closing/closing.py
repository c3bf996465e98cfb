"""Closing a site for an hour, a day, a week, and opening it again (docs/adr/0049-closures.md).

A closure closes the slots that reach into its time. It is written first, under the lock of the site's calendar; what
follows from it is done in parts (`finishing`), the first ones at once.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum

from crs import advisory_locks, history, queueing, sent_forms
from crs.advisory_locks import Lock
from crs.keyed_hash import keyed_hash
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import VaccinationSite, Vaccine
from reservation.closing import errors, finishing
from reservation.models import Appointment, Closure, Reservation, Slot
from reservation.operations import Operation

# Longer than any pause of a site: a year is mistyped more easily than that.
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class ClosureDraft:
    """What somebody means to close; `vaccine` None: all."""

    site: VaccinationSite
    starts_at: datetime
    ends_at: datetime
    reason: str
    vaccine: Vaccine | None = None


@dataclass(frozen=True)
class ClosurePlan:
    """What `closure`, which is not saved, would do; of a time that has begun only the rest can be closed.

    `times` are the slots that it closes, `free_seats` those of their seats that nobody could book any more;
    `fingerprint` names exactly those who are affected.
    """

    closure: Closure
    times: int
    free_seats: int
    affected: int
    fingerprint: str


def plan_closure(draft: ClosureDraft, *, now: datetime) -> ClosurePlan:
    """Look what closing would do. Raises ClosurePast, ClosureTooLong, ClosureStands."""
    closure = _closure(draft, now)
    whole = Closure.objects.standing().filter(starts_at__lte=closure.starts_at, ends_at__gte=closure.ends_at)
    of_all = Q(vaccine=None) | Q(vaccine=draft.vaccine)
    if whole.filter(of_all, site=draft.site).exists():
        raise errors.ClosureStands
    slots = finishing.slots_of(closure)
    found = slots.filter(is_closed=False).aggregate(times=Count("pk"), seats=Sum(F("capacity") - F("booked")))
    booked = list(_booked(slots).order_by("pk").values_list("pk", "slot_id"))
    fingerprint = keyed_hash("closure", json.dumps(booked))
    return ClosurePlan(closure, found["times"], found["seats"] or 0, len(booked), fingerprint)


def affected_by(draft: ClosureDraft, *, now: datetime) -> QuerySet[Appointment]:
    """The appointments that closing would affect, by their times, each with its person and their other booked times."""
    others = Prefetch(
        "reservation__appointments",
        Appointment.objects.filter(state=Appointment.State.BOOKED).select_related("slot").order_by("dose_number"),
        to_attr="booked",
    )
    found = _booked(finishing.slots_of(_closure(draft, now)))
    people = found.select_related("reservation__registration__person", "slot__vaccine").prefetch_related(others)
    return people.order_by("slot__starts_at", "pk")


def close(*, draft: ClosureDraft, shown: str | None, by: User, now: datetime, form: Sending = NO_FORM) -> Closure:
    """Close the slots of the draft at once and hand over whoever is booked in them; many people in a task.

    `shown` is the fingerprint of the plan that was shown; None: nobody was asked. Raises ClosurePast, ClosureTooLong,
    ClosureStands, ClosureChanged, FormChanged.
    """

    def record() -> Outcome:
        advisory_locks.take(Lock.CALENDAR_OF_A_SITE, str(draft.site.pk))
        plan = plan_closure(draft, now=now)
        if shown not in (None, plan.fingerprint):
            raise errors.ClosureChanged
        closure = _closure(draft, now)
        closure.made_by = by
        closure.save(force_insert=True)
        _finish_in_a_task()
        return {"closure": closure.pk}

    with history.recording(Operation.CLOSE, by=by, reason=draft.reason):
        key = (sent_forms.once(form, record) or {})["closure"]
        finishing.begin(closure_id=key, now=now)
    return Closure.objects.get(pk=key)


def lift(*, closure_id: int, by: User, now: datetime, form: Sending = NO_FORM) -> None:
    """Open the slots again and tell those who are still booked in them that their time holds.

    Raises ClosureLifted, ClosureOver, FormChanged.
    """

    def record() -> Outcome:
        closure = Closure.objects.get(pk=closure_id)
        advisory_locks.take(Lock.CALENDAR_OF_A_SITE, str(closure.site_id))
        if closure.ends_at <= now:
            raise errors.ClosureOver
        # The WHERE clause is the check: of two who lift it the second finds no row.
        standing = Closure.objects.standing().filter(pk=closure_id)
        if not standing.update(lifted_at=now, lifted_by=by, done_at=None):
            raise errors.ClosureLifted
        _finish_in_a_task()
        return {"closure": closure_id}

    with history.recording(Operation.LIFT_CLOSURE, by=by):
        sent_forms.once(form, record)
        finishing.begin(closure_id=closure_id, now=now)


def _finish_in_a_task() -> None:
    transaction.on_commit(partial(queueing.send_once, "reservation.finish_closures"))


def _closure(draft: ClosureDraft, now: datetime) -> Closure:
    """The draft as a row that is not saved. Raises ClosurePast, ClosureTooLong."""
    if draft.ends_at <= now:
        raise errors.ClosurePast
    if draft.ends_at - draft.starts_at > LONGEST:
        raise errors.ClosureTooLong
    return Closure(
        site=draft.site,
        vaccine=draft.vaccine,
        starts_at=max(draft.starts_at, now),
        ends_at=draft.ends_at,
        reason=draft.reason,
        made_at=now,
    )


def _booked(slots: QuerySet[Slot]) -> QuerySet[Appointment]:
    return Appointment.objects.filter(
        slot__in=slots, state=Appointment.State.BOOKED, reservation__state=Reservation.State.CONFIRMED
    )
