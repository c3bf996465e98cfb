"""Proof that the ledger adds up: one statement of SQL for each promise of docs/adr/0008-ledger.md.

Each statement reads one snapshot, so it may run while people work. It answers with the first difference (store, item,
document, what should be and what is) and how many differences there are.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.utils.timezone import localtime

from logistics.models import StockDocument, StockItem, Store


@dataclass(frozen=True)
class Difference:
    """The first row that breaks a promise; `count` is how many rows do."""

    promise: str
    count: int
    should_be: str
    is_now: str
    store: Store | None = None
    item: StockItem | None = None
    document: StockDocument | None = None

    def __str__(self) -> str:
        parts = [f"store {self.store.pk} {self.store}"] if self.store else []
        parts += [f"item {self.item.pk} {_described(self.item)}"] if self.item else []
        parts += [f"document {self.document.number}"] if self.document else []
        where = ", ".join(parts) or "the whole network"
        return f"{self.promise} {where}: should be {self.should_be}, is {self.is_now} ({self.count:,} in all)."


@dataclass(frozen=True)
class CheckedRows:
    """The numbers of rows that were checked."""

    stores: int
    items: int
    documents: int
    movements: int


@dataclass(frozen=True)
class Flow:
    """The way of a batch's closed vials, of its opened doses, or of a material through the whole network.

    `came` - `left` + `transfers_off` = `held` + `in_transit`. `transfers_off` is the delivered amount less the sent
    one: below zero where some was lost. `item` is the first item of that batch or material.
    """

    unit: str
    item: int
    came: int
    left: int
    transfers_off: int
    held: int
    in_transit: int

    @property
    def should_be(self) -> int:
        """The amount that must be somewhere, by the documents."""
        return self.came - self.left + self.transfers_off

    @property
    def is_now(self) -> int:
        """The amount that is somewhere."""
        return self.held + self.in_transit


def checked_rows() -> CheckedRows:
    """The numbers of stores, items, documents and movements."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM logistics_store), (SELECT count(*) FROM logistics_stockitem),"
            " (SELECT count(*) FROM logistics_stockdocument), (SELECT count(*) FROM logistics_stockmovement)"
        )
        return CheckedRows(*cursor.fetchone())


def differences() -> list[Difference]:
    """The first difference of each broken promise."""
    found = []
    for promise, sql in PROMISES.items():
        with connection.cursor() as cursor:
            cursor.execute(sql)
            row = cursor.fetchone()
        if row:
            found.append(_difference(promise, *row))
    off = [flow for flow in flows() if flow.is_now != flow.should_be]
    if off:
        first = off[0]
        found.append(_difference(NETWORK, None, first.item, None, first.should_be, first.is_now, len(off)))
    return found


def flows() -> list[Flow]:
    """The flow of vials and of doses of each batch, and of pieces of each material."""
    with connection.cursor() as cursor:
        cursor.execute(_FLOWS)
        return [Flow(*row) for row in cursor.fetchall()]


def _difference(
    promise: str,
    store: int | None,
    item: int | None,
    document: int | None,
    should_be: object,
    is_now: object,
    count: int,
) -> Difference:
    items = StockItem.objects.select_related("batch__vaccine", "material")
    return Difference(
        promise=promise,
        count=count,
        should_be=_shown(should_be),
        is_now="nothing at all" if is_now is None else _shown(is_now),
        store=Store.objects.filter(pk=store).first() if store else None,
        item=items.filter(pk=item).first() if item else None,
        document=StockDocument.objects.filter(pk=document).first() if document else None,
    )


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)


def _described(item: StockItem) -> str:
    parts = [item.label]
    if item.storage:
        parts.append(f"{item.storage}, {item.doses_per_vial} doses a vial")
    if item.use_by:
        parts.append(f"use by {localtime(item.use_by):%Y-%m-%d %H:%M}")
    return ", ".join(parts)


# Each statement answers at most one row: store, item, document, should be, is, how many in all.
PROMISES: dict[str, str] = {}

PROMISES["A balance is the sum of its movements."] = """
    WITH sums AS (
        SELECT d.store_id, m.item_id, sum(m.quantity) AS quantity
        FROM logistics_stockmovement m JOIN logistics_stockdocument d ON d.id = m.document_id
        GROUP BY d.store_id, m.item_id
    )
    SELECT coalesce(s.store_id, b.store_id), coalesce(s.item_id, b.item_id),
           (SELECT max(d.id) FROM logistics_stockdocument d JOIN logistics_stockmovement m ON m.document_id = d.id
            WHERE d.store_id = s.store_id AND m.item_id = s.item_id),
           coalesce(s.quantity, 0), b.quantity, count(*) OVER ()
    FROM sums s
    FULL JOIN logistics_stockbalance b ON b.store_id = s.store_id AND b.item_id = s.item_id
    WHERE b.quantity IS DISTINCT FROM coalesce(s.quantity, 0)
    ORDER BY 1, 2 LIMIT 1
"""

