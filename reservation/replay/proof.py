"""Proves by SQL what must always hold of seats, reservations and PINs (DESIGN.md, 'What must always hold', 1, 2 and 6).

Everything is counted from the rows themselves, in one snapshot, by other statements than those that keep it true.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from reservation.free_seats import check as sums
from reservation.slots import check

SHOWN = 20

# What each appointment needs to be judged: its slot, and the appointment of the dose before it. Reservations that hold
# seats, finished ones too; in those that staff arranged doses may lie apart (ADR 0020).
_STANDING = """
WITH standing AS MATERIALIZED (
    SELECT r.id, r.registration_id, r.created_at, r.pairing, r.changes, r.is_by_staff, r.is_finished, a.dose_number,
           s.site_id, s.vaccine_id, s.day, s.wall_time, s.for_doses
    FROM reservation_reservation r
    JOIN reservation_appointment a ON a.reservation_id = r.id
    JOIN reservation_slot s ON s.id = a.slot_id
    WHERE r.state IN ('HELD', 'CONFIRMED')
)
"""
# Each finds what breaks the promise, and names the row.
BROKEN: Mapping[str, str] = {
    "no slot is overbooked, and a closed one is full": """
        SELECT id::text FROM reservation_slot
        WHERE booked < 0 OR booked > capacity OR is_closed AND booked <> capacity
    """,
    "a reservation has all its doses at one site, of one vaccine, or none": """
        , doses AS (
            SELECT x.id, bool_or(x.is_by_staff) AS is_by_staff, min(x.dose_number) AS first, max(x.dose_number) AS last,
                   count(*) AS many, count(DISTINCT (x.site_id, x.vaccine_id)) AS places,
                   min(v.doses) AS of_series, min(p.doses_received) AS received
            FROM standing x
            JOIN logistics_vaccine v ON v.code = x.vaccine_id
            JOIN registration_registration p ON p.id = x.registration_id
            GROUP BY x.id
        )
        SELECT id::text FROM doses WHERE NOT is_by_staff AND (
            many <> last - first + 1 OR places <> 1 OR first = 1 AND last <> of_series
            OR first > 1 AND (received = 0 OR last <> of_series AND many <> 1))
        UNION ALL
        SELECT r.id::text FROM reservation_reservation r
        WHERE r.state IN ('HELD', 'CONFIRMED')
          AND NOT EXISTS (SELECT FROM reservation_appointment a WHERE a.reservation_id = r.id)
    """,
    "first doses are in seats for first doses, later ones in seats for later ones": """
        SELECT id::text FROM standing WHERE NOT is_by_staff
          AND for_doses NOT IN (CASE dose_number WHEN 1 THEN 'FIRST' ELSE 'SECOND' END, 'ANY')
    """,
    "a person has one standing registration": """
        SELECT person_id::text FROM registration_registration
        WHERE state <> 'CANCELLED' GROUP BY person_id HAVING count(*) > 1
    """,
    "nobody stands in the system twice": """
        SELECT min(id)::text FROM registration_person
        WHERE insured_number_hash <> '' GROUP BY insured_number_hash HAVING count(*) > 1
        UNION ALL
        SELECT min(id)::text FROM registration_person
        WHERE document_hash <> '' AND merged_into_id IS NULL GROUP BY document_hash HAVING count(*) > 1
    """,
    "a registration has one reservation that holds seats": """
        SELECT registration_id::text FROM reservation_reservation
        WHERE state IN ('HELD', 'CONFIRMED') AND NOT is_finished GROUP BY registration_id HAVING count(*) > 1
    """,
    "nobody has two seats for one dose": """
        SELECT x.registration_id::text FROM standing x WHERE NOT x.is_finished
        GROUP BY x.registration_id, x.dose_number HAVING count(*) > 1
    """,
    # By the rule of the day of booking, or by one that took effect later and by which a dose may have been moved.
    "the days between doses are those of the rule": """
        , apart AS MATERIALIZED (
            SELECT x.id, x.vaccine_id, x.dose_number, x.day - before.day AS days,
                   (timezone('Europe/Prague', x.created_at))::date AS booked_on
            FROM standing x
            JOIN standing before ON before.id = x.id AND before.dose_number = x.dose_number - 1
            WHERE NOT x.is_by_staff
        ), kinds AS (
            SELECT vaccine_id, dose_number, days, booked_on FROM apart GROUP BY 1, 2, 3, 4
        ), wrong AS (
            SELECT k.* FROM kinds k WHERE NOT EXISTS (
                SELECT FROM (
                    SELECT i.min_days, i.max_days,
                           lead(i.valid_from, 1, 'infinity') OVER (ORDER BY i.valid_from) AS ends
                    FROM logistics_doseinterval i
                    WHERE i.vaccine_id = k.vaccine_id AND i.dose_number = k.dose_number AND i.valid_from <= current_date
                ) rule
                WHERE rule.ends > k.booked_on AND k.days BETWEEN rule.min_days AND rule.max_days)
        )
        SELECT a.id::text FROM apart a JOIN wrong w USING (vaccine_id, dose_number, days, booked_on)
    """,
    # Across a change to summer time, too: the time on the wall is compared.
    "the same time of day is told only where it is the same": """
        SELECT x.id::text FROM standing x
        JOIN standing before ON before.id = x.id AND before.dose_number = x.dose_number - 1
        WHERE NOT x.is_by_staff AND x.changes = 0 AND x.pairing = 'EXACT' AND x.wall_time <> before.wall_time
    """,
    "a PIN is kept as its hash alone, and ends": """
        SELECT 'PIN2 ' || id FROM reservation_invitation WHERE pin_hash !~ '^[0-9a-f]{64}$' OR expires_at <= issued_at
        UNION ALL
        SELECT 'PIN ' || id FROM registration_phonepin WHERE pin_hash !~ '^[0-9a-f]{64}$'
    """,
    "a registration has one valid PIN2": """
        SELECT registration_id::text FROM reservation_invitation
        WHERE revoked_at IS NULL GROUP BY registration_id HAVING count(*) > 1
    """,
}


@dataclass(frozen=True)
class Promise:
    """Something that must always hold, how many rows break it, and the first of them."""

    name: str
    broken: int = 0
    rows: tuple[str, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether nothing breaks it."""
        return self.broken == 0


def prove(*, now: datetime) -> list[Promise]:
    """Each promise with what breaks it, in one snapshot; `now` says which sums of past days are still kept."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        wrong_counters = [f"slot {one.slot_id}" for one in check.wrong_counters()]
        wrong_sums = [f"{one.site}, {one.day}, {one.for_doses}" for one in sums.wrong_sums(now=now)]
        return [
            _promise("the counter of a slot is the number of its appointments", wrong_counters),
            *(_promise(name, _rows(cursor, sql)) for name, sql in BROKEN.items()),
            _promise("the sum of a day is that of its slots", wrong_sums),
        ]


def _rows(cursor: CursorWrapper, sql: str) -> list[str]:
    cursor.execute(_STANDING + sql)
    return [row for (row,) in cursor.fetchall()]


def _promise(name: str, broken: Sequence[str]) -> Promise:
    return Promise(name, len(broken), tuple(broken[:SHOWN]))
