"""What people are told of times that cannot stay, and of those that hold after all: once for each reservation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.formats import date_format

from crs.messaging import outbox, quiet_hours
from crs.messaging.models import Message
from registration.groups.rules import read_once
from registration.models import Registration
from registration.people import telling
from reservation.models import AffectedAppointment, Appointment, Reservation, Slot

AFFECTED, KEPT, REMINDER = "reservation/affected", "reservation/kept", "reservation/reminder"
# Whoever comes this soon after the quiet hours has to know before, also at night.
ON_THE_WAY = timedelta(hours=2)
# Somebody is awake who asked for it: the person themselves, or the site that speaks with them.
_ASKED_FOR = (AffectedAppointment.Cause.POSTPONED, AffectedAppointment.Cause.MOVED)


def tell_affected(rows: Sequence[AffectedAppointment], *, now: datetime) -> None:
    """Tell each person which of their times cannot stay and why, which hold, and what to do; `rows` by reservation."""
    others = _others(rows)
    withdraw(KEPT, [row.appointment.reservation for row in rows])
    outbox.queue_all(
        message
        for reservation, theirs in _by_reservation(rows)
        for message in _messages(AFFECTED, reservation, theirs, others.get(reservation.pk, []), now)
    )


def tell_kept(rows: Sequence[AffectedAppointment], *, now: datetime) -> None:
    """Tell each person that these times to come hold after all; `rows` by reservation."""
    to_come = [row for row in rows if row.slot.starts_at > now and _is_booked(row)]
    withdraw_settled([row.appointment.reservation for row in rows])
    with read_once():
        outbox.queue_all(
            message
            for reservation, theirs in _by_reservation(to_come)
            for message in _messages(KEPT, reservation, theirs, [], now)
        )


def withdraw_settled(reservations: Iterable[Reservation]) -> None:
    """Let what still waits to tell these people that a time cannot stay never go out, where none is affected now."""
    asked = list(reservations)
    doubtful = AffectedAppointment.objects.unsettled().filter(appointment__reservation__in=asked)
    unsettled = set(doubtful.values_list("appointment__reservation", flat=True))
    withdraw(AFFECTED, [one for one in asked if one.pk not in unsettled])


def withdraw(template: str, reservations: Iterable[Reservation]) -> None:
    """Let the messages of `template` about these reservations that still wait never go out."""
    withdraw_about(template, {one.pk: one.registration for one in reservations})


def withdraw_about(template: str, by_key: Mapping[Any, Registration]) -> None:
    """The same of the messages that refer to these keys, each with its person."""
    to = Q(recipient__in={reach for one in by_key.values() for reach in (str(one.phone or ""), one.email) if reach})
    to |= Q(owner__in={one.number for one in by_key.values()})
    waiting = Message.objects.filter(
        to,
        template=template,
        reference__in=[str(key) for key in by_key],
        state__in=(Message.State.PREPARING, Message.State.QUEUED, Message.State.SENDING),
    )
    outbox.cancel(list(waiting.values_list("pk", flat=True)), why=Message.Cancellation.VOID)


def withdraw_reminders(times: Iterable[Appointment]) -> None:
    """Reminders of these appointments that still wait never go out; those of other doses do."""
    withdraw_about(REMINDER, {one.pk: one.reservation.registration for one in times})


def _is_booked(row: AffectedAppointment) -> bool:
    appointment = row.appointment
    is_confirmed = appointment.reservation.state == Reservation.State.CONFIRMED
    return is_confirmed and appointment.state == Appointment.State.BOOKED


def _by_reservation(
    rows: Iterable[AffectedAppointment],
) -> Iterator[tuple[Reservation, list[AffectedAppointment]]]:
    for _key, theirs in groupby(rows, lambda row: row.appointment.reservation_id):
        found = list(theirs)
        yield found[0].appointment.reservation, found


def _others(rows: Sequence[AffectedAppointment]) -> dict[UUID, list[Appointment]]:
    """The other booked times of these people, by reservation, with none that is affected itself."""
    mine = {row.appointment.reservation_id for row in rows}
    booked = Appointment.objects.filter(reservation__in=mine, state=Appointment.State.BOOKED)
    affected = AffectedAppointment.objects.filter(
        kept_at=None, slot=F("appointment__slot"), appointment__reservation__in=mine
    )
    free = booked.exclude(pk__in=affected.values("appointment"))
    found: dict[UUID, list[Appointment]] = {}
    for one in free.select_related("slot__site").order_by("dose_number"):
        found.setdefault(one.reservation_id, []).append(one)
    return found


def _messages(
    template: str, reservation: Reservation, rows: list[AffectedAppointment], others: list[Appointment], now: datetime
) -> Iterator[Message]:
    registration = reservation.registration
    sites = {row.slot.site_id: row.slot.site for row in rows}
    context: dict[str, Any] = {
        "registration": registration,
        "now": now,
        "site": rows[0].slot.site,
        "places": ", ".join(site.name for site in sites.values()),
        "doses": [_line(row.appointment, row.slot) for row in rows],
        "moments": moments((row.slot for row in rows), registration.language),
        "others": [_line(one, one.slot) for one in others],
        # Whoever still comes for the dose before is told so; a later one may have to move, too.
        "comes_first": bool(others) and others[0].dose_number < rows[0].appointment.dose_number,
        "cause": rows[0].cause,
        "reason": rows[0].closure.reason if rows[0].closure else "",
    }
    due_at = _due_at(rows, now)
    yield from telling.messages(registration, template, context, reference=str(reservation.pk), due_at=due_at)


def _line(appointment: Appointment, slot: Slot) -> tuple[int, datetime, str]:
    """The dose, when and where: two doses may lie at two sites."""
    return appointment.dose_number, slot.starts_at, f"{slot.site.name}, {slot.site.address}"


def moments(slots: Iterable[Slot], language: str) -> str:
    """All the times, one after another, short enough for an SMS."""
    with translation.override(outbox.spoken(language)):
        return ", ".join(date_format(timezone.localtime(slot.starts_at), "D j.n.Y H:i") for slot in slots)


def _due_at(rows: Sequence[AffectedAppointment], now: datetime) -> datetime:
    """Not before people are awake, unless they would set out by then."""
    morning = quiet_hours.next_waking_time(now)
    first = min(row.slot.starts_at for row in rows)
    return now if rows[0].cause in _ASKED_FOR or first < morning + ON_THE_WAY else morning
