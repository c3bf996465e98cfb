-- The database's own promise: a living reservation has an appointment for each dose of its vaccine,
-- all at one site and of one vaccine, or does not exist. Looked at when the transaction ends, because
-- the rows come one by one.
CREATE FUNCTION reservation_require_all_doses(reservation uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM reservation_reservation r
    WHERE r.id = reservation AND r.state IN ('HELD', 'CONFIRMED') AND NOT coalesce((
        SELECT count(*) = max(v.doses) AND max(a.dose_number) = max(v.doses)
               AND min(s.vaccine_id) = max(s.vaccine_id) AND min(s.site_id::text) = max(s.site_id::text)
        FROM reservation_appointment a
        JOIN reservation_slot s ON s.id = a.slot_id
        JOIN logistics_vaccine v ON v.code = s.vaccine_id
        WHERE a.reservation_id = r.id
    ), false);
    IF FOUND THEN
        RAISE EXCEPTION 'reservation % has not all its doses', reservation
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_has_all_doses',
                  TABLE = 'reservation_reservation';
    END IF;
END
$$;

CREATE FUNCTION reservation_has_all_doses() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reservation_require_all_doses(NEW.id);
    RETURN NULL;
END
$$;

CREATE FUNCTION reservation_keeps_all_doses() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        PERFORM reservation_require_all_doses(NEW.reservation_id);
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM reservation_require_all_doses(OLD.reservation_id);
    END IF;
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

-- Two appointments of a new reservation are looked at through the reservation's own row; this catches a
-- second one that is added later where the vaccine has one dose. (A third cannot be: appointment_is_unique.)
CREATE CONSTRAINT TRIGGER reservation_gets_no_other_dose AFTER INSERT ON reservation_appointment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.dose_number > 1) EXECUTE FUNCTION reservation_keeps_all_doses();
