-- The ledger's heart: whatever writes movements (an operation, COPY of an import) moves the balances
-- in the same statement, and nothing else can (docs/adr/0008-ledger.md).
--
-- Refusals, each an exception, so that nothing of it stays; DETAIL is JSON for the reader:
-- CR100 a balance touched by hand, CR101 not enough stock, CR102 batch blocked, CR103 batch expired,
-- CR104 use-by passed, CR105 a movement added to a document of another transaction, CR106 an item edited.

-- A document is closed by the end of the transaction that wrote it. The number is the whole transaction's,
-- whatever its savepoints; nothing but the default writes it, and documents are never edited.
ALTER TABLE logistics_stockdocument ADD COLUMN written_in xid8 NOT NULL DEFAULT pg_current_xact_id();

-- A session keeps its plans: one made while the tables were tiny would read them whole for every movement of an
-- import (114 s instead of 10 for the ministry's files), so whole reads are never its first choice.
CREATE FUNCTION logistics_move_balances() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    found record;
BEGIN
    SELECT d.id INTO found
    FROM moved m JOIN logistics_stockdocument d ON d.id = m.document_id
    WHERE d.written_in <> pg_current_xact_id() LIMIT 1;
    IF found.id IS NOT NULL THEN
        RAISE EXCEPTION 'document % is closed', found.id USING ERRCODE = 'CR105';
    END IF;

    -- A block waits for who is just using the batch, and who comes after it sees it: FOR SHARE is enough.
    PERFORM 1 FROM logistics_batch b
    WHERE b.id IN (SELECT i.batch_id FROM moved m JOIN logistics_stockitem i ON i.id = m.item_id)
    ORDER BY b.id FOR SHARE;

    -- What is blocked, expired or past its clock may be received, counted, thrown away, taken back, and sent
    -- back to the distributor; never used, nor handed on to somebody who would use it.
    SELECT b.id AS batch, b.block_reason, b.blocked_at, b.expires_on, i.use_by, i.id AS item,
           b.expires_on < (d.recorded_at AT TIME ZONE 'Europe/Prague')::date AS is_expired
    INTO found
    FROM moved m
    JOIN logistics_stockdocument d ON d.id = m.document_id
    JOIN logistics_stockitem i ON i.id = m.item_id
    JOIN logistics_batch b ON b.id = i.batch_id
    LEFT JOIN logistics_store o ON o.id = d.counterpart_id
    WHERE m.quantity < 0
      AND (d.kind IN ('OPENING', 'CONSUMPTION', 'ISSUE', 'STORAGE')
           OR d.kind = 'DISPATCH' AND o.kind <> 'DISTRIBUTOR')
      AND (b.blocked_at IS NOT NULL
           OR b.expires_on < (d.recorded_at AT TIME ZONE 'Europe/Prague')::date
           OR i.use_by < d.recorded_at)
    ORDER BY i.id LIMIT 1;
    IF found.item IS NOT NULL THEN
        RAISE EXCEPTION 'the stock may not be used' USING
            ERRCODE = CASE WHEN found.blocked_at IS NOT NULL THEN 'CR102'
                           WHEN found.is_expired THEN 'CR103' ELSE 'CR104' END,
            DETAIL = json_build_object('item', found.item)::text;
    END IF;

    -- Rows first, so that there is something to lock; then locks by rising key (docs/locking.md); then the look.
    INSERT INTO logistics_stockbalance (store_id, item_id, quantity)
    SELECT d.store_id, m.item_id, 0
    FROM moved m JOIN logistics_stockdocument d ON d.id = m.document_id
    GROUP BY d.store_id, m.item_id
    ORDER BY d.store_id, m.item_id
    ON CONFLICT (store_id, item_id) DO NOTHING;

    PERFORM 1 FROM logistics_stockbalance b
    WHERE (b.store_id, b.item_id) IN (
        SELECT d.store_id, m.item_id FROM moved m JOIN logistics_stockdocument d ON d.id = m.document_id
    )
    ORDER BY b.store_id, b.item_id FOR NO KEY UPDATE;

    SELECT b.item_id AS item, b.quantity AS have, -c.quantity AS wanted INTO found
    FROM logistics_stockbalance b
    JOIN (
        SELECT d.store_id, m.item_id, sum(m.quantity) AS quantity
        FROM moved m JOIN logistics_stockdocument d ON d.id = m.document_id
        GROUP BY d.store_id, m.item_id
    ) c ON c.store_id = b.store_id AND c.item_id = b.item_id
    WHERE b.quantity + c.quantity < 0
    ORDER BY b.store_id, b.item_id LIMIT 1;
    IF found.item IS NOT NULL THEN
        RAISE EXCEPTION 'not enough stock' USING ERRCODE = 'CR101',
            DETAIL = json_build_object('item', found.item, 'have', found.have, 'wanted', found.wanted)::text;
    END IF;

    UPDATE logistics_stockbalance b SET quantity = b.quantity + c.quantity
    FROM (
        SELECT d.store_id, m.item_id, sum(m.quantity) AS quantity
        FROM moved m JOIN logistics_stockdocument d ON d.id = m.document_id
        GROUP BY d.store_id, m.item_id
    ) c
    WHERE c.store_id = b.store_id AND c.item_id = b.item_id AND c.quantity <> 0;
    RETURN NULL;
END
$$;

CREATE TRIGGER movements_move_balances
    AFTER INSERT ON logistics_stockmovement
    REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION logistics_move_balances();

CREATE FUNCTION logistics_keep_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Depth 2 is the function above at work; depth 1 is somebody's own statement.
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'only movements move balances' USING ERRCODE = 'CR100';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER balances_follow_movements
    BEFORE INSERT OR UPDATE OR DELETE ON logistics_stockbalance
    FOR EACH STATEMENT EXECUTE FUNCTION logistics_keep_balances();

CREATE FUNCTION logistics_keep_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Movements say how many of what; whoever edits the what edits them all.
    RAISE EXCEPTION 'an item is never edited: another batch, regime or clock is another item' USING ERRCODE = 'CR106';
END
$$;

CREATE TRIGGER items_are_never_edited
    BEFORE UPDATE ON logistics_stockitem
    FOR EACH STATEMENT EXECUTE FUNCTION logistics_keep_items();
