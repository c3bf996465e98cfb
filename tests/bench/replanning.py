"""10,000 bookings of ten sites that cannot stay: planned, published with a message to each, and taken back.

There is no yardstick: the figures are processor seconds of this process and of the database.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import psutil
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from logistics.models import District, VaccinationSite
from reservation.models import AffectedAppointment, Appointment, PlannedMove, Replan
from reservation.replanning import planning, publishing, undoing, working
from reservation.replanning.planning import ReplanDraft
from reservation.slots import check
from tests.bench import cpu, population

if TYPE_CHECKING:
    from tests.bench.sides import Sides

SITES, A_SITE = 10, 1_000
# Ten days from now on five days are full of these people; the other days of two months have some room.
_SLOTS = """
INSERT INTO reservation_slot (site_id, vaccine_id, for_doses, starts_at, minutes, capacity, booked)
SELECT site.id, 'comirnaty', 'ANY',
       ((current_date + day) + time '08:00' + quarter * interval '12 minutes') AT TIME ZONE 'Europe/Prague', 12, 5, 0
FROM unnest(%(sites)s::uuid[]) AS site (id), generate_series(1, 100) AS day, generate_series(0, 39) AS quarter
ORDER BY site.id, day, quarter
"""
_BOOKED = """
WITH person AS (
    SELECT registration_id, row_number() OVER (ORDER BY registration_id) - 1 AS n
    FROM unnest(%(registrations)s::bigint[]) AS given (registration_id)
), slot AS (
    SELECT s.id, s.site_id, s.day, s.wall_time, row_number() OVER (ORDER BY s.site_id, s.starts_at) - 1 AS n
    FROM reservation_slot s WHERE s.site_id = ANY (%(sites)s::uuid[]) AND s.day - current_date BETWEEN 10 AND 14
), booked AS (
    SELECT gen_random_uuid() AS id, registration_id, slot.id AS first, later.id AS second
    FROM person JOIN slot ON slot.n = person.n / 5
    JOIN reservation_slot later ON later.site_id = slot.site_id AND later.vaccine_id = 'comirnaty'
        AND later.day = slot.day + 35 AND later.wall_time = slot.wall_time
), reservation AS (
    INSERT INTO reservation_reservation
        (id, registration_id, state, pairing, held_until, created_at, confirmed_at, check_in_code)
    SELECT id, registration_id, 'CONFIRMED', 'OTHER_DAY', now(), now(), now(), 'bench' || registration_id FROM booked
), taken AS (
    UPDATE reservation_slot s SET booked = s.booked + 5
    FROM (SELECT DISTINCT unnest(ARRAY[first, second]) AS id FROM booked) b WHERE b.id = s.id
)
INSERT INTO reservation_appointment (reservation_id, dose_number, slot_id)
SELECT id, dose, CASE dose WHEN 1 THEN first ELSE second END FROM booked, generate_series(1, 2) AS dose
"""


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """The processor time of each step for all of them."""
    now = timezone.now()
    by = _fill(now)
    draft = ReplanDraft(Replan.Scope.AFFECTED, reason="Porucha mrazáku", cause=AffectedAppointment.Cause.HOURS)
    steps: dict[str, Callable[[], object]] = {
        "planned": lambda: planning.start(draft=draft, by=by, now=now),
        "published": lambda: publishing.publish(replan_id=Replan.objects.get().pk, by=by, now=now),
        "taken back": lambda: undoing.undo(replan_id=Replan.objects.get().pk, by=by, now=now),
    }
    figures: dict[str, object] = {}
    for name, step in steps.items():
        took = _cost(step, now)
        figures[name] = took
        say(f"  {SITES * A_SITE:,} {name}: {took[0]:.1f} s of processor here, {took[1]:.1f} s in the database")
        say(f"    {_states()}; {took[2]:.0f} s by the clock")
    if wrong := check.wrong_counters():
        raise SystemExit(f"Counters are wrong: {wrong[:3]}")
    return {"replanning": figures}


def _cost(step: Callable[[], object], now: datetime) -> tuple[float, float, float]:
    database: psutil.Process = cpu.database()
    clock, own, theirs = time.perf_counter(), time.process_time(), cpu.seconds(database)
    step()
    working.work_all(now=now)
    return time.process_time() - own, cpu.seconds(database) - theirs, time.perf_counter() - clock


def _states() -> str:
    states = PlannedMove.objects.order_by().values_list("state", flat=True)
    found = list(states)
    return ", ".join(f"{found.count(state):,} {state}" for state in sorted(set(found)))


@transaction.atomic
def _fill(now: datetime) -> User:
    district = District.objects.get(code="CZ0642")
    sites = [
        VaccinationSite.objects.create(name=f"Re-planned {number}", district=district, address="Dlouhá 1").pk
        for number in range(SITES)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SLOTS, {"sites": sites})
        cursor.execute(population.PEOPLE, {"count": SITES * A_SITE, "first": 70_000_000})
        registrations = [registration for _, registration in cursor.fetchall()]
        cursor.execute(_BOOKED, {"sites": sites, "registrations": registrations})
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cause = AffectedAppointment.Cause.HOURS
    booked = Appointment.objects.filter(slot__site__in=sites, dose_number=1)
    AffectedAppointment.objects.bulk_create(
        AffectedAppointment(appointment_id=key, slot_id=slot, cause=cause, made_at=now)
        for key, slot in booked.values_list("pk", "slot")
    )
    transaction.on_commit(population.analyse)
    return User.objects.create_user("coordinator", is_staff=True)
