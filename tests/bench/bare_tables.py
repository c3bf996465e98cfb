"""What the bare view writes to."""

# The same writes into tables of the same shape, with the same indexes and checks: two counters, a
# reservation, two appointments, a row of history. Nothing that CRS also asks first (who is invited,
# which second slot is free) and nothing that it proves at the end (all doses or none).
TABLES = """
CREATE SEQUENCE bare_people START 100000000;
CREATE TABLE bare_slot (LIKE reservation_slot INCLUDING ALL);
CREATE TABLE bare_reservation (LIKE reservation_reservation INCLUDING ALL);
CREATE TABLE bare_appointment (LIKE reservation_appointment INCLUDING ALL);
CREATE TABLE bare_event (LIKE reservation_reservationevent INCLUDING ALL);
ALTER TABLE bare_slot SET (fillfactor = 75);
ALTER TABLE bare_appointment ADD FOREIGN KEY (slot_id) REFERENCES bare_slot DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE bare_appointment ADD FOREIGN KEY (reservation_id) REFERENCES bare_reservation DEFERRABLE INITIALLY DEFERRED;
CREATE FUNCTION bare_reserve(person bigint, one bigint, two bigint) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    made uuid := gen_random_uuid();
    code varchar := left(md5(made::text), 20);
    until timestamptz := now() + interval '10 minutes';
BEGIN
    UPDATE bare_slot SET booked = booked + 1 WHERE id = least(one, two);
    UPDATE bare_slot SET booked = booked + 1 WHERE id = greatest(one, two);
    INSERT INTO bare_reservation (id, registration_id, state, pairing, held_until, created_at, check_in_code)
    VALUES (made, person, 'HELD', 'EXACT', until, now(), code);
    INSERT INTO bare_appointment (reservation_id, dose_number, slot_id) VALUES (made, 1, one), (made, 2, two);
    INSERT INTO bare_event (pgh_created_at, pgh_label, pgh_obj_id, id, registration_id, state, pairing, held_until,
                            created_at, check_in_code)
    VALUES (now(), 'insert', made, made, person, 'HELD', 'EXACT', until, now(), code);
    RETURN made;
END $$;
"""
SLOTS = """
INSERT INTO bare_slot (id, site_id, vaccine_id, for_doses, starts_at, minutes, capacity, booked) OVERRIDING SYSTEM VALUE
SELECT id, site_id, vaccine_id, for_doses, starts_at, minutes, capacity, 0 FROM reservation_slot
"""
