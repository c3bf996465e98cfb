"""Receiving vials of a batch that may not be recorded yet."""

from datetime import date, datetime

from django.db import transaction

from logistics.models import StockDocument, StorageCondition, Store, Vaccine
from logistics.stock import items, ledger
from logistics.stock.ledger import EntryContext, EntryLine
from logistics.vaccines import batches


@transaction.atomic
def receive_vials(
    *,
    store: Store,
    vaccine: Vaccine,
    number: str,
    expires_on: date,
    doses_per_vial: int,
    vials: int,
    context: EntryContext,
    outside_party: str = "",
    thawed_until: datetime | None = None,
) -> StockDocument:
    """Register the batch where it is not known, and receive its vials.

    `thawed_until` is the use-by of vials that came thawed; the batch's last day cuts it off. Raises as
    `batches.register` and `ledger.receive`; the batch is not registered then either.
    """
    batch = batches.register(vaccine=vaccine, number=number, expires_on=expires_on, by=context.by, now=context.now)
    storage = StorageCondition.STORED if thawed_until is None else StorageCondition.THAWED
    use_by = None if thawed_until is None else items.earlier_end(thawed_until, batch)
    item = items.vaccine_item(batch=batch, doses_per_vial=doses_per_vial, storage=storage, use_by=use_by)
    return ledger.receive(store=store, lines=[EntryLine(item, vials)], context=context, outside_party=outside_party)
