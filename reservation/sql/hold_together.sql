-- The pairs of free seats of a day for two people who come together: in one slot, or in two of which one begins with
-- the other or at its end. `born` and `own` are those of both; a seat of `own` counts as free.
CREATE OR REPLACE FUNCTION reservation_pairs_of_day(
    at_site uuid, of_vaccine varchar, on_day date, number integer, youngest integer, oldest integer,
    moment timestamptz, born date[], own bigint[]
) RETURNS TABLE (one bigint, other bigint, one_at time, other_at time)
LANGUAGE sql STABLE
AS $$
WITH free AS MATERIALIZED (
    SELECT s.id, s.wall_time, s.starts_at, s.starts_at + make_interval(mins => s.minutes) AS ends_at,
           s.capacity - s.booked + CASE WHEN s.is_closed THEN 0 ELSE own_of.seats END AS seats,
           reservation_has_age(born[1], s.day, greatest(s.youngest_age, youngest), least(s.oldest_age, oldest)) AS fits_one,
           reservation_has_age(born[2], s.day, greatest(s.youngest_age, youngest), least(s.oldest_age, oldest)) AS fits_other
    FROM reservation_slot s
    CROSS JOIN LATERAL (SELECT count(*) AS seats FROM unnest(own) o WHERE o = s.id) own_of
    WHERE s.site_id = at_site AND s.vaccine_id = of_vaccine AND s.day = on_day AND s.starts_at > moment
      AND s.for_doses IN (CASE number WHEN 1 THEN 'FIRST' ELSE 'SECOND' END, 'ANY')
)
SELECT a.id, b.id, a.wall_time, b.wall_time
FROM free a JOIN free b ON a.id = b.id AND a.seats > 1 OR a.id <> b.id AND a.seats > 0 AND b.seats > 0
    AND (b.starts_at IN (a.starts_at, a.ends_at) OR a.starts_at = b.ends_at)
WHERE a.fits_one AND b.fits_other
$$;

