"""A million people who wait: counting them, the preview of a rule, one person's place, the next invitations.

There is no yardstick: the figures are seconds of one call, the least of three.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from logistics.models import District, VaccinationSite
from registration.groups import order, preview
from registration.models import GroupRule, Registration
from reservation.inviting import invitations, waiting_summary

if TYPE_CHECKING:
    from tests.bench.sides import Sides

PEOPLE = 1_000_000
# Born on any day of 90 years; a fifth claims a group, half of them proven; sites in one region or in two.
_FILL = """
WITH site AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS many FROM logistics_vaccinationsite
), person AS (
    INSERT INTO registration_person
        (first_name, last_name, insured_number, insured_number_hash, birth_date, insurer, street, city, postcode,
         document_type, document_number, document_country, document_hash, sex, latin_first_name, latin_last_name)
    SELECT 'Jana', 'Nováková ' || n, '', 'waiting-' || n, '1925-01-01'::date + (n::bigint * 7919 %% 32843)::integer,
           '111', 'Dlouhá 1', 'Praha', '11000', '', '', '', '', '', '', ''
    FROM generate_series(1, %(people)s) AS n RETURNING id
), numbered AS (
    SELECT id, row_number() OVER () AS n FROM person
), registration AS (
    INSERT INTO registration_registration
        (number, person_id, phone, email, language, state, consented_at, created_at)
    SELECT 'W' || n, id, '+4206' || lpad(n::text, 8, '0'), '', 'cs', 'ACTIVE', now(), now() + n * interval '1 ms'
    FROM numbered RETURNING id
), placed AS (
    SELECT id, row_number() OVER () AS n FROM registration
), claimed AS (
    INSERT INTO registration_priorityclaim (registration_id, group_id, state, made_at)
    SELECT id, (ARRAY['carers', 'chronic-first', 'chronic-second', 'school-staff', 'health-workers'])[1 + n / 5 %% 5],
           CASE WHEN n %% 2 = 0 THEN 'PROVEN' ELSE 'PENDING' END, now()
    FROM placed WHERE n %% 5 = 0
)
INSERT INTO registration_registration_preferred_sites (registration_id, vaccinationsite_id)
SELECT placed.id, site.id FROM placed JOIN site
    ON site.place = placed.n %% site.many OR placed.n %% 10 = 0 AND site.place = (placed.n * 31) %% site.many
WHERE placed.n %% 20 <> 1
"""


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """The seconds of each question."""
    fill()
    now = timezone.now()
    counted = _seconds(lambda: waiting_summary.refresh(now=now), 2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(people), count(*) FROM reservation_waiting")
        people, rows = cursor.fetchone()
    at = now + timedelta(days=1)
    rule = GroupRule(group_id="age-65", valid_from=at, score=3, min_age=61, registers_from=at, invites_from=at)
    previewed = _seconds(lambda: preview.of_change(adds=rule, removes=None, now=now))
    someone = Registration.objects.get(number="W500000")
    placed = _seconds(lambda: order.estimate(someone, now))
    invited = _seconds(lambda: invitations.invite(limit=100, now=now, is_dry_run=True))
    say(
        f"  {people:,} people wait, {rows:,} rows of people who are alike: counted in {counted:.1f} s, a rule "
        f"previewed in {previewed:.2f} s, a place in the order told in {placed:.3f} s, 100 people chosen in "
        f"{invited:.2f} s"
    )
    figures = {"counted": counted, "previewed": previewed, "place": placed, "chosen": invited}
    return {"waiting": {"people": people, "rows": rows, **figures}}


@transaction.atomic
def fill() -> None:
    """A million people who wait, once for all sections that need them."""
    if Registration.objects.filter(number="W1").exists():
        return
    for district in District.objects.order_by("region_id", "code").distinct("region_id"):
        VaccinationSite.objects.create(name=f"Waiting {district.code}", district=district, address="Dlouhá 1")
    with connection.cursor() as cursor:
        # What was filled is not looked at again by triggers that only keep its history.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_FILL, {"people": PEOPLE})
    transaction.on_commit(_analyse)


def _analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _seconds(question: Callable[[], object], times: int = 3) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        question()
        took.append(time.perf_counter() - began)
    return min(took)
