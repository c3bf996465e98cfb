-- A living reservation has an appointment for each dose of its vaccine, all at one site and of one
-- vaccine: the same promise as in 0004, asked in one query instead of three.
CREATE OR REPLACE FUNCTION reservation_require_all_doses(reservation uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM reservation_reservation r
    LEFT JOIN LATERAL (
        SELECT count(*) = v.doses AS are_there
        FROM reservation_appointment a1
        JOIN reservation_slot s1 ON s1.id = a1.slot_id
        JOIN logistics_vaccine v ON v.code = s1.vaccine_id
        JOIN reservation_appointment a ON a.reservation_id = a1.reservation_id
        JOIN reservation_slot s ON s.id = a.slot_id AND s.site_id = s1.site_id AND s.vaccine_id = s1.vaccine_id
        WHERE a1.reservation_id = r.id AND a1.dose_number = 1
        GROUP BY v.doses
    ) doses ON true
    -- What came and went within the transaction, such as a hold that was exchanged at once, needs nothing.
    WHERE r.id = reservation AND r.state IN ('HELD', 'CONFIRMED') AND doses.are_there IS NOT TRUE;
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