-- A pair of slots for each dose from `number` to `last_dose`, each pair found from the one before, whose slots are the
-- last two of `slots`; NULL where one is missing. `fit` says of each person how well their doses follow each other, as
-- the worst of them: 1 EXACT, 2 SAME_DAY, 3 OTHER_DAY (later_doses.sql).
CREATE OR REPLACE FUNCTION reservation_pairs_of_doses(
    one_slot bigint, other_slot bigint, number integer, last_dose integer, moment timestamptz, born date[], own bigint[],
    OUT one bigint[], OUT other bigint[], OUT fit integer[]
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    before record;
    pair record;
    rest record;
BEGIN
    IF number = last_dose THEN
        one := ARRAY[one_slot];
        other := ARRAY[other_slot];
        fit := '{1,1}';
        RETURN;
    END IF;
    SELECT s.site_id, s.vaccine_id, s.day, s.wall_time AS one_at, b.wall_time AS other_at, rule.*
    INTO before
    FROM reservation_slot s
    JOIN reservation_slot b ON b.id = other_slot
    CROSS JOIN LATERAL reservation_later_dose_rule(s.site_id, s.vaccine_id, number + 1, s.day, moment) rule
    WHERE s.id = one_slot;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- Outwards from the ideal day, so that only as many days are read as are full.
    FOR away IN 0 .. greatest(before.ideal_days - before.min_days, before.max_days - before.ideal_days) LOOP
        FOR pair IN
            SELECT p.*, away_day.day FROM unnest(ARRAY[before.ideal_days - away, before.ideal_days + away]) AS away_day (day)
            CROSS JOIN LATERAL reservation_pairs_of_day(
                before.site_id, before.vaccine_id, before.day + away_day.day, number + 1,
                before.youngest, before.oldest, moment, born, own) p
            WHERE away_day.day BETWEEN before.min_days AND before.max_days
            ORDER BY greatest(p.one_at - before.one_at, before.one_at - p.one_at)
                     + greatest(p.other_at - before.other_at, before.other_at - p.other_at),
                     p.one = p.other DESC, away_day.day, p.one, p.other
        LOOP
            rest := reservation_pairs_of_doses(pair.one, pair.other, number + 1, last_dose, moment, born, own);
            CONTINUE WHEN rest.one IS NULL;
            one := one_slot || rest.one;
            other := other_slot || rest.other;
            fit := ARRAY[
                greatest(rest.fit[1], CASE WHEN away > 0 THEN 3 WHEN pair.one_at <> before.one_at THEN 2 ELSE 1 END),
                greatest(rest.fit[2], CASE WHEN away > 0 THEN 3 WHEN pair.other_at <> before.other_at THEN 2 ELSE 1 END)];
            RETURN;
        END LOOP;
    END LOOP;
END
$$;

-- Hold the chosen slot for the person of the first invitation, and a seat in it or beside it for the person of the second
-- one, with one for each dose that follows, always side by side; all or none. Refusals as in hold_doses.sql, and
-- CR010 no two seats beside each other, CR011 the two need different doses.
-- Locks: registrations by rising key, reservations by rising key, slots by rising id (docs/locking.md).
CREATE OR REPLACE FUNCTION reservation_hold_together(
    invitations bigint[], slot bigint, moment timestamptz, until timestamptz, codes varchar[]
) RETURNS uuid
LANGUAGE plpgsql
-- As in hold_doses.sql.
SET pgtrigger.ignore = '{}'
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    one record;
    other record;
    number integer;
    last_dose integer;
    own bigint[];
    born date[];
    pair record;
    wanted record;
    has_pair boolean := false;
    held_together uuid := gen_random_uuid();
    fits varchar[] := '{EXACT,SAME_DAY,OTHER_DAY}';
BEGIN
    PERFORM FROM registration_registration r
    WHERE r.id IN (SELECT i.registration_id FROM reservation_invitation i WHERE i.id = ANY (invitations))
    ORDER BY r.id FOR NO KEY UPDATE;
    PERFORM FROM reservation_reservation v
    WHERE v.registration_id IN (SELECT i.registration_id FROM reservation_invitation i WHERE i.id = ANY (invitations))
      AND v.state IN ('HELD', 'CONFIRMED') AND NOT v.is_finished
    ORDER BY v.id FOR NO KEY UPDATE;
    one := reservation_ready_to_hold(invitations[1], moment);
    other := reservation_ready_to_hold(invitations[2], moment);
    IF one.id = other.id OR (one.doses_received, one.is_complete) <> (other.doses_received, other.is_complete) THEN
        RAISE EXCEPTION 'different doses' USING ERRCODE = 'CR011';
    ELSIF one.party = other.party AND one.own[1] = slot AND least(one.held_until, other.held_until) > moment THEN
        RETURN one.party;
    END IF;
    number := one.doses_received + 1;
    own := one.own || other.own;
    born := ARRAY[one.birth_date, other.birth_date];
    last_dose := reservation_last_dose_from(slot, invitations[1], one, own, moment);
    PERFORM reservation_last_dose_from(slot, invitations[2], other, own, moment);
    FOR pair IN
        SELECT p.one, p.other FROM reservation_slot s
        JOIN logistics_vaccinationsite site ON site.id = s.site_id
        CROSS JOIN LATERAL reservation_pairs_of_day(
            s.site_id, s.vaccine_id, s.day, number, coalesce(site.youngest_age, 0), coalesce(site.oldest_age, 150),
            moment, born, own) p
        WHERE s.id = slot AND p.one = slot
        ORDER BY p.other = slot DESC, p.other_at = p.one_at DESC, p.other_at > p.one_at DESC, p.other
    LOOP
        has_pair := true;
        wanted := reservation_pairs_of_doses(pair.one, pair.other, number, last_dose, moment, born, own);
        EXIT WHEN wanted.one IS NOT NULL;
    END LOOP;
    IF NOT has_pair THEN
        RAISE EXCEPTION 'no two seats beside each other' USING ERRCODE = 'CR010';
    ELSIF wanted.one IS NULL THEN
        RAISE EXCEPTION 'no later doses' USING ERRCODE = 'CR006';
    END IF;
    PERFORM reservation_exchange_seats(own, wanted.one || wanted.other, NULL);
    UPDATE reservation_reservation
    SET state = CASE WHEN held_until > moment THEN 'CANCELLED' ELSE 'EXPIRED' END
    WHERE id IN (one.hold_id, other.hold_id);
    PERFORM reservation_write_hold(
        one.id, wanted.one, number, fits[wanted.fit[1]], moment, until, codes[1], held_together);
    PERFORM reservation_write_hold(
        other.id, wanted.other, number, fits[wanted.fit[2]], moment, until, codes[2], held_together);
    RETURN held_together;
END
$$;
