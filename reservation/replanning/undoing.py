"""Undoing a re-planning that was published: whoever has not acted since goes back to the time from before.

Who said that the new time suits, chose another one, was vaccinated or was reached by staff stays with what they have,
and so does whose old seat somebody else has taken. Two who come together to one new time go back together or stay.
The days of a late delivery are opened again.
"""

from contextlib import suppress
from datetime import datetime
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from crs import history, queueing, sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from reservation.affected import affected, affected_messages
from reservation.closing import closing
from reservation.closing.errors import ClosureLifted, ClosureOver
from reservation.models import AffectedAppointment, Appointment, Closure, PlannedMove, Replan
from reservation.operations import Operation
from reservation.replanning import people, planning, publishing, replan_messages
from reservation.replanning.errors import ReplanMovedOn
from reservation.replanning.people import Person


def undo(*, replan_id: int, by: User, now: datetime, form: Sending = NO_FORM) -> None:
    """Begin to move people back: the first ones at once, the rest in a task. Raises ReplanMovedOn."""

    def record() -> Outcome:
        published = Replan.objects.filter(pk=replan_id, state=Replan.State.PUBLISHED)
        if not published.update(state=Replan.State.UNDOING, undone_at=now, undone_by=by):
            raise ReplanMovedOn
        transaction.on_commit(partial(queueing.send_once, planning.TASK))
        return {}

    sent_forms.once(form, record)
    undo_part(replan_id=replan_id, now=now)


def undo_part(*, replan_id: int, now: datetime) -> bool:
    """Move the next people back; False where none are left. The days open only then: until then the seats wait."""
    with transaction.atomic():
        replan = planning.locked(replan_id, Replan.State.UNDOING)
        if replan is None:
            return False
        keys = publishing.next_of(replan, PlannedMove.State.MOVED)
        with history.recording(Operation.UNDO_REPLAN, by=replan.undone_by):
            _move_back(replan, keys, now)
    if len(keys) >= publishing.BATCH:
        return True
    # Before it is called undone, so that whoever goes on after a crash opens the days, too.
    _open_days(replan_id, now)
    Replan.objects.filter(pk=replan_id, state=Replan.State.UNDOING).update(state=Replan.State.UNDONE)
    return False


def _move_back(replan: Replan, keys: list[UUID], now: datetime) -> None:
    reservations = publishing.lock_people(keys)
    known, moves = people.people_of(keys, now=now), publishing.moves_of(replan, keys)
    done = {key: [one for one in moves[key] if one.state == PlannedMove.State.MOVED] for key in keys}
    wanted = {slot for theirs in done.values() for one in theirs for slot in (one.from_slot_id, one.to_slot_id or 0)}
    slots = publishing.lock_slots(wanted)
    left = {key: slot.capacity - slot.booked for key, slot in slots.items()}
    back: dict[UUID, list[PlannedMove]] = {}
    for group in publishing.together(reservations, done):
        # Of two who came to one time whoever has left it comes alone; who stays there is not left alone by the other.
        due = {key: theirs for key, theirs in group if _has_new_times(known.get(key), theirs)}
        earlier = [one.from_slot_id for theirs in due.values() for one in theirs]
        may_go = all(_has_not_acted(known[key], theirs, now) for key, theirs in due.items())
        if may_go and publishing.has_room(left, [key for key in earlier if not slots[key].is_closed]):
            back |= due
    stays = [one.pk for key in done.keys() - back.keys() for one in done[key]]
    PlannedMove.objects.filter(pk__in=stays).update(state=PlannedMove.State.SETTLED)
    publishing.carry(back, PlannedMove.State.UNDONE)
    _keep_what_followed(replan, back, now)
    told = [(reservations[key], theirs) for key, theirs in back.items()]
    affected_messages.withdraw(replan_messages.MOVED, [reservation for reservation, _ in told])
    booked = [one.appointment_id for theirs in back.values() for one in theirs]
    doubtful = set(Appointment.objects.affected().filter(pk__in=booked).values_list("pk", flat=True))
    replan_messages.tell_undone(told, doubtful, now=now)


def _has_new_times(person: Person | None, moves: list[PlannedMove]) -> bool:
    """Whether the person still has the times that the re-planning gave."""
    if person is None:
        return False
    booked = person.booked
    return all(one.appointment_id in booked and booked[one.appointment_id].slot_id == one.to_slot_id for one in moves)


def _has_not_acted(person: Person, moves: list[PlannedMove], now: datetime) -> bool:
    """Whether the person, who has the new times, never answered, and may and can come at the old ones."""
    waits_until = person.postponed_until
    return all(
        one.answered_at is None
        and one.from_slot.starts_at > now + publishing.NOTICE
        and (waits_until is None or one.from_slot.day >= waits_until)
        for one in moves
    )


def _keep_what_followed(replan: Replan, back: dict[UUID, list[PlannedMove]], now: datetime) -> None:
    """Let doses stand again that were handed over only because the one before them had moved."""
    rows = AffectedAppointment.objects.unsettled().filter(
        cause=AffectedAppointment.Cause.MOVED,
        made_at__gte=replan.published_at,
        appointment__reservation__in=back,
        appointment__planned_moves__replan=replan,
        appointment__planned_moves__state=PlannedMove.State.NO_TIME,
    )
    affected.keep(affected_ids=list(rows.values_list("pk", flat=True)), by=replan.undone_by, now=now)


def _open_days(replan_id: int, now: datetime) -> None:
    """Open the days again that publishing closed; whoever is still booked there is told that the time holds.

    A closure that somebody else made meanwhile looks once more who is booked there.
    """
    replan = Replan.objects.select_related("undone_by", "closure").get(pk=replan_id)
    is_at_work = replan.scope == Replan.Scope.DAYS and replan.state == Replan.State.UNDOING
    own = replan.closure
    if is_at_work and own and replan.undone_by:
        with suppress(ClosureLifted, ClosureOver):
            closing.lift(closure_id=own.pk, by=replan.undone_by, now=now)
        others = Closure.objects.standing().filter(
            site=own.site_id, starts_at__lt=own.ends_at, ends_at__gt=own.starts_at
        )
        if others.update(done_at=None):
            queueing.send_once("reservation.finish_closures")
