"""The proof of what must always hold: kept after real operations, and each promise found broken where it is."""

from datetime import datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from reservation.replay import proof
from reservation.reserving import booking
from tests.reservation.conftest import Invite, MakePair

pytestmark = pytest.mark.django_db

# What breaks each promise; constraints that would forbid it are dropped, triggers are off.
BREAKERS = {
    "the counter of a slot is the number of its appointments": "UPDATE reservation_slot SET booked = booked - 1",
    "no slot is overbooked, and a closed one is full": """
        ALTER TABLE reservation_slot DROP CONSTRAINT slot_not_overbooked; UPDATE reservation_slot SET capacity = 0
    """,
    "a reservation has all its doses at one site, of one vaccine, or none": """
        DELETE FROM reservation_appointment WHERE dose_number = 2
    """,
    "first doses are in seats for first doses, later ones in seats for later ones": """
        UPDATE reservation_slot SET for_doses = 'FIRST'
    """,
    "a person has one standing registration": """
        DROP INDEX person_has_one_standing_registration;
        UPDATE registration_registration SET person_id = (SELECT min(id) FROM registration_person)
    """,
    "nobody stands in the system twice": """
        DROP INDEX insured_number_is_unique; UPDATE registration_person SET insured_number_hash = 'same'
    """,
    "a registration has one reservation that holds seats": """
        DROP INDEX registration_has_one_reservation_holding_seats;
        UPDATE reservation_reservation SET registration_id = (SELECT min(id) FROM registration_registration)
    """,
    "nobody has two seats for one dose": """
        DROP INDEX registration_has_one_reservation_holding_seats;
        UPDATE reservation_reservation SET registration_id = (SELECT min(id) FROM registration_registration)
    """,
    "the days between doses are those of the rule": """
        UPDATE reservation_slot SET starts_at = starts_at + interval '22 days' WHERE for_doses = 'SECOND'
    """,
    "the same time of day is told only where it is the same": """
        UPDATE reservation_slot SET starts_at = starts_at + interval '1 hour' WHERE for_doses = 'SECOND'
    """,
    "a PIN is kept as its hash alone, and ends": "UPDATE reservation_invitation SET pin_hash = '12345678'",
    "a registration has one valid PIN2": """
        DROP INDEX registration_has_one_valid_pin2;
        UPDATE reservation_invitation SET registration_id = (SELECT min(id) FROM registration_registration)
    """,
    "the sum of a day is that of its slots": "DELETE FROM reservation_seatchange",
}


def test_each_promise_is_kept_by_the_operations_and_found_broken_where_it_is(
    make_pair: MakePair, make_invitation: Invite, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    first, _ = make_pair(capacity=2)
    for invitation in (make_invitation(), make_invitation()):
        held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now)
        booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=now)
    kept = proof.prove(now=now)
    assert {promise.name for promise in kept} == set(BREAKERS)
    assert not [promise for promise in kept if not promise.is_kept]
    for name, sql in BREAKERS.items():
        with transaction.atomic(), connection.cursor() as cursor:
            # What waits for the end of the transaction would forbid to change the tables.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(sql)
            broken = {promise.name: promise for promise in proof.prove(now=now) if not promise.is_kept}
            assert name in broken, broken
            assert broken[name].rows
            if "'12345678'" in sql:
                with pytest.raises(CommandError, match=r"1 of \d+ promises are broken"):
                    call_command("check_promises")
                assert "broken by PIN2" in capsys.readouterr().err
            transaction.set_rollback(True)
