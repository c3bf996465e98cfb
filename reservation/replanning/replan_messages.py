"""What people are told when a re-planning moves their times, or moves them back: once for each reservation."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from crs.messaging import outbox, quiet_hours
from crs.messaging.models import Message
from registration.people import telling
from reservation.affected import affected_messages
from reservation.links import links
from reservation.models import PersonalLink, PlannedMove, Replan, Reservation, Slot

MOVED, UNDONE = "reservation/replanned", "reservation/replan_undone"

Told = Sequence[tuple[Reservation, list[PlannedMove]]]


def tell_moved(replan: Replan, told: Told, *, now: datetime) -> None:
    """Tell each person their new times, why, and by a link how to choose otherwise."""
    affected_messages.withdraw(UNDONE, [reservation for reservation, _ in told])
    outbox.queue_all(message for reservation, moves in told for message in _moved(replan, reservation, moves, now))


def tell_undone(told: Told, doubtful: Collection[int], *, now: datetime) -> None:
    """Tell each person that the earlier time counts again; of those in `doubtful` that it cannot stay either."""
    outbox.queue_all(message for reservation, moves in told for message in _undone(reservation, moves, doubtful, now))


def _moved(replan: Replan, reservation: Reservation, moves: list[PlannedMove], now: datetime) -> Iterator[Message]:
    registration = reservation.registration
    new = [(move, move.to_slot) for move in moves if move.to_slot]
    address = links.issue(
        registration=registration,
        purpose=PersonalLink.Purpose.REPLANNED,
        about=replan.pk,
        now=now,
        expires_at=min(slot.starts_at for _, slot in new),
    )
    context = _context(reservation, new) | {
        "reason": replan.reason,
        "address": address,
        "old": [(move.appointment.dose_number, move.from_slot.starts_at) for move in moves],
    }
    due_at = _due_at([slot for move in moves for slot in (move.from_slot, move.to_slot) if slot], now)
    yield from telling.messages(
        registration, MOVED, context, lane=Message.Lane.BULK, reference=str(reservation.pk), due_at=due_at
    )


def _undone(
    reservation: Reservation, moves: list[PlannedMove], doubtful: Collection[int], now: datetime
) -> Iterator[Message]:
    # Two doses of a person that move at once cannot stay for one reason, as a rule.
    is_doubtful = any(move.appointment_id in doubtful for move in moves)
    context = _context(reservation, [(move, move.from_slot) for move in moves]) | {"is_doubtful": is_doubtful}
    due_at = _due_at([move.from_slot for move in moves], now)
    yield from telling.messages(
        reservation.registration,
        UNDONE,
        context,
        lane=Message.Lane.BULK,
        reference=str(reservation.pk),
        due_at=due_at,
    )


def _context(reservation: Reservation, times: list[tuple[PlannedMove, Slot]]) -> dict[str, Any]:
    registration = reservation.registration
    sites = {slot.site_id: slot.site for _, slot in times}
    return {
        "registration": registration,
        "site": times[0][1].site,
        "places": ", ".join(site.name for site in sites.values()),
        "moments": affected_messages.moments((slot for _, slot in times), registration.language),
        "doses": [
            (move.appointment.dose_number, slot.starts_at, f"{slot.site.name}, {slot.site.address}")
            for move, slot in times
        ],
    }


def _due_at(slots: list[Slot], now: datetime) -> datetime:
    """Not before people are awake, unless they would set out by then."""
    morning = quiet_hours.next_waking_time(now)
    first = min((slot.starts_at for slot in slots if slot.starts_at > now), default=morning)
    return now if first < morning + affected_messages.ON_THE_WAY else morning