PROMISES["No balance is below zero."] = """
    SELECT store_id, item_id, NULL, 'zero or more', quantity, count(*) OVER ()
    FROM logistics_stockbalance WHERE quantity < 0 ORDER BY 1, 2 LIMIT 1
"""

# A late entry counts on the day of its record here: the stock that it took may have been put right only then.
PROMISES["No day ends below zero."] = """
    WITH dated AS (
        SELECT id, store_id, CASE
            WHEN happened_at IS NULL THEN happened_on ELSE (recorded_at AT TIME ZONE 'Europe/Prague')::date
            END AS happened_on
        FROM logistics_stockdocument
    ), days AS (
        SELECT d.store_id, m.item_id, d.happened_on, sum(m.quantity) AS quantity, max(d.id) AS document_id
        FROM logistics_stockmovement m JOIN dated d ON d.id = m.document_id
        GROUP BY d.store_id, m.item_id, d.happened_on
    ), ends AS (
        SELECT store_id, item_id, happened_on, document_id,
               sum(quantity) OVER (PARTITION BY store_id, item_id ORDER BY happened_on) AS quantity
        FROM days
    )
    SELECT store_id, item_id, document_id, 'zero or more at the end of ' || happened_on, quantity, count(*) OVER ()
    FROM ends WHERE quantity < 0 ORDER BY happened_on, store_id, item_id LIMIT 1
"""

PROMISES["A delivery confirms a dispatch the other way round."] = """
    SELECT d.store_id, NULL, d.id,
           coalesce(format('DELIVERY %s to %s, of a dispatch', s.store_id, s.counterpart_id), 'of a dispatch'),
           format('DELIVERY %s to %s, of a %s', d.counterpart_id, d.store_id, s.kind), count(*) OVER ()
    FROM logistics_stockdocument d LEFT JOIN logistics_stockdocument s ON s.id = d.confirms_id
    WHERE d.kind = 'DELIVERY'
      AND (s.kind, s.store_id, s.counterpart_id) IS DISTINCT FROM ('DISPATCH', d.counterpart_id, d.store_id)
    ORDER BY d.id LIMIT 1
"""

PROMISES["A delivery brings only what was sent."] = """
    SELECT d.store_id, m.item_id, d.id, 'in the dispatch', m.quantity, count(*) OVER ()
    FROM logistics_stockdocument d
    JOIN logistics_stockmovement m ON m.document_id = d.id
    LEFT JOIN logistics_stockmovement s ON s.document_id = d.confirms_id AND s.item_id = m.item_id
    WHERE d.kind = 'DELIVERY' AND s.id IS NULL
    ORDER BY d.id, m.item_id LIMIT 1
"""

PROMISES["A delivery that differs from what was sent says why."] = """
    WITH sides AS (
        SELECT d.id, m.item_id, m.quantity AS came, 0 AS sent
        FROM logistics_stockdocument d JOIN logistics_stockmovement m ON m.document_id = d.id
        WHERE d.kind = 'DELIVERY' AND d.reason = ''
        UNION ALL
        SELECT d.id, m.item_id, 0, -m.quantity
        FROM logistics_stockdocument d JOIN logistics_stockmovement m ON m.document_id = d.confirms_id
        WHERE d.kind = 'DELIVERY' AND d.reason = ''
    )
    SELECT d.store_id, s.item_id, d.id, sum(s.sent), sum(s.came), count(*) OVER ()
    FROM sides s JOIN logistics_stockdocument d ON d.id = s.id
    GROUP BY d.store_id, d.id, s.item_id HAVING sum(s.sent) <> sum(s.came)
    ORDER BY d.id, s.item_id LIMIT 1
"""

