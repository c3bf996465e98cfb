-- The best free slot for the second dose after `first`, or no row: same site and vaccine,
--   EXACT      the ideal interval later at the same wall-clock time in Prague,
--   SAME_DAY   else the nearest free time of that day,
--   OTHER_DAY  else the nearest day within the allowed interval, then the nearest time.
-- Of two equally good slots the one only for second doses wins: it is of no use to anybody else.
-- `own` are slots in which this person gives a seat back in the same transaction: they count as free.
-- It only looks and locks nothing; who takes the seat must check again.
CREATE FUNCTION reservation_second_dose_slot(first bigint, moment timestamptz, own bigint[] DEFAULT '{}')
RETURNS TABLE (slot_id bigint, pairing varchar)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    dose1 reservation_slot;
    rule logistics_doseinterval;
    ideal date;
BEGIN
    SELECT * INTO dose1 FROM reservation_slot WHERE id = first;
    -- The rule of the day on which the reservation is made.
    SELECT * INTO rule FROM logistics_doseinterval i
    WHERE i.vaccine_id = dose1.vaccine_id AND i.valid_from <= (timezone('Europe/Prague', moment))::date
    ORDER BY i.valid_from DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    ideal := dose1.day + rule.ideal_days;

    RETURN QUERY
    SELECT s.id, 'EXACT'::varchar FROM reservation_slot s
    WHERE s.site_id = dose1.site_id AND s.vaccine_id = dose1.vaccine_id
      AND s.day = ideal AND s.wall_time = dose1.wall_time
      AND s.doses IN ('SECOND', 'ANY') AND (s.booked < s.capacity OR s.id = ANY (own))
    ORDER BY s.doses = 'SECOND' DESC LIMIT 1;
    IF FOUND THEN
        RETURN;
    END IF;

    -- Outwards from the ideal day, so that only as many days are read as are full.
    FOR away IN 0 .. greatest(rule.ideal_days - rule.min_days, rule.max_days - rule.ideal_days) LOOP
        RETURN QUERY
        SELECT s.id, (CASE away WHEN 0 THEN 'SAME_DAY' ELSE 'OTHER_DAY' END)::varchar FROM reservation_slot s
        WHERE s.site_id = dose1.site_id AND s.vaccine_id = dose1.vaccine_id
          AND s.day IN (ideal - away, ideal + away)
          AND s.day BETWEEN dose1.day + rule.min_days AND dose1.day + rule.max_days
          AND s.doses IN ('SECOND', 'ANY') AND (s.booked < s.capacity OR s.id = ANY (own))
        ORDER BY greatest(s.wall_time - dose1.wall_time, dose1.wall_time - s.wall_time),
                 s.day, s.wall_time, s.doses = 'SECOND' DESC
        LIMIT 1;
        IF FOUND THEN
            RETURN;
        END IF;
    END LOOP;
END
$$;
