"""The rank of people at the moment when they reserved: who was higher in the order and still waited for PIN2.

It is counted after the confirmation, with the people who wait, so that nobody who reserves waits for it. The count is
at most ten minutes later than the reservation, and says when it was.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from registration.groups.eligibility import counting
from registration.groups.rules import rules_at

# After a longer outage the order of now says nothing of that moment any more; then no rank is kept.
LATEST = timedelta(hours=1)

# A rule is a row for each state of a claim that counts ('group:STATE'), or one with no claim where it goes by age.
# Both those who wait and those who reserved stand in one line of a region, by score and date of birth, whoever
# reserved first among equals; people with no preferred site can go anywhere and stand in a line of their own ('').
_ADD = """
WITH fresh AS MATERIALIZED (
    SELECT k.reservation_id, k.birth_date, rule.score, k.region_id AS region
    FROM reservation_reservationgrounds k
    JOIN registration_grouprule rule ON rule.id = k.rule_id
    JOIN reservation_appointment a ON a.reservation_id = k.reservation_id AND a.dose_number = 1
    WHERE k.decided_at > %(since)s AND k.decided_at <= %(now)s AND k.counted_at IS NULL
), rule AS (
    SELECT * FROM unnest(%(scores)s::smallint[], %(earliest)s::date[], %(latest)s::date[], %(claims)s::text[])
        AS of(score, earliest, latest, claim)
), line AS (
    SELECT place AS region, best.score, w.birth_date, sum(w.people) AS people
    FROM reservation_waiting w
    CROSS JOIN LATERAL unnest(CASE WHEN w.regions = '{}' THEN '{""}'::varchar[] ELSE w.regions END) place
    CROSS JOIN LATERAL (
        SELECT max(rule.score) AS score FROM rule
        WHERE w.birth_date BETWEEN rule.earliest AND rule.latest AND (rule.claim = '' OR rule.claim = ANY (w.claims))
    ) best
    WHERE best.score IS NOT NULL AND EXISTS (SELECT FROM fresh)
    GROUP BY 1, 2, 3
), placed AS (
    SELECT reservation_id, sum(people) OVER line AS ahead, sum(people) OVER (PARTITION BY region) AS waiting
    FROM (
        SELECT NULL::uuid AS reservation_id, region, score, birth_date, people FROM line
        UNION ALL
        SELECT reservation_id, place, score, birth_date, 0 FROM fresh CROSS JOIN unnest(ARRAY[region, '']) place
    ) everybody
    WINDOW line AS (
        PARTITION BY region ORDER BY score DESC, birth_date, reservation_id IS NULL ROWS UNBOUNDED PRECEDING
    )
)
UPDATE reservation_reservationgrounds k
SET ahead = found.ahead, waiting = found.waiting, counted_at = %(now)s
FROM (
    SELECT reservation_id, sum(ahead) AS ahead, sum(waiting) AS waiting FROM placed
    WHERE reservation_id IS NOT NULL GROUP BY reservation_id
) found
WHERE k.reservation_id = found.reservation_id
"""


def add(*, now: datetime) -> int:
    """Keep with each new reservation of a first dose how many come before its person; return with how many.

    It stands on the count of the people who wait, so it follows each (`waiting_summary.refresh`).
    """
    today = timezone.localdate(now)
    rows = [
        (rule.score, *rule.births(today=today), claim)
        for rule in rules_at(now)
        if rule.invites(now)
        for claim in ([""] if rule.is_by_age else [f"{rule.group.code}:{state}" for state in counting(rule)])
    ]
    scores, earliest, latest, claims = (
        (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
    )
    rules = {"scores": scores, "earliest": earliest, "latest": latest, "claims": claims}
    with connection.cursor() as cursor:
        cursor.execute(_ADD, {"now": now, "since": now - LATEST, **rules})
        return cursor.rowcount