PROMISES["A dispatch is delivered at most once, and not when it was reversed."] = """
    SELECT d.store_id, NULL, d.id,
           CASE WHEN reversal.id IS NULL THEN 'at most 1 delivery not reversed'
                ELSE 'no delivery, it was reversed' END,
           count(*), count(*) OVER ()
    FROM logistics_stockdocument d
    JOIN logistics_stockdocument delivery ON delivery.confirms_id = d.id
    LEFT JOIN logistics_stockdocument delivery_reversal ON delivery_reversal.reverses_id = delivery.id
    LEFT JOIN logistics_stockdocument reversal ON reversal.reverses_id = d.id
    WHERE delivery_reversal.id IS NULL
    GROUP BY d.store_id, d.id, reversal.id HAVING count(*) > 1 OR reversal.id IS NOT NULL
    ORDER BY d.id LIMIT 1
"""

PROMISES[
    "A reversal stands in the store of the document it reverses; that is neither a reversal nor an establishment."
] = """
    SELECT r.store_id, NULL, r.id, format('in store %s, of what can be reversed', d.store_id),
           format('in store %s, of a %s', r.store_id, d.kind), count(*) OVER ()
    FROM logistics_stockdocument r JOIN logistics_stockdocument d ON d.id = r.reverses_id
    WHERE r.kind <> 'REVERSAL' OR r.store_id <> d.store_id OR d.kind IN ('REVERSAL', 'ESTABLISHMENT')
    ORDER BY r.id LIMIT 1
"""

PROMISES["A reversal moves exactly the opposite."] = """
    WITH sides AS (
        SELECT r.id, m.item_id, -m.quantity AS opposite, 0 AS moved
        FROM logistics_stockdocument r JOIN logistics_stockmovement m ON m.document_id = r.reverses_id
        UNION ALL
        SELECT r.id, m.item_id, 0, m.quantity
        FROM logistics_stockdocument r JOIN logistics_stockmovement m ON m.document_id = r.id
        WHERE r.kind = 'REVERSAL'
    )
    SELECT d.store_id, s.item_id, d.id, sum(s.opposite), sum(s.moved), count(*) OVER ()
    FROM sides s JOIN logistics_stockdocument d ON d.id = s.id
    GROUP BY d.store_id, d.id, s.item_id HAVING sum(s.opposite) <> sum(s.moved)
    ORDER BY d.id, s.item_id LIMIT 1
"""

PROMISES["What comes in adds, what goes out takes."] = """
    SELECT d.store_id, m.item_id, d.id,
           CASE WHEN d.kind IN ('RECEIPT', 'DELIVERY', 'ESTABLISHMENT') THEN 'above zero' ELSE 'below zero' END,
           m.quantity, count(*) OVER ()
    FROM logistics_stockmovement m JOIN logistics_stockdocument d ON d.id = m.document_id
    WHERE d.kind IN ('RECEIPT', 'DELIVERY', 'ESTABLISHMENT') AND m.quantity < 0
       OR d.kind IN ('DISPATCH', 'ISSUE', 'CONSUMPTION', 'WASTE') AND m.quantity > 0
    ORDER BY d.id, m.item_id LIMIT 1
"""

PROMISES["Opening turns vials into doses of the same batch and size."] = """
    WITH openings AS (
        SELECT d.id, d.store_id, min(m.item_id) AS item_id,
               sum(m.quantity) FILTER (WHERE i.storage <> 'OPEN') AS vials,
               sum(m.quantity) FILTER (WHERE i.storage = 'OPEN') AS doses,
               count(*) AS lines, count(i.batch_id) AS vaccines,
               count(DISTINCT (i.batch_id, i.doses_per_vial)) AS kinds
        FROM logistics_stockdocument d
        LEFT JOIN logistics_stockmovement m ON m.document_id = d.id
        LEFT JOIN logistics_stockitem i ON i.id = m.item_id
        WHERE d.kind = 'OPENING' GROUP BY d.id
    )
    SELECT store_id, item_id, id, 'vials of one item less, its doses more',
           format('%s vials, %s doses, %s lines of %s batch', vials, doses, lines, kinds), count(*) OVER ()
    FROM openings
    WHERE (vials < 0 AND doses > 0 AND lines = 2 AND vaccines = 2 AND kinds = 1) IS NOT TRUE
    ORDER BY id LIMIT 1
"""

PROMISES["An extra dose is more of opened vials that the store had opened."] = """
    WITH extras AS (
        SELECT d.id, d.store_id, min(m.item_id) AS item_id, count(m.id) AS lines, min(m.quantity) AS least,
               bool_and(i.storage = 'OPEN' AND EXISTS (
                   SELECT 1 FROM logistics_stockmovement o JOIN logistics_stockdocument p ON p.id = o.document_id
                   WHERE o.item_id = m.item_id AND p.store_id = d.store_id AND p.kind = 'OPENING')) AS opened
        FROM logistics_stockdocument d
        LEFT JOIN logistics_stockmovement m ON m.document_id = d.id
        LEFT JOIN logistics_stockitem i ON i.id = m.item_id
        WHERE d.kind = 'STOCKTAKE' AND d.reason = 'EXTRA_DOSE' GROUP BY d.id
    )
    SELECT store_id, item_id, id, 'doses above zero of one item that was opened',
           format('%s in %s lines, opened: %s', least, lines, opened), count(*) OVER ()
    FROM extras
    WHERE (lines = 1 AND least > 0 AND opened) IS NOT TRUE
    ORDER BY id LIMIT 1
"""

