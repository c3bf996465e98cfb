-- The ledger's heart: whatever writes movements (an operation, COPY of an import) moves the balances
-- in the same statement, and nothing else can (docs/adr/0008-ledger.md).
--
-- Refusals, each an exception, so that nothing of it stays; DETAIL is JSON for the reader:
-- CR100 a balance touched by hand, CR101 not enough stock, CR102 batch blocked, CR103 batch expired,
-- CR104 use-by passed, CR105 a movement added to a document of another transaction, CR106 an item edited.

-- A session keeps its plans. One made while the tables were tiny would look at whole tables for each movement (and
-- the ministry's files took 114 s instead of 10): hence OFFSET 0, which makes every look-up one by its key, the
-- loops over keys, and no whole read as the first choice.
CREATE OR REPLACE FUNCTION logistics_move_balances() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    closed bigint;
    refused record;
    key bigint;
    change record;
    held integer;
BEGIN
    SELECT m.document_id INTO closed
    FROM moved m, LATERAL (SELECT written_in FROM logistics_stockdocument WHERE id = m.document_id OFFSET 0) d
    WHERE d.written_in <> pg_current_xact_id() LIMIT 1;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'document % is closed', closed USING ERRCODE = 'CR105';
    END IF;

    -- A block waits for who is just using the batch, and who comes after it sees it: FOR SHARE is enough.
    FOR key IN
        SELECT DISTINCT i.batch_id
        FROM moved m, LATERAL (SELECT batch_id FROM logistics_stockitem WHERE id = m.item_id OFFSET 0) i
        WHERE i.batch_id IS NOT NULL ORDER BY i.batch_id
    LOOP
        PERFORM 1 FROM logistics_batch WHERE id = key FOR SHARE;
    END LOOP;

    -- What is blocked, expired or past its clock may be received, counted, thrown away, taken back, and sent
    -- back to the distributor; never used, nor handed on to somebody who would use it.
    SELECT m.item_id AS item, b.blocked_at, b.expires_on < d.today AS is_expired INTO refused
    FROM moved m,
        LATERAL (
            SELECT kind, counterpart_id, recorded_at, (recorded_at AT TIME ZONE 'Europe/Prague')::date AS today
            FROM logistics_stockdocument WHERE id = m.document_id OFFSET 0
        ) d,
        LATERAL (SELECT batch_id, use_by FROM logistics_stockitem WHERE id = m.item_id OFFSET 0) i,
        LATERAL (SELECT blocked_at, expires_on FROM logistics_batch WHERE id = i.batch_id OFFSET 0) b
    WHERE m.quantity < 0
      AND (b.blocked_at IS NOT NULL OR b.expires_on < d.today OR i.use_by < d.recorded_at)
      AND (d.kind IN ('OPENING', 'CONSUMPTION', 'ISSUE', 'STORAGE') OR d.kind = 'DISPATCH'
           AND (SELECT o.kind FROM logistics_store o WHERE o.id = d.counterpart_id) <> 'DISTRIBUTOR')
    ORDER BY m.item_id LIMIT 1;
    IF refused.item IS NOT NULL THEN
        RAISE EXCEPTION 'the stock may not be used' USING
            ERRCODE = CASE WHEN refused.blocked_at IS NOT NULL THEN 'CR102'
                           WHEN refused.is_expired THEN 'CR103' ELSE 'CR104' END,
            DETAIL = json_build_object('item', refused.item)::text;
    END IF;

    -- By rising key (docs/locking.md): the guarded UPDATE is lock and look in one, and waits for who was first.
    -- What an import opened and used up sums to nothing, and has a row all the same: each item with movements has.
    FOR change IN
        SELECT d.store_id, m.item_id, sum(m.quantity)::integer AS quantity
        FROM moved m, LATERAL (SELECT store_id FROM logistics_stockdocument WHERE id = m.document_id OFFSET 0) d
        GROUP BY d.store_id, m.item_id
        ORDER BY d.store_id, m.item_id
    LOOP
        UPDATE logistics_stockbalance b SET quantity = b.quantity + change.quantity
        WHERE b.store_id = change.store_id AND b.item_id = change.item_id AND b.quantity + change.quantity >= 0;
        CONTINUE WHEN FOUND;
        IF change.quantity < 0 THEN
            SELECT quantity INTO held FROM logistics_stockbalance
            WHERE store_id = change.store_id AND item_id = change.item_id;
            RAISE EXCEPTION 'not enough stock' USING ERRCODE = 'CR101', DETAIL = json_build_object(
                'item', change.item_id, 'have', coalesce(held, 0), 'wanted', -change.quantity)::text;
        END IF;
        INSERT INTO logistics_stockbalance AS b (store_id, item_id, quantity)
        VALUES (change.store_id, change.item_id, change.quantity)
        ON CONFLICT (store_id, item_id) DO UPDATE SET quantity = b.quantity + EXCLUDED.quantity;
    END LOOP;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER movements_move_balances
    AFTER INSERT ON logistics_stockmovement
    REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION logistics_move_balances();

CREATE OR REPLACE FUNCTION logistics_keep_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Depth 2 is the function above at work; depth 1 is somebody's own statement.
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'only movements move balances' USING ERRCODE = 'CR100';
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER balances_follow_movements
    BEFORE INSERT OR UPDATE OR DELETE ON logistics_stockbalance
    FOR EACH STATEMENT EXECUTE FUNCTION logistics_keep_balances();

CREATE OR REPLACE FUNCTION logistics_keep_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Movements say how many of what; whoever edits the what edits them all.
    RAISE EXCEPTION 'an item is never edited: another batch, regime or clock is another item' USING ERRCODE = 'CR106';
END
$$;

CREATE OR REPLACE TRIGGER items_are_never_edited
    BEFORE UPDATE ON logistics_stockitem
    FOR EACH STATEMENT EXECUTE FUNCTION logistics_keep_items();
