"""The ledger's trigger looks up by key, however small the tables were when the session made its plans."""

import pytest
from django.db import connection, transaction

from logistics.models import StockDocument, StockMovement
from logistics.stock import ledger
from logistics.stock.ledger import EntryLine
from tests.logistics.shelves import NOW, context, balance, site_store, vials

MANY = 400
# Each movement is looked up a few times; reading the whole table for each would be 400 times as much.
LOOKS_PER_MOVEMENT = 10
_READ = """
SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::integer FROM pg_stat_xact_user_tables
WHERE relname IN ('logistics_stockdocument', 'logistics_stockitem', 'logistics_stockbalance')
"""


def _rows_read() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        (count,) = cursor.fetchone()
    return int(count)


@pytest.mark.django_db
def test_an_import_in_a_session_that_knew_the_tables_tiny_reads_no_table_again_and_again() -> None:
    # The worst that the planner may have seen: pages in which nothing lives, so that it expects one row everywhere.
    with transaction.atomic():
        for _ in range(5):
            ledger.receive(store=site_store(), lines=[EntryLine(vials(), 1)], context=context())
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE logistics_stockdocument, logistics_stockitem, logistics_stockbalance")
    closed = vials()
    store = site_store(EntryLine(closed, MANY))
    for _ in range(10):  # after a handful of calls a session keeps a plan for good
        ledger.open_vials(store=store, item=closed, vials=1, context=context())
    documents = StockDocument.objects.bulk_create(
        StockDocument(kind="RECEIPT", store=store, happened_on=NOW.date(), recorded_at=NOW) for _ in range(MANY)
    )
    before = _rows_read()
    StockMovement.objects.bulk_create(
        StockMovement(document=document, item=closed, quantity=1) for document in documents
    )
    assert _rows_read() - before < MANY * LOOKS_PER_MOVEMENT
    assert balance(store, closed) == 2 * MANY - 10