PROMISES["A change of storage keeps every vial."] = """
    WITH moves AS (
        SELECT d.id, d.store_id, min(m.item_id) AS item_id, sum(m.quantity) AS quantity,
               count(*) AS lines, count(i.batch_id) AS vaccines, count(*) FILTER (WHERE i.storage = 'OPEN') AS opened,
               count(DISTINCT (i.batch_id, i.doses_per_vial)) AS kinds
        FROM logistics_stockdocument d
        LEFT JOIN logistics_stockmovement m ON m.document_id = d.id
        LEFT JOIN logistics_stockitem i ON i.id = m.item_id
        WHERE d.kind = 'STORAGE' GROUP BY d.id
    )
    SELECT store_id, item_id, id, '0 vials in 2 lines of 1 batch, none opened',
           format('%s vials in %s lines of %s batch, %s opened', quantity, lines, kinds, opened), count(*) OVER ()
    FROM moves
    WHERE (quantity = 0 AND lines = 2 AND vaccines = 2 AND opened = 0 AND kinds = 1) IS NOT TRUE
    ORDER BY id LIMIT 1
"""

NETWORK = "What is held and on its way is what came less what left."

# The other way to count. Balances sum the movements of a store and an item; here the documents that were not reversed
# say how much entered and left the network, and a transfer counts as the pair of its two documents. Reversed documents
# and their reversals are left out on both sides. So this also finds a reversal that does not move exactly the
# opposite, and a vial that two stores hold.
_FLOWS = """
    WITH standing AS (
        SELECT d.id, d.kind, d.confirms_id FROM logistics_stockdocument d
        WHERE d.kind <> 'REVERSAL'
          AND NOT EXISTS (SELECT 1 FROM logistics_stockdocument r WHERE r.reverses_id = d.id)
    ), families AS (
        SELECT id, min(id) OVER (PARTITION BY batch_id, material_id, storage = 'OPEN') AS family,
               CASE WHEN material_id IS NOT NULL THEN 'pieces' WHEN storage = 'OPEN' THEN 'doses' ELSE 'vials' END
                   AS unit
        FROM logistics_stockitem
    ), sides AS (
        SELECT id, 'elsewhere' AS side FROM standing WHERE kind NOT IN ('DISPATCH', 'DELIVERY', 'STORAGE')
        UNION ALL
        SELECT id, 'in transit' FROM standing d
        WHERE kind = 'DISPATCH' AND NOT EXISTS (SELECT 1 FROM standing delivery WHERE delivery.confirms_id = d.id)
        UNION ALL
        SELECT id, 'transfer' FROM standing WHERE kind = 'DELIVERY'
        UNION ALL
        SELECT confirms_id, 'transfer' FROM standing WHERE kind = 'DELIVERY'
    ), parts AS (
        SELECT m.item_id,
               sum(m.quantity) FILTER (WHERE s.side = 'elsewhere' AND m.quantity > 0) AS came,
               -sum(m.quantity) FILTER (WHERE s.side = 'elsewhere' AND m.quantity < 0) AS gone,
               sum(m.quantity) FILTER (WHERE s.side = 'transfer') AS transfers_off,
               0 AS held,
               -sum(m.quantity) FILTER (WHERE s.side = 'in transit') AS in_transit
        FROM sides s JOIN logistics_stockmovement m ON m.document_id = s.id GROUP BY m.item_id
        UNION ALL
        SELECT item_id, 0, 0, 0, sum(quantity), 0 FROM logistics_stockbalance GROUP BY item_id
    )
    SELECT f.unit, f.family, coalesce(sum(came), 0)::bigint, coalesce(sum(gone), 0)::bigint,
           coalesce(sum(transfers_off), 0)::bigint, coalesce(sum(held), 0)::bigint, coalesce(sum(in_transit), 0)::bigint
    FROM parts p JOIN families f ON f.id = p.item_id
    GROUP BY f.unit, f.family ORDER BY f.family
"""
