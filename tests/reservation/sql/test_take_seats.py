"""What the functions that take seats answer at the last moment, and how they read."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import NOW
from tests.reservation.conftest import MakePair

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("first_seats", "sqlstate"), [(0, "CR005"), (1, "CR006")])
def test_who_loses_the_last_pair_at_the_last_moment_reads_that_the_time_is_full(
    make_pair: MakePair, first_seats: int, sqlstate: str
) -> None:
    # hold_doses() has seen a free first slot; what it sees now is what another person left of it.
    first, _ = make_pair(capacity=first_seats, second=0)
    for sql in (
        "SELECT * FROM reservation_take_seats(%s, 1, 2, %s, '1940-05-01')",
        "SELECT * FROM reservation_swap_seats('{}', %s, 1, 2, %s, '1940-05-01')",
    ):
        with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [first.pk, NOW])
        assert getattr(refusal.value.__cause__, "sqlstate", None) == sqlstate


def test_no_booking_function_ever_reads_a_table_whole() -> None:
    # A plan made while the tables were nearly empty stays with its session. Whoever replaces one of these
    # functions loses the setting, and nobody would notice before a busy morning.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE proconfig @> '{enable_seqscan=off}' AND proname LIKE 'reservation%%'"
        )
        found = {name for (name,) in cursor.fetchall()}
    assert found == {
        "reservation_hold_doses",
        "reservation_hold_together",
        "reservation_may_reserve",
        "reservation_release",
        "reservation_release_expired",
        "reservation_require_all_doses",
        "reservation_write_grounds",
    }
