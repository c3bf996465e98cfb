-- Only the movements move a balance (docs/adr/0008-ledger.md).
CREATE OR REPLACE FUNCTION logistics_keep_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- At depth 2 the trigger of the movements is at work; depth 1 is a statement of its own.
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'only movements move balances' USING ERRCODE = 'CR100';
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER balances_follow_movements
    BEFORE INSERT OR UPDATE OR DELETE ON logistics_stockbalance
    FOR EACH STATEMENT EXECUTE FUNCTION logistics_keep_balances();
