"""Stock items: the item that a vial becomes when it is thawed or opened, and the clock that then runs."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from logistics.models import Batch, Material, StockItem, StorageCondition, StorageRule
from logistics.stock.errors import NoSuchStorage

_PRAGUE = ZoneInfo(settings.TIME_ZONE)
# From each storage condition to those that may follow it; nothing is ever frozen again (product information of 2021).
NEXT_STORAGE: dict[str, tuple[StorageCondition, ...]] = {
    StorageCondition.STORED: (StorageCondition.FREEZER, StorageCondition.THAWED, StorageCondition.ROOM),
    StorageCondition.FREEZER: (StorageCondition.THAWED, StorageCondition.ROOM),
    StorageCondition.THAWED: (StorageCondition.ROOM,),
}


def vaccine_item(
    *, batch: Batch, doses_per_vial: int, storage: str = StorageCondition.STORED, use_by: datetime | None = None
) -> StockItem:
    """The item of these vials; it is made where there is none yet."""
    item, _is_new = StockItem.objects.get_or_create(
        batch=batch, doses_per_vial=doses_per_vial, storage=storage, use_by=use_by, material=None
    )
    return item


def material_item(material: Material) -> StockItem:
    """The item of a material; it is made where there is none yet."""
    item, _is_new = StockItem.objects.get_or_create(material=material)
    return item


def moved_to(item: StockItem, storage: StorageCondition, *, now: datetime) -> StockItem:
    """The item that a vial of `item` becomes in `storage`, with its new use-by. Raises NoSuchStorage.

    A new clock never ends after the clock of thawing, nor after the printed expiry. The clocks of freezer and room say
    only how long a closed vial may stay there: a vial that leaves in time keeps like any other (SmPC of 2021).
    """
    if storage != StorageCondition.OPEN and storage not in NEXT_STORAGE.get(item.storage, ()):
        raise NoSuchStorage
    assert item.batch is not None and item.doses_per_vial is not None, "a closed vial"  # noqa: S101, PT018
    use_by = clock(item.batch.vaccine_id, storage, now=now)
    if use_by is None and storage != StorageCondition.OPEN:
        raise NoSuchStorage
    running = None if item.storage in (StorageCondition.FREEZER, StorageCondition.ROOM) else item.use_by
    ends = [end for end in (use_by, earlier_end(running, item.batch)) if end is not None]
    return vaccine_item(
        batch=item.batch, doses_per_vial=item.doses_per_vial, storage=storage, use_by=min(ends, default=None)
    )


def clock(vaccine_id: str, storage: str, *, now: datetime) -> datetime | None:
    """The moment when a clock that starts now runs out, to the minute; None where no rule says it."""
    keeps = keeps_for(vaccine_id, storage, today=timezone.localdate(now))
    # In UTC: 6 hours are 6 hours also in the night when summer time begins.
    return None if keeps is None else (now.astimezone(UTC) + keeps).replace(second=0, microsecond=0)


def keeps_for(vaccine_id: str, storage: str, *, today: date) -> timedelta | None:
    """The time for which a vial keeps in `storage` by the rule valid `today`.

    None means until its printed expiry, or that no rule says it.
    """
    rules = StorageRule.objects.valid_on(today).filter(vaccine=vaccine_id, storage=storage)
    return rules.values_list("keeps", flat=True).first()


def good_until(item: StockItem) -> datetime | None:
    """The last moment in which the item may be used: the end of its clock or of its last day; None: not known."""
    return earlier_end(item.use_by, item.batch)


def earlier_end(use_by: datetime | None, batch: Batch | None) -> datetime | None:
    """The end of a clock or of the batch's last day in Prague, whichever is earlier; None where neither is known."""
    ends = [] if use_by is None else [use_by]
    if batch is not None and batch.expires_on is not None:
        ends.append(datetime.combine(batch.expires_on + timedelta(days=1), time.min, _PRAGUE))
    return min(ends, default=None)
