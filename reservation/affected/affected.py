"""Appointments whose time cannot stay: handed over once, open until they move or are kept, called about."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F, QuerySet

from crs import sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from reservation.affected import affected_messages
from reservation.models import AffectedAppointment, AffectedCall, Closure, Reservation

# Told in one transaction: rendering an SMS, an e-mail and a letter for each takes about half a second.
BATCH = 200

# A row that is left of a closure that was lifted, of somebody who went elsewhere and came back, serves once more.
_HAND_OVER = """
INSERT INTO reservation_affectedappointment AS known (appointment_id, slot_id, cause, closure_id, made_at)
SELECT a.id, a.slot_id, %(cause)s, %(closure)s, %(now)s
FROM reservation_appointment a JOIN reservation_reservation r ON r.id = a.reservation_id AND r.state = 'CONFIRMED'
WHERE a.id = ANY (%(appointments)s) AND a.state = 'BOOKED' ORDER BY a.id
ON CONFLICT (appointment_id, slot_id) WHERE kept_at IS NULL DO UPDATE
SET cause = EXCLUDED.cause, closure_id = EXCLUDED.closure_id, made_at = EXCLUDED.made_at
WHERE known.closure_id IN (SELECT id FROM reservation_closure WHERE lifted_at IS NOT NULL)
RETURNING known.id
"""


def hand_over(
    *,
    appointment_ids: Iterable[int],
    cause: AffectedAppointment.Cause,
    closure: Closure | None = None,
    now: datetime,
) -> list[int]:
    """Note the booked appointments as affected and tell their people, once; returns the keys of the new rows.

    The appointments stay booked. One that is open already is left as it is, and so is one that is not booked in a
    confirmed reservation any more. It runs in the caller's transaction, who has locked what makes them affected;
    `BATCH` of them are enough for one.
    """
    keys = list(appointment_ids)
    told: dict[str, Any] = {"appointments": keys, "cause": cause.value, "closure": closure and closure.pk, "now": now}
    with transaction.atomic():
        lock(Reservation.objects.filter(appointments__in=keys))
        with connection.cursor() as cursor:
            cursor.execute(_HAND_OVER, told)
            new = [key for (key,) in cursor.fetchall()]
        affected_messages.tell_affected(_with_people(new), now=now)
    return new


def open_at(now: datetime, *, site_id: UUID | None = None) -> QuerySet[AffectedAppointment]:
    """Affected appointments of before `now` that nobody settled: still booked in that slot, and not kept.

    One whose time has passed is open, too: its person still waits for another one.
    """
    found = AffectedAppointment.objects.unsettled().filter(made_at__lte=now)
    return found if site_id is None else found.filter(slot__site=site_id)


def keep(*, affected_ids: Iterable[int], by: User | None, now: datetime) -> int:
    """Decide that appointments hold after all and tell their people; returns how many were not settled before."""
    asked = list(affected_ids)
    with transaction.atomic():
        # Of two who decide the second waits, and then finds no row.
        lock(Reservation.objects.filter(appointments__affected__in=asked))
        there = AffectedAppointment.objects.there().filter(pk__in=asked, kept_at=None)
        keys = list(there.values_list("pk", flat=True))
        AffectedAppointment.objects.filter(pk__in=keys).update(kept_at=now, kept_by=by)
        affected_messages.tell_kept(_with_people(keys), now=now)
    return len(keys)


def record_call(
    *, affected_id: int, outcome: AffectedCall.Outcome, by: User, now: datetime, form: Sending = NO_FORM
) -> None:
    """Write down that the site called the person of an affected appointment. Raises FormChanged."""

    def write() -> Outcome:
        AffectedCall.objects.create(affected_id=affected_id, outcome=outcome, called_at=now, called_by=by)
        return {}

    sent_forms.once(form, write)


def lock(reservations: QuerySet[Reservation]) -> None:
    """Lock them by rising key, before slots, appointments and the rows about them (docs/locking.md)."""
    locked = Reservation.objects.filter(pk__in=reservations.values("pk")).order_by("pk")
    list(locked.select_for_update(of=("self",), no_key=True).values_list("pk"))


def _with_people(keys: list[int]) -> list[AffectedAppointment]:
    """The rows as they stand now, with all that the messages say, by reservation."""
    rows = AffectedAppointment.objects.filter(pk__in=keys, slot=F("appointment__slot")).select_related(
        "appointment__reservation__registration__person", "slot__site", "closure"
    )
    claims = "appointment__reservation__registration__priority_claims"
    return list(rows.prefetch_related(claims).order_by("appointment__reservation_id", "appointment__dose_number"))
