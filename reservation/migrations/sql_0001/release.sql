-- Give the seats of one reservation back: true, or false when it was not in `from_state`.
CREATE OR REPLACE FUNCTION reservation_release(reservation uuid, person bigint, from_state varchar, to_state varchar)
RETURNS boolean
LANGUAGE plpgsql
SET enable_seqscan = off -- as in hold_doses.sql
AS $$
DECLARE
    taken record;
BEGIN
    -- The WHERE clause is the check: of two who release or confirm at once, one finds no row.
    UPDATE reservation_reservation SET state = to_state
    WHERE id = reservation AND registration_id = person AND state = from_state;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    FOR taken IN SELECT slot_id FROM reservation_appointment WHERE reservation_id = reservation ORDER BY slot_id LOOP
        UPDATE reservation_slot SET booked = booked - 1 WHERE id = taken.slot_id;
    END LOOP;
    RETURN true;
END
$$;

-- Give the seats of up to `most` holds back that ran out at `moment`; return how many holds that were.
-- The seats of all of them are summed first, so that the slots are still locked by rising key.
CREATE OR REPLACE FUNCTION reservation_release_expired(moment timestamptz, most integer)
RETURNS integer
LANGUAGE plpgsql
SET enable_seqscan = off -- as in hold_doses.sql
AS $$
DECLARE
    ended uuid[];
    taken record;
BEGIN
    WITH due AS (
        SELECT id FROM reservation_reservation
        WHERE state = 'HELD' AND held_until <= moment
        ORDER BY held_until LIMIT most FOR NO KEY UPDATE SKIP LOCKED
    ), flipped AS (
        UPDATE reservation_reservation r SET state = 'EXPIRED' FROM due WHERE r.id = due.id RETURNING r.id
    )
    SELECT array_agg(id) INTO ended FROM flipped;
    FOR taken IN
        SELECT slot_id, count(*) AS seats FROM reservation_appointment
        WHERE reservation_id = ANY (ended) GROUP BY slot_id ORDER BY slot_id
    LOOP
        UPDATE reservation_slot SET booked = booked - taken.seats WHERE id = taken.slot_id;
    END LOOP;
    RETURN coalesce(array_length(ended, 1), 0);
END
$$;
