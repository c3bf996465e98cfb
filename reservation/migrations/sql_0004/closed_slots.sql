-- A closed slot keeps the people who are booked in it and takes nobody else: whoever leaves it takes the seat along.
-- So `booked < capacity` is the only question about room, here and everywhere.
CREATE OR REPLACE FUNCTION reservation_closed_slot_stays_full()
RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.capacity := NEW.booked;
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER reservation_closed_slot_stays_full BEFORE INSERT OR UPDATE ON reservation_slot
    FOR EACH ROW WHEN (NEW.is_closed) EXECUTE FUNCTION reservation_closed_slot_stays_full();
