-- By what a later dose of `dose_number` is found after one on `day`: the days between them by the rule of the day on
-- which the reservation is made (`DoseInterval.objects.valid_on`), and the ages by the site and by the rule of the dose.
CREATE OR REPLACE FUNCTION reservation_later_dose_rule(
    at_site uuid, of_vaccine varchar, dose integer, day date, moment timestamptz
) RETURNS TABLE (min_days integer, ideal_days integer, max_days integer, youngest integer, oldest integer)
LANGUAGE sql STABLE
AS $$
SELECT i.min_days, i.ideal_days, i.max_days,
       greatest(site.youngest_age, (
           SELECT d.youngest_age FROM logistics_doserule d
           WHERE d.vaccine_id = of_vaccine AND d.dose_number = dose AND d.valid_from <= day + i.ideal_days
           ORDER BY d.valid_from DESC LIMIT 1
       ), 0)::integer,
       least(site.oldest_age, 150)::integer
FROM logistics_doseinterval i
JOIN logistics_vaccinationsite site ON site.id = at_site
WHERE i.vaccine_id = of_vaccine AND i.dose_number = dose
  AND i.valid_from <= (timezone('Europe/Prague', moment))::date
ORDER BY i.valid_from DESC LIMIT 1
$$;

-- Whether free seats follow one on `day` for each of the doses from `dose` to `last_dose`.
CREATE OR REPLACE FUNCTION reservation_doses_follow(
    at_site uuid, of_vaccine varchar, day date, dose integer, last_dose integer, moment timestamptz, born date,
    own bigint[]
) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    rule record;
    found_day date;
BEGIN
    IF dose > last_dose THEN
        RETURN true;
    END IF;
    SELECT * INTO rule FROM reservation_later_dose_rule(at_site, of_vaccine, dose, day, moment);
    FOR found_day IN
        SELECT DISTINCT s.day FROM reservation_slot s
        WHERE s.site_id = at_site AND s.vaccine_id = of_vaccine
          AND s.day BETWEEN reservation_doses_follow.day + rule.min_days AND reservation_doses_follow.day + rule.max_days
          AND s.for_doses IN ('SECOND', 'ANY') AND (s.booked < s.capacity OR s.id = ANY (own) AND NOT s.is_closed)
          AND reservation_has_age(
              born, s.day, greatest(s.youngest_age, rule.youngest), least(s.oldest_age, rule.oldest))
        ORDER BY s.day
    LOOP
        IF reservation_doses_follow(
            at_site, of_vaccine, found_day, dose + 1, last_dose, moment, born, own
        ) THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END
$$;

-- The best free slot for dose number `dose` after `previous`, or NULL: same site and vaccine, an age that the
-- person has by then,
--   EXACT      the ideal interval later at the same wall-clock time in Prague,
--   SAME_DAY   else the nearest free time of that day,
--   OTHER_DAY  else the nearest day within the allowed interval, then the nearest time.
-- The doses after it, up to `last_dose`, still find seats. Of two equally good slots the one only for later doses wins:
-- it is of no use to anybody else. `own` are slots in which this person has a seat already or gives one back in the
-- same transaction: they count as free. It only looks and locks nothing; who takes the seat must check again.
CREATE OR REPLACE FUNCTION reservation_later_dose_slot(
    previous bigint, dose integer, last_dose integer, moment timestamptz, born date, own bigint[] DEFAULT '{}',
    OUT slot_id bigint, OUT pairing varchar
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    before record;
BEGIN
    -- One look for the slot, its rule, and what nearly everybody gets.
    SELECT s.site_id, s.vaccine_id, s.day, s.wall_time, s.day + rule.ideal_days AS ideal,
           rule.ideal_days, rule.min_days, rule.max_days, rule.youngest, rule.oldest, exact.id AS exact_id
    INTO before
    FROM reservation_slot s
    CROSS JOIN LATERAL reservation_later_dose_rule(s.site_id, s.vaccine_id, dose, s.day, moment) rule
    LEFT JOIN LATERAL (
        SELECT e.id FROM reservation_slot e
        WHERE e.site_id = s.site_id AND e.vaccine_id = s.vaccine_id
          AND e.day = s.day + rule.ideal_days AND e.wall_time = s.wall_time
          AND e.for_doses IN ('SECOND', 'ANY') AND (e.booked < e.capacity OR e.id = ANY (own) AND NOT e.is_closed)
          AND reservation_has_age(
              born, e.day, greatest(e.youngest_age, rule.youngest), least(e.oldest_age, rule.oldest))
        ORDER BY e.for_doses = 'SECOND' DESC LIMIT 1
    ) exact ON true
    WHERE s.id = previous;
    IF NOT FOUND THEN
        RETURN;
    ELSIF before.exact_id IS NOT NULL AND (dose = last_dose OR reservation_doses_follow(
        before.site_id, before.vaccine_id, before.ideal, dose + 1, last_dose, moment, born, own
    )) THEN
        slot_id := before.exact_id;
        pairing := 'EXACT';
        RETURN;
    END IF;

    -- Outwards from the ideal day, so that only as many days are read as are full.
    FOR away IN 0 .. greatest(before.ideal_days - before.min_days, before.max_days - before.ideal_days) LOOP
        SELECT s.id, CASE away WHEN 0 THEN 'SAME_DAY' ELSE 'OTHER_DAY' END INTO slot_id, pairing
        FROM reservation_slot s
        WHERE s.site_id = before.site_id AND s.vaccine_id = before.vaccine_id
          AND s.day IN (before.ideal - away, before.ideal + away)
          AND s.day BETWEEN before.day + before.min_days AND before.day + before.max_days
          AND s.for_doses IN ('SECOND', 'ANY') AND (s.booked < s.capacity OR s.id = ANY (own) AND NOT s.is_closed)
          AND reservation_has_age(
              born, s.day, greatest(s.youngest_age, before.youngest), least(s.oldest_age, before.oldest))
          AND (dose = last_dose OR reservation_doses_follow(
              before.site_id, before.vaccine_id, s.day, dose + 1, last_dose, moment, born, own))
        ORDER BY greatest(s.wall_time - before.wall_time, before.wall_time - s.wall_time),
                 s.day, s.wall_time, s.for_doses = 'SECOND' DESC
        LIMIT 1;
        IF FOUND THEN
            RETURN;
        END IF;
    END LOOP;
END
$$;

-- A slot for each dose from `dose` in `slot` to `last_dose`, each found from the one before; NULL where one is missing.
-- `pairing` is that of the dose that fits worst. With OUT it is called by an assignment, without a query over it.
CREATE OR REPLACE FUNCTION reservation_slots_of_doses(
    slot bigint, dose integer, last_dose integer, moment timestamptz, born date, own bigint[] DEFAULT '{}',
    OUT slots bigint[], OUT pairing varchar
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    later record;
BEGIN
    slots := ARRAY[slot];
    pairing := 'EXACT';
    FOR number IN dose + 1 .. last_dose LOOP
        later := reservation_later_dose_slot(slots[array_upper(slots, 1)], number, last_dose, moment, born, own);
        IF later.slot_id IS NULL THEN
            slots := NULL;
            RETURN;
        END IF;
        slots := slots || later.slot_id;
        IF pairing = 'EXACT' OR later.pairing = 'OTHER_DAY' THEN
            pairing := later.pairing;
        END IF;
    END LOOP;
END
$$;
