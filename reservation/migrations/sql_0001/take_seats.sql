-- Say why there is no pair: CR005 where the last one went since the first slot was looked at, so that this
-- is full by now, else CR006. `own` are slots in which the person has a seat of their own.
CREATE OR REPLACE FUNCTION reservation_refuse_without_second(slot bigint, own bigint[])
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM reservation_slot s WHERE s.id = slot AND s.booked >= s.capacity AND s.id <> ALL (own);
    IF FOUND THEN
        RAISE EXCEPTION 'slot is full' USING ERRCODE = 'CR005';
    END IF;
    RAISE EXCEPTION 'no second dose' USING ERRCODE = 'CR006';
END
$$;

-- Take a seat in the first-dose slot and, where the vaccine has two doses, in the best second slot.
-- The guarded UPDATE is the check: whoever comes second waits for the row and then finds it full.
-- Keys rise in the order of locks, whichever dose has the lower one. A second seat that went to somebody
-- else between the look and the grip is looked for again while the first row stays locked, so that all
-- who want the same first slot are served one after another instead of losing to each other.
CREATE OR REPLACE FUNCTION reservation_take_seats(slot bigint, moment timestamptz, doses integer)
RETURNS TABLE (taken bigint[], pairing varchar)
LANGUAGE plpgsql AS $$
DECLARE
    second record;
    has_first boolean := false;
BEGIN
    IF doses = 1 THEN
        UPDATE reservation_slot SET booked = booked + 1 WHERE id = slot AND booked < capacity;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'slot is full' USING ERRCODE = 'CR005';
        END IF;
        RETURN QUERY SELECT ARRAY[slot], 'EXACT'::varchar;
        RETURN;
    END IF;
    FOR try IN 1 .. 20 LOOP
        SELECT f.slot_id, f.pairing INTO second FROM reservation_second_dose_slot(slot, moment) f;
        IF NOT FOUND THEN
            PERFORM reservation_refuse_without_second(slot, CASE WHEN has_first THEN ARRAY[slot] ELSE '{}' END);
        END IF;
        IF slot < second.slot_id AND NOT has_first THEN
            UPDATE reservation_slot SET booked = booked + 1 WHERE id = slot AND booked < capacity;
            has_first := FOUND;
            IF NOT has_first THEN
                RAISE EXCEPTION 'slot is full' USING ERRCODE = 'CR005';
            END IF;
        END IF;
        -- With the higher key locked already, waiting for this one could close a ring of waiting people.
        EXIT WHEN has_first AND second.slot_id < slot;
        UPDATE reservation_slot SET booked = booked + 1 WHERE id = second.slot_id AND booked < capacity;
        CONTINUE WHEN NOT FOUND;
        IF NOT has_first THEN
            UPDATE reservation_slot SET booked = booked + 1 WHERE id = slot AND booked < capacity;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'slot is full' USING ERRCODE = 'CR005';
            END IF;
        END IF;
        RETURN QUERY SELECT ARRAY[slot, second.slot_id], second.pairing;
        RETURN;
    END LOOP;
    RAISE EXCEPTION 'second seat was taken meanwhile' USING ERRCODE = 'CR007';
END
$$;

-- The same for a person who gives the seats `own` back: what is given and what is taken move in one pass
-- by rising key, so that people who swap cannot deadlock. A slot that stays the same is not touched.
CREATE OR REPLACE FUNCTION reservation_swap_seats(own bigint[], slot bigint, moment timestamptz, doses integer)
RETURNS TABLE (taken bigint[], pairing varchar)
LANGUAGE plpgsql AS $$
DECLARE
    move record;
BEGIN
    taken := ARRAY[slot];
    pairing := 'EXACT';
    IF doses > 1 THEN
        SELECT taken || f.slot_id, f.pairing INTO taken, pairing
        FROM reservation_second_dose_slot(slot, moment, own) f;
        IF NOT FOUND THEN
            PERFORM reservation_refuse_without_second(slot, own);
        END IF;
    END IF;
    FOR move IN
        SELECT m.id, sum(m.seats) AS seats
        FROM (SELECT unnest(own) AS id, -1 AS seats UNION ALL SELECT unnest(taken), 1) m
        GROUP BY m.id HAVING sum(m.seats) <> 0 ORDER BY m.id
    LOOP
        UPDATE reservation_slot SET booked = booked + move.seats
        WHERE id = move.id AND (move.seats < 0 OR booked < capacity);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'seat was taken meanwhile'
                USING ERRCODE = CASE move.id WHEN slot THEN 'CR005' ELSE 'CR007' END;
        END IF;
    END LOOP;
    RETURN NEXT;
END
$$;
