import time
import pytest
from django.db import connection
from registration.models import Registration
from tests.factories import NOW, make_registration, make_invitation
from reservation.models import *

pytestmark = pytest.mark.django_db


def test_cost():
    N = 1500
    people = [make_registration() for _ in range(N)]
    for p in people:
        make_invitation(p)
    for p in people[:500]:
        pass
    with connection.cursor() as c:
        c.execute(
            "ANALYZE registration_registration; ANALYZE registration_person; ANALYZE registration_grouprule; ANALYZE registration_priorityclaim; ANALYZE reservation_invitation"
        )

        def run():
            ids = [
                Reservation.objects.create(registration=p, state="HELD", pairing="EXACT", held_until=NOW).pk
                for p in people
            ]
            t = time.perf_counter()
            for pk in ids:
                c.execute(
                    "UPDATE reservation_reservation SET state='CONFIRMED', confirmed_at=%s WHERE id=%s AND reservation_may_reserve(registration_id, %s)",
                    [NOW, pk, NOW],
                )
            c.execute("SET CONSTRAINTS reservation_reservationgrounds_rule_id_e83a7c0b_fk IMMEDIATE") if 0 else None
            dt = time.perf_counter() - t
            t = time.perf_counter()
            c.execute("SELECT count(*) FROM reservation_reservationgrounds")
            n = c.fetchone()
            Reservation.objects.filter(pk__in=ids).delete()
            return dt / N * 1e6, n

        for rnd in range(3):
            c.execute(
                "ALTER TABLE reservation_reservation DISABLE TRIGGER reservation_grounds_of_a_confirmation"
            ) if 0 else None
            print("with", run())
        c.execute("SET CONSTRAINTS ALL IMMEDIATE") if 0 else None
        c.execute(
            "CREATE OR REPLACE FUNCTION reservation_write_grounds() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
        )
        for rnd in range(3):
            print("without", run())
        t = time.perf_counter()
        c.execute(
            "EXPLAIN ANALYZE SELECT count(*) FROM registration_registration r WHERE reservation_may_reserve(r.id, %s)",
            [NOW],
        )
        print(*c.fetchall(), sep="\n")
    assert 0
