"""Publishing a plan: everybody moves in one transaction with others, and is told once with a link to choose otherwise.

A part asks everything again under the locks: who has changed their time meanwhile is left alone, and whose new time is
gone, or fits no more, keeps the old one and stands in the list to call (docs/locking.md).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from crs import history, queueing, sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from crs.typed_moment import moment_of
from registration.models import Registration
from reservation.affected import affected, affected_messages
from reservation.arranging import seating
from reservation.closing import closing
from reservation.closing.closing import ClosureDraft
from reservation.closing.errors import ClosurePast, ClosureStands
from reservation.models import AffectedAppointment, Appointment, Closure, PlannedMove, Replan, Reservation, Slot
from reservation.operations import Operation
from reservation.replanning import people, planning, replan_messages
from reservation.replanning.errors import ReplanMovedOn
from reservation.replanning.people import Person

# Told and moved in one transaction; whoever books in one of their slots waits for it.
BATCH = 50
# Whoever is moved learns of it so long before the new time, at least.
NOTICE = timedelta(hours=24)


def publish(*, replan_id: int, by: User, now: datetime, form: Sending = NO_FORM) -> None:
    """Begin to move the people of a plan: the first ones at once, the rest in a task. Raises ReplanMovedOn."""

    def record() -> Outcome:
        planned = Replan.objects.filter(pk=replan_id, state=Replan.State.PLANNED)
        # The WHERE clause is the check: of two who publish it, or one who discards it, the second finds no row.
        if not planned.update(state=Replan.State.PUBLISHING, published_at=now, published_by=by):
            raise ReplanMovedOn
        transaction.on_commit(partial(queueing.send_once, planning.TASK))
        return {}

    sent_forms.once(form, record)
    publish_part(replan_id=replan_id, now=now)


def publish_part(*, replan_id: int, now: datetime) -> bool:
    """Move the next people; False where none are left."""
    _close_days(replan_id, now)
    with transaction.atomic():
        replan = planning.locked(replan_id, Replan.State.PUBLISHING)
        if replan is None:
            return False
        keys = next_of(replan, PlannedMove.State.PLANNED)
        with history.recording(Operation.REPLAN, by=replan.published_by, reason=replan.reason):
            _move(replan, keys, now)
        has_more = len(keys) >= BATCH
        if not has_more:
            Replan.objects.filter(pk=replan.pk).update(state=Replan.State.PUBLISHED)
            # Whoever found no time in the closed days is told by the closure now.
            transaction.on_commit(partial(queueing.send_once, "reservation.finish_closures"))
    return has_more


def next_of(replan: Replan, state: PlannedMove.State) -> list[UUID]:
    """The reservations of the next people with a move in that state, and of those with whom they come together."""
    moves = PlannedMove.objects.filter(replan=replan, state=state).order_by("appointment__reservation")
    of_people = moves.values_list("appointment__reservation", flat=True).distinct()
    keys = list(of_people[:BATCH])
    parties = Reservation.objects.filter(pk__in=keys, party__isnull=False).values("party")
    return sorted({*keys, *of_people.filter(appointment__reservation__party__in=parties)})


def together(
    reservations: Mapping[UUID, Reservation], moves: Mapping[UUID, list[PlannedMove]]
) -> list[list[tuple[UUID, list[PlannedMove]]]]:
    """The people with their moves by rising key: two who come together to one new time beside each other."""
    found: dict[Any, list[tuple[UUID, list[PlannedMove]]]] = {}
    for key in sorted(moves):
        party, theirs = reservations[key].party, moves[key]
        found.setdefault((party, theirs[0].to_slot_id) if party and theirs else key, []).append((key, theirs))
    return list(found.values())


def moves_of(replan: Replan, reservations: Iterable[UUID]) -> dict[UUID, list[PlannedMove]]:
    """The moves of people by dose, read under the locks of the people."""
    moves = PlannedMove.objects.filter(replan=replan, appointment__reservation__in=reservations).select_related(
        "appointment", "from_slot__site", "to_slot__site"
    )
    found: dict[UUID, list[PlannedMove]] = {}
    for move in moves.order_by("appointment__reservation", "appointment__dose_number"):
        found.setdefault(move.appointment.reservation_id, []).append(move)
    return found


def lock_people(reservations: Iterable[UUID]) -> dict[UUID, Reservation]:
    """Lock the registrations, then the reservations, each by rising key, and return these as they stand now."""
    of_them = Reservation.objects.filter(pk__in=list(reservations))
    registrations = Registration.objects.filter(pk__in=of_them.values("registration")).order_by("pk")
    list(registrations.select_for_update(of=("self",), no_key=True).values_list("pk"))
    affected.lock(of_them)
    return {one.pk: one for one in of_them.select_related("registration__person")}


def lock_slots(keys: Iterable[int]) -> dict[int, Slot]:
    """Lock the slots by rising key, so that no seat goes while it is decided who moves."""
    slots: QuerySet[Slot] = Slot.objects.filter(pk__in=set(keys)).order_by("pk")
    return {slot.pk: slot for slot in slots.select_for_update(of=("self",), no_key=True)}


def _move(replan: Replan, keys: list[UUID], now: datetime) -> None:
    reservations = lock_people(keys)
    known, moves = people.people_of(keys, now=now), moves_of(replan, keys)
    booked = [move.appointment_id for theirs in moves.values() for move in theirs]
    doubtful = set(Appointment.objects.affected().filter(pk__in=booked).values_list("pk", flat=True))
    to_move = {key: [one for one in moves[key] if one.state == PlannedMove.State.PLANNED] for key in keys}
    slots = lock_slots(slot for theirs in to_move.values() for one in theirs for slot in (one.from_slot_id, _to(one)))
    left = {key: slot.capacity - slot.booked for key, slot in slots.items()}
    moved: dict[UUID, list[PlannedMove]] = {}
    for group in together(reservations, to_move):
        due: dict[UUID, list[PlannedMove]] = {}
        for key, theirs in group:
            is_due = replan.scope == Replan.Scope.DAYS or any(one.appointment_id in doubtful for one in moves[key])
            if is_due and _stand_still(known.get(key), theirs):
                due[key] = theirs
            else:
                _become(theirs, PlannedMove.State.SETTLED)
        flat = [one for theirs in due.values() for one in theirs]
        if all(_fit(known[key], moves[key], now) for key in due) and has_room(left, map(_to, flat)):
            moved |= due
        else:
            _become(flat, PlannedMove.State.FAILED)
    carry(moved, PlannedMove.State.MOVED)
    told = [(reservations[key], theirs) for key, theirs in moved.items()]
    affected_messages.withdraw_settled([reservation for reservation, _ in told])
    replan_messages.tell_moved(replan, told, now=now)
    lost = {one for key, theirs in moved.items() for one in people.stranded(known[key], _days(theirs))}
    if lost := lost - doubtful:
        affected.hand_over(appointment_ids=sorted(lost), cause=AffectedAppointment.Cause.MOVED, now=now)


def has_room(left: dict[int, int], wanted: Iterable[int]) -> bool:
    """Take the seats off those that are left; False, and none is taken, where one is missing."""
    counts = Counter(wanted)
    if any(left[slot] < count for slot, count in counts.items()):
        return False
    for slot, count in counts.items():
        left[slot] -= count
    return True


def carry(moved: dict[UUID, list[PlannedMove]], state: PlannedMove.State) -> None:
    """Write the new times of the moves, or the old ones where they are undone; their slots are locked."""
    flat = [one for theirs in moved.values() for one in theirs]
    is_back = state == PlannedMove.State.UNDONE
    for one in flat:
        one.appointment.slot_id = one.from_slot_id if is_back else _to(one)
    # Before the appointments, because the database then no longer asks for the doses to fit.
    Reservation.objects.filter(pk__in=moved).change(is_by_staff=True)
    Appointment.objects.bulk_update([one.appointment for one in flat], ["slot"])
    old, new = [one.from_slot_id for one in flat], [_to(one) for one in flat]
    # A seat of a closed slot went along with its person, and comes back with them.
    seating.exchange(give=new if is_back else old, take=old if is_back else new, over=old if is_back else ())
    _become(flat, state)


def _become(moves: list[PlannedMove], state: PlannedMove.State) -> None:
    PlannedMove.objects.filter(pk__in=[one.pk for one in moves]).update(state=state)


def _to(move: PlannedMove) -> int:
    """The slot of a move for which one was found."""
    slot_id: Any = move.to_slot_id
    return int(slot_id)


def _days(moves: Iterable[PlannedMove]) -> dict[int, date]:
    """The new days of moves, by appointment."""
    return {one.appointment_id: one.to_slot.day for one in moves if one.to_slot is not None}


def _stand_still(person: Person | None, moves: list[PlannedMove]) -> bool:
    """Whether the person still has the times that the plan moves."""
    if person is None:
        return False
    booked = person.booked
    return all(one.appointment_id in booked and booked[one.appointment_id].slot_id == one.from_slot_id for one in moves)


def _fit(person: Person, moves: list[PlannedMove], now: datetime) -> bool:
    """Whether the new times are far enough ahead, and each dose fits after the one before.

    For the doses for which the plan knew no time the site finds one.
    """
    new = {one.appointment_id: one.to_slot for one in moves if one.state == PlannedMove.State.PLANNED and one.to_slot}
    days = {key: slot.day for key, slot in new.items()}
    for dose, before, _following in people.steps(person, days):
        if slot := new.get(dose.appointment_id):
            span = people.window(person, dose, before=before, not_before=timezone.localdate(now))
            if slot.starts_at < now + NOTICE or not span.earliest <= slot.day <= span.latest:
                return False
    without = {one.appointment_id for one in moves if one.state == PlannedMove.State.NO_TIME}
    return people.stranded(person, days) <= without


def _close_days(replan_id: int, now: datetime) -> None:
    """Close the days whose appointments move, so that nobody else books there; those who move are not told by it.

    The closure carries the moment of publishing, by which it is found again after a crash.
    """
    replan: Any = Replan.objects.select_related("site", "vaccine", "published_by").get(pk=replan_id)
    if replan.scope != Replan.Scope.DAYS or replan.state != Replan.State.PUBLISHING or replan.closure_id:
        return
    first, last, site, by, at = replan.first_day, replan.last_day, replan.site, replan.published_by, replan.published_at
    made = Closure.objects.filter(site=site, vaccine=replan.vaccine, made_at=at, made_by=by).first()
    if made is None:
        ends_at = moment_of(last + timedelta(days=1), time.min)
        draft = ClosureDraft(site, moment_of(first, time.min), ends_at, replan.reason, replan.vaccine)
        try:
            made = closing.close(draft=draft, shown=None, by=by, now=at)
        except (ClosureStands, ClosurePast):
            return
    Replan.objects.filter(pk=replan_id, closure=None).update(closure=made)
