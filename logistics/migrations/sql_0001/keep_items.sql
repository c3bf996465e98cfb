-- An item is never edited (docs/adr/0008-ledger.md).
CREATE OR REPLACE FUNCTION logistics_keep_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Movements say how many of an item there are: to edit the item would change the meaning of all of them.
    RAISE EXCEPTION 'an item is never edited: another batch, storage condition or clock is another item' USING ERRCODE = 'CR106';
END
$$;

CREATE OR REPLACE TRIGGER items_are_never_edited
    BEFORE UPDATE ON logistics_stockitem
    FOR EACH STATEMENT EXECUTE FUNCTION logistics_keep_items();
