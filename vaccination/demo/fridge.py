"""The vials of the demonstration's day: thawed ones, and deliveries when the store runs out of them."""

from datetime import datetime, timedelta

from django.utils import timezone

from logistics.models import Batch, StockItem, StorageCondition, Store, VaccinationSite, Vaccine
from logistics.stock import demo as demo_stock
from logistics.stock import items, ledger
from logistics.stock.ledger import EntryContext, EntryLine
from vaccination.vials import choosing, sessions

KEEPS_FOR = timedelta(days=75)
VIALS_NEEDED, VIALS_DELIVERED, DOSES_A_VIAL = 4, 60, 6


def thawed(vaccine: Vaccine, *, at: VaccinationSite, context: EntryContext, now: datetime) -> StockItem:
    """Closed thawed vials of the site, enough for a day; where there are few, some are thawed, and delivered before."""
    store = sessions.store_of(at)
    ready = _held(store, vaccine, StorageCondition.THAWED, now)
    if ready is not None:
        return ready
    frozen = _held(store, vaccine, StorageCondition.STORED, now)
    if frozen is None:
        frozen = delivered(vaccine, vials=VIALS_DELIVERED, at=at, context=context)
    ledger.change_storage(store=store, item=frozen, vials=VIALS_NEEDED, to=StorageCondition.THAWED, context=context)
    return items.moved_to(frozen, StorageCondition.THAWED, now=context.now)


def delivered(vaccine: Vaccine, *, vials: int, at: VaccinationSite, context: EntryContext) -> StockItem:
    """Vials of a batch of the day, received by the site."""
    today = timezone.localdate(context.now)
    batch, _is_new = Batch.objects.get_or_create(
        vaccine=vaccine, number=f"FG{today:%m%d}", defaults={"expires_on": today + KEEPS_FOR}
    )
    item = items.vaccine_item(batch=batch, doses_per_vial=DOSES_A_VIAL)
    lines = [EntryLine(item, vials)]
    ledger.receive(store=sessions.store_of(at), lines=lines, outside_party=demo_stock.DISTRIBUTOR, context=context)
    return item


def _held(store: Store, vaccine: Vaccine, storage: StorageCondition, now: datetime) -> StockItem | None:
    """The vials to use first of those of which the store has enough in this storage condition."""
    for one in choosing.closed_vials(store, now=now):
        batch, is_enough = one.item.batch, one.quantity >= VIALS_NEEDED
        if batch and batch.vaccine_id == vaccine.pk and one.item.storage == storage and one.is_usable and is_enough:
            return one.item
    return None
