-- Whether somebody who was `born` on a day has one of the ages from `youngest` to `oldest` on `day`.
CREATE OR REPLACE FUNCTION reservation_has_age(born date, day date, youngest integer, oldest integer)
RETURNS boolean
LANGUAGE sql IMMUTABLE
AS $$
SELECT born <= day - make_interval(years => youngest) AND born > day - make_interval(years => oldest + 1)
$$;

-- The first day, `today` at the earliest, on which a person can be given their next dose of a vaccine; NULL where
-- no rule offers it. By `received` doses, the last one on `last_on` of `last_vaccine`, the first one of
-- `first_vaccine`; `is_complete`: the series is complete, so that the next dose is a booster.
--
-- A dose of the series keeps to the interval that is booked today (`DoseInterval`), a booster to its dated
-- `DoseRule`, and each to the age and the vaccine before it of its `DoseRule`. A series whose vaccine has no rule has
-- no limits, a booster without a rule is not offered. After a series of one dose the booster has the number and the
-- days that vaccination/doses/limits.py says; a test compares the two.
CREATE OR REPLACE FUNCTION reservation_first_day(
    wanted varchar, today date, born date, received integer, is_complete boolean,
    last_on date, last_vaccine varchar, first_vaccine varchar
) RETURNS date
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    number integer := received + 1;
    doses_of_first integer;
    is_booster boolean := false;
    own_number integer := number;
    booked_after integer;
    begins date;
    age_from date;
    rule record;
BEGIN
    IF received > 0 THEN
        SELECT v.doses INTO doses_of_first FROM logistics_vaccine v WHERE v.code = first_vaccine;
        is_booster := is_complete OR number > doses_of_first;
        IF is_booster AND doses_of_first = 1 AND wanted <> first_vaccine THEN
            own_number := number + 1;
        END IF;
        IF NOT is_booster THEN
            SELECT i.min_days INTO booked_after FROM logistics_doseinterval i
            WHERE i.vaccine_id = wanted AND i.dose_number = number AND i.valid_from <= today
            ORDER BY i.valid_from DESC LIMIT 1;
        END IF;
    END IF;
    -- Each rule until the next one: the day is the first that one of them allows.
    FOR rule IN
        SELECT p.valid_from, p.ends, d.youngest_age, d.may_follow_another,
               -- After a series of one dose the days are those that its own vaccine asks for.
               coalesce(CASE WHEN own_number <> number THEN (
                   SELECT f.min_days FROM logistics_doserule f
                   WHERE f.vaccine_id = first_vaccine AND f.dose_number = number AND f.valid_from <= p.valid_from
                   ORDER BY f.valid_from DESC LIMIT 1
               ) END, d.min_days) AS min_days
        FROM (
            SELECT b.valid_from, lead(b.valid_from, 1, 'infinity') OVER (ORDER BY b.valid_from) AS ends
            FROM logistics_doserule b
            WHERE b.vaccine_id = wanted AND b.dose_number = own_number
               OR b.vaccine_id = first_vaccine AND b.dose_number = number AND own_number <> number
            GROUP BY b.valid_from
        ) p
        CROSS JOIN LATERAL (
            SELECT o.youngest_age, o.may_follow_another, o.min_days FROM logistics_doserule o
            WHERE o.vaccine_id = wanted AND o.dose_number = own_number AND o.valid_from <= p.valid_from
            ORDER BY o.valid_from DESC LIMIT 1
        ) d
        ORDER BY p.valid_from
    LOOP
        CONTINUE WHEN rule.ends <= today OR received > 0 AND last_vaccine <> wanted AND NOT rule.may_follow_another;
        age_from := born + make_interval(years => rule.youngest_age);
        -- Who was born on 29 February is a year older on 1 March.
        age_from := age_from + (extract(day FROM age_from) <> extract(day FROM born))::integer;
        begins := greatest(
            today, rule.valid_from, age_from,
            CASE WHEN received > 0 THEN last_on + coalesce(booked_after, rule.min_days) END
        );
        IF begins < rule.ends THEN
            RETURN CASE WHEN received = 0 OR last_on IS NOT NULL THEN begins END;
        END IF;
    END LOOP;
    IF FOUND OR is_booster THEN
        RETURN NULL;
    ELSIF received = 0 THEN
        RETURN today;
    END IF;
    RETURN CASE WHEN last_vaccine = wanted THEN greatest(today, last_on + booked_after) END;
END
$$;
