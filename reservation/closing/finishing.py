"""What follows from a closure, in parts that each take some tenths of a second and can be broken off anywhere.

A closure that stands: its slots are closed, then whoever is booked in them is handed over. One that was lifted: its
slots are opened again, then whoever is still booked in them is told that the time holds. `Closure.done_at` says that
nothing is left. Each part locks the closure, so one that is lifted meanwhile closes nothing more (docs/locking.md).
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest

from crs import history, queueing
from reservation.affected import affected
from reservation.models import AffectedAppointment, Appointment, Closure, PlannedMove, Replan, Reservation, Slot
from reservation.operations import Operation

SLOTS = 500

logger = logging.getLogger(__name__)

Part = Callable[[Closure, datetime], bool]


def begin(*, closure_id: int, now: datetime) -> None:
    """Do what somebody who waits for a page may wait for: all the slots, and the first people.

    What a lock holds up is left to the task.
    """
    try:
        _move_slots(closure_id, now)
        _tell(closure_id, now)
    except OperationalError:
        logger.warning("Closure %s is left to the task.", closure_id)


def finish_all(*, now: datetime) -> int:
    """Do all that is left of closures; returns of how many something was left.

    One that a lock holds up does not hold up the others; its error is raised after them.
    """
    keys = list(Closure.objects.filter(done_at=None).order_by("pk").values_list("pk", flat=True))
    failure: OperationalError | None = None
    for key in keys:
        try:
            _move_slots(key, now)
            while _tell(key, now):
                pass
        except OperationalError as error:
            logger.warning("Closure %s is left to the next run.", key)
            failure = error
    if failure:
        raise failure
    return len(keys)


def slots_of(closure: Closure) -> QuerySet[Slot]:
    """The slots that reach into the time of the closure and had not begun when it was made."""
    with_end: Any = Slot.objects.with_end()  # the types do not know its `ends_at`
    of_site: QuerySet[Slot] = with_end.filter(
        site=closure.site_id,
        starts_at__gt=closure.made_at,
        starts_at__lt=closure.ends_at,
        ends_at__gt=closure.starts_at,
    )
    return of_site if closure.vaccine_id is None else of_site.filter(vaccine=closure.vaccine_id)


def _move_slots(closure_id: int, now: datetime) -> None:
    while _under_lock(closure_id, now, closing=_shut, lifting=_open):
        pass


def _tell(closure_id: int, now: datetime) -> bool:
    """Tell the next people; False where nobody is left to be told."""
    _wait_for_those_who_confirm(closure_id)
    return _under_lock(closure_id, now, closing=_hand_over, lifting=_keep)


def _wait_for_those_who_confirm(closure_id: int) -> None:
    """Wait for whoever confirms a hold and looked at its slots before they were closed.

    Whoever comes to it later finds them closed (`booking.confirm`). A transaction of its own: with these reservations
    in hand nobody may ask for others of lower keys.
    """
    slots = slots_of(Closure.objects.get(pk=closure_id))
    held = Reservation.objects.filter(state=Reservation.State.HELD, appointments__slot__in=slots)
    holds = Reservation.objects.filter(pk__in=held.values("pk")).order_by("pk")
    with transaction.atomic():
        list(holds.select_for_update(of=("self",), no_key=True).values_list("pk"))


def _under_lock(closure_id: int, now: datetime, *, closing: Part, lifting: Part) -> bool:
    """One part of the work in a transaction of its own; False where nothing more is to be done."""
    with transaction.atomic():
        locked = Closure.objects.select_for_update(of=("self",), no_key=True)
        closure = locked.select_related("site", "lifted_by").get(pk=closure_id)
        if closure.done_at is not None:
            return False
        is_lifted = closure.lifted_at is not None
        with history.recording_part(Operation.LIFT_CLOSURE if is_lifted else Operation.CLOSE):
            return (lifting if is_lifted else closing)(closure, now)


def _shut(closure: Closure, _now: datetime) -> bool:
    slots = slots_of(closure).filter(is_closed=False)
    keys = _locked(slots)
    Slot.objects.filter(pk__in=keys).update(is_closed=True)
    return bool(keys)


def _hand_over(closure: Closure, now: datetime) -> bool:
    slots = slots_of(closure)
    # Whoever was handed over for this closure once is left to the site, also where it decided that the time stays.
    of_this = Q(closure=closure)
    open_now = Q(Q(closure=None) | Q(closure__lifted_at=None), kept_at=None)
    noted = AffectedAppointment.objects.filter(of_this | open_now, appointment=OuterRef("pk"), slot=OuterRef("slot"))
    # A re-planning that is being published moves them first; whom it cannot move is handed over by the next run. One
    # that is being undone opens its days when all are back.
    published = Q(state=PlannedMove.State.PLANNED, replan__state=Replan.State.PUBLISHING)
    undone = Q(replan__state=Replan.State.UNDOING, replan__scope=Replan.Scope.DAYS, replan__closure=closure)
    moving = PlannedMove.objects.filter(published | undone, appointment=OuterRef("pk"))
    in_doubt = Appointment.objects.filter(
        ~Exists(noted),
        slot__in=slots,
        state=Appointment.State.BOOKED,
        reservation__state=Reservation.State.CONFIRMED,
    )
    booked = in_doubt.filter(~Exists(moving))
    people = list(booked.order_by("reservation").values_list("reservation", flat=True).distinct()[: affected.BATCH])
    # Both doses of a person at once, so that they are told once.
    theirs = booked.filter(reservation__in=people).values_list("pk", flat=True)
    affected.hand_over(appointment_ids=list(theirs), cause=AffectedAppointment.Cause.CLOSURE, closure=closure, now=now)
    if not people and in_doubt.exists():
        return False
    return _has_more(closure, now, done=len(people))


def _open(closure: Closure, now: datetime) -> bool:
    others = Closure.objects.standing().over_time(
        site=OuterRef("site"), vaccine=OuterRef("vaccine"), starts_at=OuterRef("starts_at"), ends_at=OuterRef("ends_at")
    )
    # What no rule wants, or nobody gave a seat, stays closed: whoever leaves it takes the seat along.
    slots = slots_of(closure).filter(is_closed=True, capacity_when_open__gt=0, starts_at__gt=now)
    keys = _locked(slots.filter(~Exists(others)))
    # The trigger of sql/closed_slots.sql has kept what they took; the rules of the site may say something else by now.
    Slot.objects.filter(pk__in=keys).update(is_closed=False, capacity=Greatest(F("booked"), F("capacity_when_open")))
    return bool(keys)


def _keep(closure: Closure, now: datetime) -> bool:
    rows = AffectedAppointment.objects.there().filter(closure=closure, kept_at=None)
    for other in Closure.objects.standing().filter(site=closure.site_id, ends_at__gt=closure.starts_at).order_by("pk"):
        # Closed all the same: nobody has to be told anything.
        rows.filter(slot__in=slots_of(other)).update(closure=other)
    people = list(
        rows.order_by("appointment__reservation")
        .values_list("appointment__reservation", flat=True)
        .distinct()[: affected.BATCH]
    )
    theirs = rows.filter(appointment__reservation__in=people).values_list("pk", flat=True)
    affected.keep(affected_ids=list(theirs), by=closure.lifted_by, now=now)
    return _has_more(closure, now, done=len(people))


def _has_more(closure: Closure, now: datetime, *, done: int) -> bool:
    if done == affected.BATCH:
        return True
    Closure.objects.filter(pk=closure.pk).update(done_at=now)
    if closure.lifted_at is not None:
        # The rules of the site may have changed while it was closed.
        transaction.on_commit(partial(queueing.send, "reservation.generate_slots", str(closure.site_id)))
    return False


def _locked(slots: QuerySet[Slot]) -> list[int]:
    """The next of the slots, locked by rising key (docs/locking.md)."""
    locked = slots.order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(locked.values_list("pk", flat=True)[:SLOTS])
