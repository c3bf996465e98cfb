-- A closed slot keeps the people who are booked in it and takes nobody else: whoever leaves it takes the seat along.
-- So `booked < capacity` is the only question about room, here and everywhere. What it took before is kept while it is
-- closed, so that it can take that again.
CREATE OR REPLACE FUNCTION reservation_closed_slot_stays_full()
RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.is_closed THEN
        NEW.capacity_when_open := NULL;
        RETURN NEW;
    END IF;
    NEW.capacity_when_open := coalesce(NEW.capacity_when_open, NEW.capacity);
    NEW.capacity := NEW.booked;
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER reservation_closed_slot_stays_full BEFORE INSERT OR UPDATE ON reservation_slot
    FOR EACH ROW WHEN (NEW.is_closed OR NEW.capacity_when_open IS NOT NULL)
    EXECUTE FUNCTION reservation_closed_slot_stays_full();
