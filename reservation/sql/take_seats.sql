-- Say why a series has not all its seats: CR005 where the last seat of its first slot went since it was looked at, so
-- that this is full by now, else CR006. `own` are slots in which the person has a seat of their own.
CREATE OR REPLACE FUNCTION reservation_refuse_without_later(slot bigint, own bigint[])
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM reservation_slot s WHERE s.id = slot AND s.booked >= s.capacity AND s.id <> ALL (own);
    IF FOUND THEN
        RAISE EXCEPTION 'slot is full' USING ERRCODE = 'CR005';
    END IF;
    RAISE EXCEPTION 'no later dose' USING ERRCODE = 'CR006';
END
$$;

-- Take a seat in `slot` for dose number `dose` and in the best slots for the doses after it, up to `last_dose`.
-- The guarded UPDATE is the check: whoever comes second waits for the row and then finds it full.
-- Keys rise in the order of locks, whichever dose has the lower one. A later seat that went to somebody else between
-- the look and the grip is looked for again while the lower rows stay locked, so that all who want one first slot
-- are served one after another instead of losing to each other.
CREATE OR REPLACE FUNCTION reservation_take_seats(
    slot bigint, dose integer, last_dose integer, moment timestamptz, born date,
    OUT taken bigint[], OUT pairing varchar
) LANGUAGE plpgsql AS $$
DECLARE
    wanted record;
    rising bigint[];
    seat bigint;
    has bigint[] := '{}';
    highest bigint := 0;
    is_whole boolean;
BEGIN
    FOR try IN 1 .. 20 LOOP
        wanted := reservation_slots_of_doses(slot, dose, last_dose, moment, born, has);
        IF wanted.slots IS NULL THEN
            PERFORM reservation_refuse_without_later(slot, has);
        END IF;
        -- A seat that another choice of a later dose needs no more; its row is locked already.
        FOREACH seat IN ARRAY has LOOP
            IF seat <> ALL (wanted.slots) THEN
                UPDATE reservation_slot SET booked = booked - 1 WHERE id = seat;
                has := array_remove(has, seat);
            END IF;
        END LOOP;
        is_whole := true;
        rising := wanted.slots;
        -- One or two slots, as nearly always, need no query to be in order.
        IF cardinality(rising) > 2 OR rising[1] > rising[2] THEN
            rising := ARRAY(SELECT unnest(wanted.slots) ORDER BY 1);
        END IF;
        FOREACH seat IN ARRAY rising LOOP
            CONTINUE WHEN seat = ANY (has);
            -- With a higher key locked already, waiting for this one could close a ring of waiting people.
            IF seat < highest THEN
                RAISE EXCEPTION 'a later seat was taken meanwhile' USING ERRCODE = 'CR007';
            END IF;
            -- Whoever waited for a row keeps it locked, also where it turns out to be full. The block gives it back, for
            -- the next choice may have a lower key.
            BEGIN
                UPDATE reservation_slot SET booked = booked + 1 WHERE id = seat AND booked < capacity;
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'slot is full' USING ERRCODE = 'CR005';
                END IF;
            EXCEPTION WHEN SQLSTATE 'CR005' THEN
                IF seat = slot THEN
                    RAISE;
                END IF;
                is_whole := false;
            END;
            EXIT WHEN NOT is_whole;
            has := has || seat;
            highest := seat;
        END LOOP;
        IF is_whole THEN
            taken := wanted.slots;
            pairing := wanted.pairing;
            RETURN;
        END IF;
    END LOOP;
    RAISE EXCEPTION 'a later seat was taken meanwhile' USING ERRCODE = 'CR007';
END
$$;

-- Give seats in the slots `given` back and take one in each of `taken`, in one pass by rising key, so that people who
-- swap cannot deadlock. A slot that stays the same is not touched. A seat in `slot` that is gone is CR005, another CR007.
CREATE OR REPLACE FUNCTION reservation_exchange_seats(given bigint[], taken bigint[], slot bigint)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    move record;
BEGIN
    FOR move IN
        SELECT m.id, sum(m.seats) AS seats
        FROM (SELECT unnest(given) AS id, -1 AS seats UNION ALL SELECT unnest(taken), 1) m
        GROUP BY m.id HAVING sum(m.seats) <> 0 ORDER BY m.id
    LOOP
        UPDATE reservation_slot SET booked = booked + move.seats
        WHERE id = move.id AND (move.seats < 0 OR booked + move.seats <= capacity);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'seat was taken meanwhile'
                USING ERRCODE = CASE move.id WHEN slot THEN 'CR005' ELSE 'CR007' END;
        END IF;
    END LOOP;
END
$$;

-- As `reservation_take_seats`, for a person who gives the seats `own` back.
CREATE OR REPLACE FUNCTION reservation_swap_seats(
    own bigint[], slot bigint, dose integer, last_dose integer, moment timestamptz, born date,
    OUT taken bigint[], OUT pairing varchar
) LANGUAGE plpgsql AS $$
BEGIN
    SELECT f.slots, f.pairing INTO taken, pairing
    FROM reservation_slots_of_doses(slot, dose, last_dose, moment, born, own) f;
    IF taken IS NULL THEN
        PERFORM reservation_refuse_without_later(slot, own);
    END IF;
    PERFORM reservation_exchange_seats(own, taken, slot);
END
$$;
