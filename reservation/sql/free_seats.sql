-- Every change of a slot's seats leaves a row for the sum of its day (docs/adr/0048-free-seats.md), in its own
-- transaction and whoever made it. It only inserts: people who book different times of a day lock nothing in common.

-- The way of a booking: two integers, and the key as it stands in the slot.
CREATE OR REPLACE FUNCTION reservation_seats_moved()
RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reservation_seatchange
        (site_id, vaccine_id, day, for_doses, youngest_age, oldest_age, capacity, booked)
    VALUES (NEW.site_id, NEW.vaccine_id, NEW.day, NEW.for_doses, NEW.youngest_age, NEW.oldest_age,
            NEW.capacity - OLD.capacity, NEW.booked - OLD.booked);
    RETURN NULL;
END
$$;

-- A slot that becomes one of another day, for other doses or ages: its seats leave one sum for another.
CREATE OR REPLACE FUNCTION reservation_slot_changed_its_day()
RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reservation_seatchange
        (site_id, vaccine_id, day, for_doses, youngest_age, oldest_age, capacity, booked)
    VALUES (OLD.site_id, OLD.vaccine_id, OLD.day, OLD.for_doses, OLD.youngest_age, OLD.oldest_age,
            -OLD.capacity, -OLD.booked),
           (NEW.site_id, NEW.vaccine_id, NEW.day, NEW.for_doses, NEW.youngest_age, NEW.oldest_age,
            NEW.capacity, NEW.booked);
    RETURN NULL;
END
$$;

-- Slots come and go by thousands: summed first.
CREATE OR REPLACE FUNCTION reservation_slots_came()
RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reservation_seatchange
        (site_id, vaccine_id, day, for_doses, youngest_age, oldest_age, capacity, booked)
    SELECT site_id, vaccine_id, day, for_doses, youngest_age, oldest_age, sum(capacity), sum(booked)
    FROM came GROUP BY site_id, vaccine_id, day, for_doses, youngest_age, oldest_age;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION reservation_slots_went()
RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reservation_seatchange
        (site_id, vaccine_id, day, for_doses, youngest_age, oldest_age, capacity, booked)
    SELECT site_id, vaccine_id, day, for_doses, youngest_age, oldest_age, -sum(capacity), -sum(booked)
    FROM went GROUP BY site_id, vaccine_id, day, for_doses, youngest_age, oldest_age;
    RETURN NULL;
END
$$;

-- Not `UPDATE OF capacity`: the trigger of closed_slots.sql moves the capacity where only `booked` was set.
CREATE OR REPLACE TRIGGER reservation_seats_moved AFTER UPDATE ON reservation_slot
    FOR EACH ROW WHEN (
        (NEW.booked <> OLD.booked OR NEW.capacity <> OLD.capacity)
        AND NEW.day = OLD.day AND NEW.for_doses = OLD.for_doses AND NEW.site_id = OLD.site_id
        AND NEW.vaccine_id = OLD.vaccine_id
        AND NEW.youngest_age = OLD.youngest_age AND NEW.oldest_age = OLD.oldest_age
    ) EXECUTE FUNCTION reservation_seats_moved();

CREATE OR REPLACE TRIGGER reservation_slot_changed_its_day AFTER UPDATE ON reservation_slot
    FOR EACH ROW WHEN (
        NEW.day <> OLD.day OR NEW.for_doses <> OLD.for_doses OR NEW.site_id <> OLD.site_id
        OR NEW.vaccine_id <> OLD.vaccine_id
        OR NEW.youngest_age <> OLD.youngest_age OR NEW.oldest_age <> OLD.oldest_age
    ) EXECUTE FUNCTION reservation_slot_changed_its_day();

CREATE OR REPLACE TRIGGER reservation_slots_came AFTER INSERT ON reservation_slot
    REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION reservation_slots_came();

CREATE OR REPLACE TRIGGER reservation_slots_went AFTER DELETE ON reservation_slot
    REFERENCING OLD TABLE AS went FOR EACH STATEMENT EXECUTE FUNCTION reservation_slots_went();

