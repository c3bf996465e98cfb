-- The database's own promise: a living reservation has an appointment for each dose of its vaccine,
-- all at one site and of one vaccine, or does not exist. Looked at when the transaction ends, because
-- the rows come one by one.
CREATE FUNCTION reservation_require_all_doses(reservation uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    dose1 record;
BEGIN
    SELECT s.site_id, s.vaccine_id, v.doses INTO dose1
    FROM reservation_appointment a
    JOIN reservation_slot s ON s.id = a.slot_id
    JOIN logistics_vaccine v ON v.code = s.vaccine_id
    WHERE a.reservation_id = reservation AND a.dose_number = 1;
    IF NOT FOUND OR dose1.doses <> 1 + (
        SELECT count(*) FROM reservation_appointment a
        JOIN reservation_slot s ON s.id = a.slot_id
        WHERE a.reservation_id = reservation AND a.dose_number > 1
          AND s.site_id = dose1.site_id AND s.vaccine_id = dose1.vaccine_id
    ) THEN
        RAISE EXCEPTION 'reservation % has not all its doses', reservation
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_has_all_doses',
                  TABLE = 'reservation_reservation';
    END IF;
END
$$;

CREATE FUNCTION reservation_has_all_doses() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    -- What came and went within the transaction, such as a hold that was exchanged at once, needs nothing.
    PERFORM reservation_require_all_doses(r.id) FROM reservation_reservation r
    WHERE r.id = NEW.id AND r.state IN ('HELD', 'CONFIRMED');
    RETURN NULL;
END
$$;

CREATE FUNCTION reservation_keeps_all_doses() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reservation_require_all_doses(r.id) FROM reservation_reservation r
    WHERE r.id IN (OLD.reservation_id, NEW.reservation_id) AND r.state IN ('HELD', 'CONFIRMED');
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER reservation_has_all_doses AFTER INSERT ON reservation_reservation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state IN ('HELD', 'CONFIRMED')) EXECUTE FUNCTION reservation_has_all_doses();

-- Confirming a hold needs no second look: nothing can have been taken from it in between.
CREATE CONSTRAINT TRIGGER reservation_lives_again_with_all_doses AFTER UPDATE ON reservation_reservation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state IN ('HELD', 'CONFIRMED') AND OLD.state NOT IN ('HELD', 'CONFIRMED'))
    EXECUTE FUNCTION reservation_has_all_doses();

CREATE CONSTRAINT TRIGGER reservation_keeps_all_doses AFTER UPDATE OR DELETE ON reservation_appointment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION reservation_keeps_all_doses();

-- The appointments of a new reservation are looked at through the reservation's own row. This catches a
-- second one that is added later where the vaccine has one dose; where it has two, both exist already
-- and appointment_is_unique refuses a third.
CREATE FUNCTION reservation_gets_no_other_dose() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM reservation_appointment a
    JOIN reservation_slot s ON s.id = a.slot_id
    JOIN logistics_vaccine v ON v.code = s.vaccine_id
    WHERE a.reservation_id = NEW.reservation_id AND a.dose_number = 1 AND v.doses < NEW.dose_number;
    IF FOUND THEN
        RAISE EXCEPTION 'the vaccine of reservation % has no dose %', NEW.reservation_id, NEW.dose_number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_has_all_doses',
                  TABLE = 'reservation_reservation';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER reservation_gets_no_other_dose AFTER INSERT ON reservation_appointment
    FOR EACH ROW WHEN (NEW.dose_number > 1) EXECUTE FUNCTION reservation_gets_no_other_dose();
