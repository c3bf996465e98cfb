"""A hold and a confirmation look up by key, however few people there were when the session made its plans."""

import pytest
from django.db import connection

from reservation.reserving import booking
from tests.factories import NOW
from tests.reservation.conftest import Invite, MakePair

pytestmark = pytest.mark.django_db

# Each row is looked up a few times; whatever reads a table whole reads all people. They are so many that a statement
# which is planned anew, as Django's are, looks up by key, too.
MANY, LOOKS = 400, 60
TABLES = ("registration_person", "registration_registration", "reservation_invitation")
READ = """
SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = ANY (%s)
"""
FORGET = """
SELECT pg_clear_relation_stats('public', relname::text) FROM pg_stat_user_tables
WHERE relname ~ '^(logistics|registration|reservation)_'
"""


def rows_read() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(READ, [list(TABLES)])
        return dict(cursor.fetchall())


def test_plans_made_for_empty_tables_read_no_table_whole_when_people_have_come(
    make_pair: MakePair, make_invitation: Invite
) -> None:
    slot = make_pair(capacity=99)[0].pk

    def reserve() -> None:
        invitation = make_invitation()
        held = booking.hold(invitation_id=invitation.pk, slot_id=slot, now=NOW)
        booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=NOW)

    # As at the beginning of a campaign: nothing was analysed yet. Other tests leave what autovacuum saw of theirs.
    with connection.cursor() as cursor:
        cursor.execute(FORGET)
    for _ in range(10):  # after a handful of calls a session keeps a plan for good
        reserve()
    for _ in range(MANY):
        make_invitation()
    before = rows_read()
    reserve()
    read = {table: rows - before[table] for table, rows in rows_read().items()}
    assert read.keys() == set(TABLES)
    assert max(read.values()) < LOOKS, read
