"""How tests of the ledger see that a refusal changed nothing, and get round the ledger."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from logistics.models import Batch, StockBalance, StockDocument, StockItem, StockMovement, Store
from logistics.stock import errors
from tests.factories import NOW

# How long Comirnaty keeps by its product information.
KEEPS = {"THAWED": timedelta(days=31), "ROOM": timedelta(hours=2), "OPEN": timedelta(hours=6)}


def snapshot() -> Any:
    """All that an act could change, to see that a refused one changed nothing."""
    return (
        list(StockDocument.objects.order_by("pk").values_list()),
        list(StockMovement.objects.order_by("pk").values_list()),
        list(StockBalance.objects.order_by("store", "item").values_list("store", "item", "quantity")),
        list(StockItem.objects.order_by("pk").values_list()),
        list(Store.objects.order_by("pk").values_list()),
    )


def refused(reason: type[errors.StockError], what: Callable[[], Any]) -> errors.StockError:
    """What `what` says when it refuses, and proof that nothing of it stayed."""
    before = snapshot()
    with pytest.raises(reason) as caught:
        what()
    assert snapshot() == before
    return caught.value


def block() -> None:
    """Block the batch of make_vials."""
    Batch.objects.filter(number="EJ6797").update(blocked_at=NOW, block_reason="Stažení výrobcem")


def execute(sql: str, parameters: list[Any] | None = None) -> None:
    """Run a statement as somebody with the rights of the database's owner would."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