-- Fold the changes that can be seen into the sums of their days, and mark the offers of their sites as stale; return
-- how many changes that were. One snapshot: what is booked meanwhile stays for the next time. Only the fold writes the
-- sums, and only one fold runs at a time (an advisory lock, free_seats/folding.py).
CREATE OR REPLACE FUNCTION reservation_fold_seats(kept_from date, moment timestamptz)
RETURNS integer
LANGUAGE sql AS $$
WITH gone AS (
    DELETE FROM reservation_seatchange
    RETURNING site_id, vaccine_id, day, for_doses, youngest_age, oldest_age, capacity, booked
), summed AS (
    SELECT site_id, vaccine_id, day, for_doses, youngest_age, oldest_age,
           sum(capacity) AS capacity, sum(booked) AS booked
    FROM gone WHERE day >= kept_from
    GROUP BY site_id, vaccine_id, day, for_doses, youngest_age, oldest_age
), folded AS (
    INSERT INTO reservation_dayseats AS d
        (site_id, vaccine_id, day, for_doses, youngest_age, oldest_age, capacity, booked)
    SELECT * FROM summed
    WHERE capacity <> 0 OR booked <> 0
    ON CONFLICT (site_id, vaccine_id, day, for_doses, youngest_age, oldest_age)
        DO UPDATE SET capacity = d.capacity + excluded.capacity, booked = d.booked + excluded.booked
), marked AS (
    UPDATE reservation_siteoffer SET stale_since = moment
    WHERE stale_since IS NULL AND site_id IN (SELECT site_id FROM summed)
), came AS (
    INSERT INTO reservation_siteoffer
        (site_id, vaccine_id, youngest_age, oldest_age, free, free_7, free_14, free_30, pairs, later, spare,
         stale_since)
    SELECT DISTINCT ON (s.site_id) s.site_id, s.vaccine_id, s.youngest_age, s.oldest_age, 0, 0, 0, 0, 0, 0, 0, moment
    FROM summed s
    JOIN logistics_vaccinationsite site ON site.id = s.site_id
    JOIN logistics_vaccine v ON v.code = s.vaccine_id
    WHERE NOT EXISTS (SELECT FROM reservation_siteoffer o WHERE o.site_id = s.site_id)
)
SELECT count(*)::integer FROM gone
$$;

-- Mark the offers of all sites as stale, for a new day or rule. A site without an offer has none of a vaccine or age that
-- counted until now; where it has free seats, a row without figures brings it back.
CREATE OR REPLACE FUNCTION reservation_mark_all_offers(moment timestamptz)
RETURNS void
LANGUAGE sql AS $$
UPDATE reservation_siteoffer SET stale_since = moment WHERE stale_since IS NULL;
INSERT INTO reservation_siteoffer
    (site_id, vaccine_id, youngest_age, oldest_age, free, free_7, free_14, free_30, pairs, later, spare, stale_since)
SELECT DISTINCT ON (d.site_id) d.site_id, d.vaccine_id, d.youngest_age, d.oldest_age, 0, 0, 0, 0, 0, 0, 0, moment
FROM reservation_dayseats d
WHERE d.booked < d.capacity AND d.day >= (timezone('Europe/Prague', moment))::date
  AND NOT EXISTS (SELECT FROM reservation_siteoffer o WHERE o.site_id = d.site_id)
$$;

-- Sum all slots anew, for a database that had slots before it had sums, and where check_slots found a wrong sum.
-- In one statement, so that a booking at this moment is in the slot or in a change that stays.
CREATE OR REPLACE FUNCTION reservation_sum_seats_anew(kept_from date, moment timestamptz)
RETURNS void
LANGUAGE sql AS $$
WITH gone AS (
    DELETE FROM reservation_seatchange
), summed AS (
    SELECT site_id, vaccine_id, day, for_doses, youngest_age, oldest_age,
           sum(capacity) AS capacity, sum(booked) AS booked
    FROM reservation_slot WHERE day >= kept_from
    GROUP BY site_id, vaccine_id, day, for_doses, youngest_age, oldest_age
), emptied AS (
    DELETE FROM reservation_dayseats d WHERE NOT EXISTS (
        SELECT FROM summed s WHERE s.site_id = d.site_id AND s.vaccine_id = d.vaccine_id AND s.day = d.day
            AND s.for_doses = d.for_doses AND s.youngest_age = d.youngest_age AND s.oldest_age = d.oldest_age)
)
INSERT INTO reservation_dayseats AS d
    (site_id, vaccine_id, day, for_doses, youngest_age, oldest_age, capacity, booked)
SELECT * FROM summed
ON CONFLICT (site_id, vaccine_id, day, for_doses, youngest_age, oldest_age)
    DO UPDATE SET capacity = excluded.capacity, booked = excluded.booked;
SELECT reservation_mark_all_offers(moment)
$$;
