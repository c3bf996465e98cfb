"""Bookings that a new interval between doses leaves outside: they are handed over, so that the site finds other times.

The interval in force for a booking is that of the day on which it was made, or a newer one that applies to existing
bookings too (`DoseInterval.AppliesTo.ALL`). docs/adr/0050-series-and-intervals.md
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from reservation.affected import affected
from reservation.dose_intervals import IN_FORCE
from reservation.models import AffectedAppointment

# From the dose that was given, else from the time that is booked for it. Whoever was handed over for this once is left
# to the site, also where it decided that the time stays.
_OUTSIDE = f"""
SELECT a.id, s.vaccine_id, a.dose_number
FROM reservation_appointment a
JOIN reservation_reservation r ON r.id = a.reservation_id AND r.state = 'CONFIRMED'
JOIN registration_registration g ON g.id = r.registration_id
JOIN reservation_slot s ON s.id = a.slot_id
CROSS JOIN LATERAL ({IN_FORCE}) rule
LEFT JOIN LATERAL (
    SELECT b.day FROM reservation_appointment p JOIN reservation_slot b ON b.id = p.slot_id
    WHERE p.reservation_id = r.id AND p.dose_number = a.dose_number - 1 AND p.state <> 'MISSED'
) before ON true
WHERE a.state = 'BOOKED' AND a.dose_number > 1 AND s.starts_at > %(now)s
  AND rule.valid_from > (timezone('Europe/Prague', r.created_at))::date
  AND s.day - CASE g.doses_received WHEN a.dose_number - 1 THEN g.last_dose_on ELSE before.day END
      NOT BETWEEN rule.min_days AND rule.max_days
  AND NOT EXISTS (
      SELECT FROM reservation_affectedappointment f
      WHERE f.appointment_id = a.id AND f.slot_id = a.slot_id AND f.cause IN ('INTERVAL', 'MOVED'))
ORDER BY a.id
"""  # noqa: S608 (constants)


@dataclass(frozen=True)
class Outside:
    """Bookings that the rules leave outside: their keys, and how many there are of each vaccine and dose."""

    appointment_ids: list[int]
    counts: Counter[tuple[str, int]]


def outside(now: datetime) -> Outside:
    """Bookings to come that do not fit the interval in force at `now`; one query.

    With a later moment it tells what a planned rule will leave outside.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OUTSIDE, {"now": now, "today": timezone.localdate(now)})
        rows = cursor.fetchall()
    return Outside([key for key, _, _ in rows], Counter((vaccine, dose) for _, vaccine, dose in rows))


def hand_over_outside(now: datetime) -> Outside:
    """Hand them over, batch by batch; a second run finds those that came since. Returns what was handed over."""
    found = outside(now)
    for start in range(0, len(found.appointment_ids), affected.BATCH):
        with transaction.atomic():
            keys = found.appointment_ids[start : start + affected.BATCH]
            affected.hand_over(appointment_ids=keys, cause=AffectedAppointment.Cause.INTERVAL, now=now)
    return found
