-- The best free slot for the second dose after `first`, or no row: same site and vaccine,
--   EXACT      the ideal interval later at the same wall-clock time in Prague,
--   SAME_DAY   else the nearest free time of that day,
--   OTHER_DAY  else the nearest day within the allowed interval, then the nearest time.
-- Of two equally good slots the one only for second doses wins: it is of no use to anybody else.
-- `own` are slots in which this person gives a seat back in the same transaction: they count as free.
-- It only looks and locks nothing; who takes the seat must check again.
CREATE OR REPLACE FUNCTION reservation_second_dose_slot(first bigint, moment timestamptz, own bigint[] DEFAULT '{}')
RETURNS TABLE (slot_id bigint, pairing varchar)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    dose1 record;
BEGIN
    -- One look for the slot, the rule of the day on which the reservation is made (`DoseInterval.objects.valid_on`),
    -- and what nearly everybody gets.
    SELECT s.site_id, s.vaccine_id, s.day, s.wall_time, s.day + rule.ideal_days AS ideal,
           rule.ideal_days, rule.min_days, rule.max_days, exact.id AS exact_id
    INTO dose1
    FROM reservation_slot s
    CROSS JOIN LATERAL (
        SELECT i.ideal_days, i.min_days, i.max_days FROM logistics_doseinterval i
        WHERE i.vaccine_id = s.vaccine_id AND i.valid_from <= (timezone('Europe/Prague', moment))::date
        ORDER BY i.valid_from DESC LIMIT 1
    ) rule
    LEFT JOIN LATERAL (
        SELECT e.id FROM reservation_slot e
        WHERE e.site_id = s.site_id AND e.vaccine_id = s.vaccine_id
          AND e.day = s.day + rule.ideal_days AND e.wall_time = s.wall_time
          AND e.for_doses IN ('SECOND', 'ANY') AND (e.booked < e.capacity OR e.id = ANY (own))
        ORDER BY e.for_doses = 'SECOND' DESC LIMIT 1
    ) exact ON true
    WHERE s.id = first;
    IF NOT FOUND THEN
        RETURN;
    ELSIF dose1.exact_id IS NOT NULL THEN
        slot_id := dose1.exact_id;
        pairing := 'EXACT';
        RETURN NEXT;
        RETURN;
    END IF;

    -- Outwards from the ideal day, so that only as many days are read as are full.
    FOR away IN 0 .. greatest(dose1.ideal_days - dose1.min_days, dose1.max_days - dose1.ideal_days) LOOP
        RETURN QUERY
        SELECT s.id, (CASE away WHEN 0 THEN 'SAME_DAY' ELSE 'OTHER_DAY' END)::varchar FROM reservation_slot s
        WHERE s.site_id = dose1.site_id AND s.vaccine_id = dose1.vaccine_id
          AND s.day IN (dose1.ideal - away, dose1.ideal + away)
          AND s.day BETWEEN dose1.day + dose1.min_days AND dose1.day + dose1.max_days
          AND s.for_doses IN ('SECOND', 'ANY') AND (s.booked < s.capacity OR s.id = ANY (own))
        ORDER BY greatest(s.wall_time - dose1.wall_time, dose1.wall_time - s.wall_time),
                 s.day, s.wall_time, s.for_doses = 'SECOND' DESC
        LIMIT 1;
        IF FOUND THEN
            RETURN;
        END IF;
    END LOOP;
END
$$;
