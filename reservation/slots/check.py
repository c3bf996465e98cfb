"""Checks the seat counters: every slot's counter must equal the number of its appointments that hold a seat."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection


@dataclass(frozen=True)
class WrongCounter:
    """A slot whose counter is wrong."""

    slot_id: int
    site: str
    starts_at: datetime
    booked: int
    appointments: int


def count_slots() -> int:
    """How many slots there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reservation_slot")
        return int(cursor.fetchone()[0])


def wrong_counters() -> list[WrongCounter]:
    """Slots whose counter differs from their appointments that hold a seat, counted in one snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH counted AS (
                SELECT a.slot_id, count(*) AS appointments
                FROM reservation_appointment a JOIN reservation_reservation r ON r.id = a.reservation_id
                WHERE r.state IN ('HELD', 'CONFIRMED') GROUP BY a.slot_id
            )
            SELECT s.id, site.name, s.starts_at, s.booked, coalesce(counted.appointments, 0)
            FROM reservation_slot s
            JOIN logistics_vaccinationsite site ON site.id = s.site_id
            LEFT JOIN counted ON counted.slot_id = s.id
            WHERE s.booked <> coalesce(counted.appointments, 0)
            ORDER BY s.id
            """
        )
        return [WrongCounter(*row) for row in cursor.fetchall()]
