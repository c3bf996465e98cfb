-- The database's own promise: a reservation that holds seats has an appointment for each dose of its
-- vaccine, all at one site and of one vaccine, or does not exist. The doses of somebody who had some before begin with a
-- later number and go on to the last one of the series; a single one is a booster. Looked at when the transaction ends,
-- because the rows come one by one. A reservation in which staff arranged a time promises less: its doses may
-- lie apart and the next one may not be found yet, so it needs one appointment at least (ADR 0020).
CREATE OR REPLACE FUNCTION reservation_require_all_doses(reservation uuid) RETURNS void
LANGUAGE plpgsql
SET enable_seqscan = off -- as in hold_doses.sql
SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    PERFORM FROM reservation_reservation r
    LEFT JOIN LATERAL (
        -- Each number stands once, so as many rows as there are numbers from the lowest to the highest leave no gap.
        SELECT count(*) = max(a.dose_number) - min(a.dose_number) + 1
               AND count(DISTINCT (s.site_id, s.vaccine_id)) = 1
               AND CASE min(a.dose_number)
                   WHEN 1 THEN max(a.dose_number) = max(v.doses)
                   ELSE (max(a.dose_number) = max(v.doses) OR count(*) = 1) AND EXISTS (
                       SELECT FROM registration_registration p WHERE p.id = r.registration_id AND p.doses_received > 0)
               END AS are_there
        FROM reservation_appointment a
        JOIN reservation_slot s ON s.id = a.slot_id
        JOIN logistics_vaccine v ON v.code = s.vaccine_id
        WHERE a.reservation_id = r.id
    ) doses ON true
    -- What came and went within the transaction, such as a hold that was exchanged at once, needs nothing.
    WHERE r.id = reservation AND r.state IN ('HELD', 'CONFIRMED') AND doses.are_there IS NOT TRUE
      AND NOT (r.is_by_staff AND EXISTS (SELECT FROM reservation_appointment a WHERE a.reservation_id = r.id));
    IF FOUND THEN
        RAISE EXCEPTION 'reservation % has not all its doses', reservation
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_has_all_doses',
                  TABLE = 'reservation_reservation';
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION reservation_has_all_doses() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reservation_require_all_doses(NEW.id);
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION reservation_keeps_all_doses() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reservation_require_all_doses(OLD.reservation_id);
    -- There is no NEW when an appointment goes.
    IF NEW.reservation_id <> OLD.reservation_id THEN
        PERFORM reservation_require_all_doses(NEW.reservation_id);
    END IF;
    RETURN NULL;
END
$$;

-- A constraint trigger cannot be replaced, only made anew.
DROP TRIGGER IF EXISTS reservation_has_all_doses ON reservation_reservation;
CREATE CONSTRAINT TRIGGER reservation_has_all_doses AFTER INSERT ON reservation_reservation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state IN ('HELD', 'CONFIRMED')) EXECUTE FUNCTION reservation_has_all_doses();

-- Confirming a hold needs no second look: nothing can have been taken from it in between.
DROP TRIGGER IF EXISTS reservation_lives_again_with_all_doses ON reservation_reservation;
CREATE CONSTRAINT TRIGGER reservation_lives_again_with_all_doses AFTER UPDATE ON reservation_reservation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state IN ('HELD', 'CONFIRMED') AND OLD.state NOT IN ('HELD', 'CONFIRMED'))
    EXECUTE FUNCTION reservation_has_all_doses();

DROP TRIGGER IF EXISTS reservation_keeps_all_doses ON reservation_appointment;
CREATE CONSTRAINT TRIGGER reservation_keeps_all_doses AFTER UPDATE OR DELETE ON reservation_appointment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION reservation_keeps_all_doses();

-- The appointments of a new reservation are looked at through the reservation's own row. This catches one beyond the
-- series that is added to a whole series later; the others exist already, and appointment_is_unique refuses them.
CREATE OR REPLACE FUNCTION reservation_gets_no_other_dose() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM reservation_appointment a
    JOIN reservation_reservation r ON r.id = a.reservation_id AND NOT r.is_by_staff
    JOIN reservation_slot s ON s.id = a.slot_id
    JOIN logistics_vaccine v ON v.code = s.vaccine_id
    WHERE a.reservation_id = NEW.reservation_id AND a.id <> NEW.id AND v.doses < NEW.dose_number;
    IF FOUND THEN
        RAISE EXCEPTION 'the vaccine of reservation % has no dose %', NEW.reservation_id, NEW.dose_number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_has_all_doses',
                  TABLE = 'reservation_reservation';
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER reservation_gets_no_other_dose AFTER INSERT ON reservation_appointment
    FOR EACH ROW WHEN (NEW.dose_number > 1) EXECUTE FUNCTION reservation_gets_no_other_dose();
