"""What the bare views write to."""

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

# What the bare views of a dose and of a registration write, in a schema of its own under the names that the tables of
# CRS have. They have the same columns, indexes, checks and foreign keys, those between them too, and no trigger. Those
# of the ORM have the triggers of the history.
WRITTEN_TABLES = (
    "crs_sentform",
    "messaging_message",
    "django_session",
    "pghistory_context",
    "registration_person",
    "registration_registration",
    "registration_registrationevent",
    "reservation_appointment",
    "reservation_appointmentevent",
    "vaccination_visit",
    "vaccination_visitevent",
    "logistics_stockdocument",
    "logistics_stockmovement",
    "logistics_stockbalance",
    "vaccination_vialsession",
    "vaccination_dose",
    "vaccination_doseevent",
)
# Those that hold rows before a dose is given, which the yardstick takes over as they are.
FILLED_TABLES = (
    "django_session",
    "registration_person",
    "registration_registration",
    "reservation_appointment",
    "logistics_stockdocument",
    "logistics_stockbalance",
    "vaccination_visit",
    "vaccination_vialsession",
)
DOSES = f"""
CREATE SCHEMA bare;
DO $$
DECLARE
    given text[] := ARRAY{list(WRITTEN_TABLES)!r};
    name text;
    key record;
BEGIN
    FOREACH name IN ARRAY given LOOP
        EXECUTE format('CREATE TABLE bare.%I (LIKE public.%I INCLUDING ALL)', name, name);
    END LOOP;
    FOR key IN
        SELECT c.conrelid::regclass::text AS holder, c.confrelid::regclass::text AS target,
               pg_get_constraintdef(c.oid) AS words
        FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid::regclass::text = ANY (given)
    LOOP
        EXECUTE format('ALTER TABLE bare.%I ADD %s', key.holder, CASE WHEN key.target = ANY (given)
            THEN replace(key.words, 'REFERENCES ', 'REFERENCES bare.') ELSE key.words END);
    END LOOP;
END $$;
-- Apart from the numbers of the rows that are taken over.
ALTER TABLE bare.logistics_stockdocument ALTER COLUMN id RESTART WITH 1000000000;
ALTER TABLE bare.registration_person ALTER COLUMN id RESTART WITH 1000000000;
ALTER TABLE bare.registration_registration ALTER COLUMN id RESTART WITH 1000000000;
"""  # noqa: S608 (our own names)
# The rows that the yardstick has not yet.
TAKE_OVER = "".join(
    f"INSERT INTO bare.{table} OVERRIDING SYSTEM VALUE SELECT * FROM public.{table} ON CONFLICT DO NOTHING;"  # noqa: S608
    for table in FILLED_TABLES
)

SCHEMA_OF_ORM = "orm"
# The triggers of the history, which write where the search path leads.
_TRIGGERS = f"""
DO $$
DECLARE
    words text;
BEGIN
    FOR words IN
        SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t
        WHERE t.tgrelid::regclass::text = ANY (ARRAY{list(WRITTEN_TABLES)!r})
          AND t.tgname ~ '^pgtrigger_(insert_insert|update_update)_'
    LOOP
        EXECUTE replace(words, ' ON public.', ' ON {SCHEMA_OF_ORM}.');
    END LOOP;
END $$;
"""  # noqa: S608 (our own names)
ORM_DOSES = DOSES.replace("bare", SCHEMA_OF_ORM) + _TRIGGERS
ORM_TAKE_OVER = TAKE_OVER.replace("bare", SCHEMA_OF_ORM)
