-- The doses of a person, as their certificate will tell them (docs/adr/0022-rules-of-a-dose.md). CR201: not numbered
-- 1, 2, 3 … without a gap, or the times do not rise with the numbers. CR202: the batch is one of another vaccine.
--
-- It is looked at once the transaction is over: a correction renumbers doses one by one.
CREATE OR REPLACE FUNCTION vaccination_keep_doses() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- The row that stands for the person, where rows were joined.
    whose bigint := (SELECT coalesce(p.merged_into_id, p.id) FROM registration_person p WHERE p.id = NEW.person_id);
BEGIN
    PERFORM FROM (
        SELECT d.number, d.given_at, lag(d.given_at) OVER w AS given_before, row_number() OVER w AS place
        FROM vaccination_dose d
        WHERE d.person_id IN (SELECT p.id FROM registration_person p WHERE whose IN (p.id, p.merged_into_id))
            AND d.state = 'VALID'
        WINDOW w AS (ORDER BY d.number)
    ) valid
    WHERE valid.number <> valid.place OR valid.given_at <= valid.given_before;
    IF FOUND THEN
        RAISE EXCEPTION 'doses of person % are not numbered by their times', NEW.person_id USING ERRCODE = 'CR201';
    END IF;
    PERFORM FROM logistics_batch b WHERE b.id = NEW.batch_id AND b.vaccine_id <> NEW.vaccine_id;
    IF FOUND THEN
        RAISE EXCEPTION 'the batch of dose % is one of another vaccine', NEW.id USING ERRCODE = 'CR202';
    END IF;
    RETURN NULL;
END
$$;

DROP TRIGGER IF EXISTS doses_follow_each_other ON vaccination_dose;
CREATE CONSTRAINT TRIGGER doses_follow_each_other
    AFTER INSERT OR UPDATE ON vaccination_dose DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION vaccination_keep_doses();
