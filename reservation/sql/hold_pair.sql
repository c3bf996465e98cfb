-- Hold the first-dose slot and a second-dose slot for the person of an invitation, both or none.
-- Every refusal is an exception, so that nothing of it stays: CR001 no valid invitation, CR002 already
-- confirmed, CR003 no such slot for first doses, CR004 past, CR005 full, CR006 no second dose,
-- CR007 the second seat was taken between the look and the grip (call again), CR008 not the person's turn.
-- Locks: registration, reservation, slots by rising key (docs/locking.md).
CREATE OR REPLACE FUNCTION reservation_hold_pair(
    invitation bigint, slot bigint, moment timestamptz, until timestamptz, code varchar
) RETURNS TABLE (held_id uuid, held_pairing varchar)
LANGUAGE plpgsql
-- The history's triggers ask for this setting and pay for an exception where it was never made.
SET pgtrigger.ignore = '{}'
-- A session keeps the plans of a function. Those made in the first minutes of a campaign, when the tables hold
-- a few rows, would read them whole, and go on so while the rows become thousands, until autovacuum next looks:
-- the rate of holds fell by half within three thousand (docs/performance.md).
SET enable_seqscan = off
AS $$
DECLARE
    person bigint;
    is_invited boolean;
    earlier_id uuid;
    earlier reservation_reservation;
    own bigint[] := '{}';
    dose1 record;
    chosen bigint[];
BEGIN
    -- Two tabs of one person, and the issue of a new PIN2, wait for each other here.
    SELECT r.id INTO person FROM reservation_invitation i
    JOIN registration_registration r ON r.id = i.registration_id AND r.state = 'ACTIVE'
    WHERE i.id = invitation FOR NO KEY UPDATE OF r;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no active registration' USING ERRCODE = 'CR001';
    END IF;
    -- Read only now: what was true before the lock may not be any more.
    SELECT i.revoked_at IS NULL AND i.expires_at > moment, r.id INTO is_invited, earlier_id
    FROM reservation_invitation i
    LEFT JOIN reservation_reservation r ON r.registration_id = i.registration_id AND r.state IN ('HELD', 'CONFIRMED')
    WHERE i.id = invitation;
    IF earlier_id IS NOT NULL THEN
        -- Confirming or freeing it does not ask for the person's row, so it may have ended since.
        SELECT * INTO earlier FROM reservation_reservation r
        WHERE r.id = earlier_id AND r.state IN ('HELD', 'CONFIRMED') FOR NO KEY UPDATE;
    END IF;
    IF earlier.state = 'CONFIRMED' THEN
        RAISE EXCEPTION 'already confirmed' USING ERRCODE = 'CR002';
    ELSIF NOT is_invited THEN
        RAISE EXCEPTION 'no valid invitation' USING ERRCODE = 'CR001';
    ELSIF NOT reservation_may_reserve(person, moment) THEN
        RAISE EXCEPTION 'not the turn' USING ERRCODE = 'CR008';
    END IF;
    IF earlier.id IS NOT NULL THEN
        SELECT array_agg(a.slot_id ORDER BY a.dose_number) INTO own
        FROM reservation_appointment a WHERE a.reservation_id = earlier.id;
        IF own[1] = slot AND earlier.held_until > moment THEN
            RETURN QUERY SELECT earlier.id, earlier.pairing;
            RETURN;
        END IF;
    END IF;

    SELECT s.starts_at, s.booked < s.capacity OR s.id = ANY (own) AS is_free, v.doses
    INTO dose1
    FROM reservation_slot s
    JOIN logistics_vaccinationsite site ON site.id = s.site_id AND site.state = 'OPEN'
    JOIN logistics_vaccine v ON v.code = s.vaccine_id
    WHERE s.id = slot AND s.for_doses IN ('FIRST', 'ANY');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such slot' USING ERRCODE = 'CR003';
    ELSIF dose1.starts_at <= moment THEN
        RAISE EXCEPTION 'slot is past' USING ERRCODE = 'CR004';
    ELSIF NOT dose1.is_free THEN
        RAISE EXCEPTION 'slot is full' USING ERRCODE = 'CR005';
    END IF;
    IF earlier.id IS NULL THEN
        SELECT t.taken, t.pairing INTO chosen, held_pairing
        FROM reservation_take_seats(slot, moment, dose1.doses) t;
    ELSE
        SELECT t.taken, t.pairing INTO chosen, held_pairing
        FROM reservation_swap_seats(own, slot, moment, dose1.doses) t;
    END IF;
    IF earlier.id IS NOT NULL THEN
        UPDATE reservation_reservation
        SET state = CASE WHEN held_until > moment THEN 'CANCELLED' ELSE 'EXPIRED' END WHERE id = earlier.id;
    END IF;

    held_id := gen_random_uuid();
    INSERT INTO reservation_reservation
        (id, registration_id, state, pairing, held_until, created_at, check_in_code)
    VALUES (held_id, person, 'HELD', held_pairing, until, moment, code);
    INSERT INTO reservation_appointment (reservation_id, dose_number, slot_id)
    SELECT held_id, number, id FROM unnest(chosen) WITH ORDINALITY AS c (id, number);
    RETURN NEXT;
END
$$;
