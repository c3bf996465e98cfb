"""Stores with something on their shelves, for the tests of the ledger."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from crs.sent_forms import Sending
from logistics.models import (
    Batch,
    Material,
    StockBalance,
    StockDocument,
    StockItem,
    StockMovement,
    StorageRule,
    Store,
    VaccinationSite,
    Vaccine,
)
from logistics.stock import items, ledger
from logistics.stock.ledger import EntryContext, EntryLine

PRAGUE = ZoneInfo("Europe/Prague")
NOW = datetime(2027, 1, 11, 9, 0, tzinfo=PRAGUE)
LAST_DAY = date(2027, 3, 31)
# Rules of the product information, so that a test does not hang on the data of a migration.
KEEPS = {"THAWED": timedelta(days=31), "ROOM": timedelta(hours=2), "OPEN": timedelta(hours=6)}

_numbers = count(1)


def context(now: datetime = NOW, key: UUID | None = None) -> EntryContext:
    """An act of nobody in particular."""
    return EntryContext(by=None, now=now, form=Sending(key, "typed"))


def site_store(*lines: EntryLine) -> Store:
    """The store of a new site, with `lines` in it."""
    site = VaccinationSite.objects.create(name=f"Výstaviště {next(_numbers)}", district_id="CZ0642", address="Brno")
    return ledger.establish(site=site, lines=lines, context=context())


def distributor(*lines: EntryLine) -> Store:
    """A store of a new distributor."""
    return ledger.establish(name=f"Distributor {next(_numbers)}", lines=lines, context=context())


def vials(number: str = "EJ6797", *, doses_per_vial: int = 6, last_day: date = LAST_DAY) -> StockItem:
    """Closed vials of a batch of Comirnaty, which has its rules of storage."""
    vaccine = Vaccine.objects.get_or_create(pk="comirnaty", defaults={"name": "Comirnaty", "doses": 2})[0]
    for storage, keeps in KEEPS.items():
        if not StorageRule.objects.filter(vaccine=vaccine, storage=storage).exists():
            StorageRule.objects.create(
                vaccine=vaccine, storage=storage, valid_from=date(2021, 1, 1), max_celsius=8, keeps=keeps
            )
    batch, _is_new = Batch.objects.get_or_create(vaccine=vaccine, number=number, defaults={"expires_on": last_day})
    return items.vaccine_item(batch=batch, doses_per_vial=doses_per_vial)


def swabs() -> StockItem:
    """A material."""
    return items.material_item(Material.objects.get_or_create(code="swab", defaults={"name": "Swab"})[0])


def opened(document: StockDocument) -> StockItem:
    """The item of opened vials that an opening made."""
    return document.movements.get(quantity__gt=0).item


def balance(store: Store, item: StockItem) -> int:
    """How much of it the store has."""
    return StockBalance.objects.filter(store=store, item=item).values_list("quantity", flat=True).first() or 0


def snapshot() -> Any:
    """All that an act could change, to see that a refused one changed nothing."""
    return (
        list(StockDocument.objects.order_by("pk").values_list()),
        list(StockMovement.objects.order_by("pk").values_list()),
        list(StockBalance.objects.order_by("store", "item").values_list("store", "item", "quantity")),
        list(StockItem.objects.order_by("pk").values_list()),
        list(Store.objects.order_by("pk").values_list()),
    )


def execute(sql: str, parameters: list[Any] | None = None) -> None:
    """Run a statement as somebody with the rights of the database's owner would."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
