-- The ledger's heart. Every statement that inserts movements, an operation's INSERT as well as an import's COPY, moves
-- the balances too; nothing else can move them (docs/adr/0008-ledger.md).
--
-- A refusal is an exception, so nothing of the statement stays. Its DETAIL is JSON, which logistics/stock/ledger.py
-- reads. CR101: not enough stock. CR102: batch blocked. CR103: batch expired. CR104: use-by passed. CR105: a movement
-- was added to a document of another transaction. The other functions refuse with CR100 (a balance was touched by
-- hand) and CR106 (an item was edited).

-- A session keeps its plans. A plan from the time when the tables were tiny reads whole tables for each movement, and
-- the ministry's files then take 114 s instead of 10. So sequential scans are off, OFFSET 0 keeps every look-up apart,
-- to be answered by its key, and batches and balances are gone through by key in loops.
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

    -- FOR SHARE is enough: a block waits for the transactions that use the batch, and later ones see the block.
    FOR key IN
        SELECT DISTINCT i.batch_id
        FROM moved m, LATERAL (SELECT batch_id FROM logistics_stockitem WHERE id = m.item_id OFFSET 0) i
        WHERE i.batch_id IS NOT NULL ORDER BY i.batch_id
    LOOP
        PERFORM 1 FROM logistics_batch WHERE id = key FOR SHARE;
    END LOOP;

    -- Stock that is blocked, expired or past its use-by may be received, counted, wasted, reversed and sent back to the
    -- distributor. It is never used, nor handed on to a store that would use it. What was recorded later than it happened
    -- is judged by the moment when it happened: a batch that was blocked after that could be used.
    SELECT m.item_id AS item, b.blocked_at <= d.blocks_until AS is_blocked, b.expires_on < d.today AS is_expired
    INTO refused
    FROM moved m,
        LATERAL (
            SELECT kind, counterpart_id, coalesce(happened_at, 'infinity') AS blocks_until,
                coalesce(happened_at, recorded_at) AS used_at,
                (coalesce(happened_at, recorded_at) AT TIME ZONE 'Europe/Prague')::date AS today
            FROM logistics_stockdocument WHERE id = m.document_id OFFSET 0
        ) d,
        LATERAL (SELECT batch_id, use_by FROM logistics_stockitem WHERE id = m.item_id OFFSET 0) i,
        LATERAL (SELECT blocked_at, expires_on FROM logistics_batch WHERE id = i.batch_id OFFSET 0) b
    WHERE m.quantity < 0
      AND (b.blocked_at <= d.blocks_until OR b.expires_on < d.today OR i.use_by < d.used_at)
      AND (d.kind IN ('OPENING', 'CONSUMPTION', 'ISSUE', 'STORAGE') OR d.kind = 'DISPATCH'
           AND (SELECT s.kind FROM logistics_store s WHERE s.id = d.counterpart_id) <> 'DISTRIBUTOR')
    ORDER BY m.item_id LIMIT 1;
    IF refused.item IS NOT NULL THEN
        RAISE EXCEPTION 'the stock may not be used' USING
            ERRCODE = CASE WHEN refused.is_blocked THEN 'CR102'
                           WHEN refused.is_expired THEN 'CR103' ELSE 'CR104' END,
            DETAIL = json_build_object('item', refused.item)::text;
    END IF;

    -- By rising key (docs/locking.md). The guarded UPDATE locks, checks and writes in one step; a second transaction
    -- waits there for the first. Vials that an import opened and used up sum to nothing and still get a balance:
    -- every item with movements has one.
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
