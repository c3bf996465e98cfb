"""Fills the bench's database: one site with many slots, ten of them hot, and people with sessions."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from logistics.models import District, VaccinationSite
from reservation.free_seats import folding
from tests.bench import bare_tables as bare

HOT = 10
DAYS = 50
SLOTS_A_DAY = 40
ROOM = 1_000_000

SLOTS = """
INSERT INTO reservation_slot (site_id, vaccine_id, for_doses, starts_at, minutes, capacity, booked)
SELECT %(site)s, 'comirnaty', 'ANY',
       ((current_date + day) + time '08:00' + quarter * interval '12 minutes') AT TIME ZONE 'Europe/Prague',
       12, %(room)s, 0
FROM generate_series(1, %(days)s) AS day, generate_series(0, %(slots)s - 1) AS quarter
ORDER BY day, quarter
"""
# Birth numbers are not needed to reserve; the bench writes neither real nor valid ones.
PEOPLE = """
WITH person AS (
    INSERT INTO registration_person
        (first_name, last_name, insured_number, insured_number_hash, birth_date, insurer, street, city, postcode,
         document_type, document_number, document_country, document_hash, sex, latin_first_name, latin_last_name)
    SELECT 'Jan', 'Novák', '', 'bench-' || %(first)s + n, '1938-05-17', '111', 'Dlouhá 1', 'Praha', '11000',
           '', '', '', '', '', '', ''
    FROM generate_series(1, %(count)s) AS n RETURNING id
), registration AS (
    INSERT INTO registration_registration
        (number, person_id, phone, email, language, landline, by_letter, is_immobile, state, consented_at, created_at)
    SELECT 'b' || id, id, '+420601' || lpad((id %% 1000000)::text, 6, '0'), '', 'cs', '', false, false, 'ACTIVE', now(),
           now()
    FROM person RETURNING id
)
INSERT INTO reservation_invitation (registration_id, pin_hash, issued_at, expires_at)
SELECT id, '', now(), now() + interval '14 days' FROM registration
RETURNING id, registration_id
"""


@dataclass(frozen=True)
class Visitor:
    """A person who has logged in: what their browser sends, and who they are in the database."""

    session: str
    invitation_id: int
    registration_id: int


def make_slots() -> list[tuple[int, int]]:
    """One site open for 50 days; returns the pairs (dose 1, dose 2) that fit exactly, in time order."""
    site = VaccinationSite.objects.create(
        name="Bench", district=District.objects.get(code="CZ0100"), address="Dlouhá 1, Praha"
    )
    with connection.cursor() as cursor:
        cursor.execute(SLOTS, {"site": site.pk, "room": ROOM, "days": DAYS, "slots": SLOTS_A_DAY})
        cursor.execute(
            """SELECT one.id, two.id FROM reservation_slot one JOIN reservation_slot two
               ON two.site_id = one.site_id AND two.day = one.day + 21 AND two.wall_time = one.wall_time
               WHERE one.site_id = %s ORDER BY one.starts_at""",
            [site.pk],
        )
        pairs = [(int(one), int(two)) for one, two in cursor.fetchall()]
        # Not the empty tables: PostgreSQL would take them for empty until autovacuum looks, and plan for that.
        cursor.execute("ANALYZE reservation_slot")
    # The stack has no beat, and lists show what was folded.
    folding.fold(now=timezone.now())
    return pairs


def make_visitors(count: int, *, first: int) -> list[Visitor]:
    """`count` invited people, each with a session as the log-in page leaves it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PEOPLE, {"count": count, "first": first})
        rows = cursor.fetchall()
        return [
            Visitor(make_session(invitation_id=invitation, registration_id=registration), invitation, registration)
            for invitation, registration in rows
        ]


def make_session(**content: object) -> str:
    """The key of a new session with `content`."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    for name, value in content.items():
        store[name] = value
    store.create()
    return str(store.session_key)


def make_bare() -> None:
    """The yardstick's own tables with the same slots."""
    with connection.cursor() as cursor:
        cursor.execute(bare.TABLES)
        cursor.execute(bare.SLOTS)
        cursor.execute("ANALYZE bare_slot")
        cursor.execute(bare.DOSES)
        cursor.execute(bare.ORM_DOSES)


def take_over() -> None:
    """Give the yardsticks of a dose the rows that CRS has got since."""
    with connection.cursor() as cursor:
        cursor.execute(bare.TAKE_OVER)
        cursor.execute(bare.ORM_TAKE_OVER)


def stop_autovacuum() -> None:
    """Keep the database from tidying up in the middle of a turn; `analyse` says in its place what there is."""
    _for_each_table("ALTER TABLE %s SET (autovacuum_enabled = off)")


def analyse() -> None:
    """Let the planner know the tables as they are after a warm-up.

    Not those that are still empty: it would take them for empty until the end, and plan for that.
    """
    _for_each_table("ANALYZE %s", "pg_relation_size(oid) > 0")


def _for_each_table(statement: str, condition: str = "true") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT string_agg(format('{statement}', oid::regclass), ';') FROM pg_class
                WHERE relnamespace = ANY ('{{public,bare,orm}}'::regnamespace[]) AND relkind = 'r' AND {condition}"""  # noqa: S608
        )
        cursor.execute(cursor.fetchone()[0])


@contextmanager
def written(table: str, count: int) -> Iterator[None]:
    """End the bench unless the block writes `count` reservations with both their doses."""
    before = _count_pairs(table)
    yield
    if (more := _count_pairs(table) - before) != count:
        raise SystemExit(f"{more} reservations written in {table}_appointment, expected {count}")


def _count_pairs(table: str) -> int:
    """How many reservations with two appointments there are: what was really written."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*) FROM (SELECT reservation_id FROM {table}_appointment
                GROUP BY reservation_id HAVING count(*) = 2) pairs"""  # noqa: S608
        )
        return int(cursor.fetchone()[0])


def save(path: Path, figures: dict[str, object]) -> None:
    """Write the figures as JSON."""
    rounded = json.loads(json.dumps(figures), parse_float=lambda text: round(float(text), 3))
    path.write_text(json.dumps({"at": timezone.now().isoformat(), **rounded}, indent=2))
