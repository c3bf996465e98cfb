"""The vial to open: by a scan or a typed number of its batch, among the closed vials of the site's store."""

from collections.abc import Iterable
from datetime import datetime

from logistics.models import StorageCondition, Store
from logistics.stock import on_hand
from logistics.stock.on_hand import Holding
from logistics.vaccines import scanning
from logistics.vaccines.scanning import Recognised
from vaccination.vials import errors


def closed_vials(store: Store, *, now: datetime) -> list[Holding]:
    """The closed vials of the store: thawed ones first, then by the moment when they run out, unusable ones last."""
    held = [one for one in on_hand.holdings(store, now) if one.item.batch_id and not one.item.is_open]
    first = on_hand.first_to_use(held)
    return sorted(first, key=lambda one: (not one.is_usable, one.item.storage == StorageCondition.STORED))


def chosen_by(text: str, among: Iterable[Holding]) -> Holding:
    """The first of the vials that the scanned or typed `text` means.

    It is the code of the pack or the number of the batch, from a scanner on a Czech keyboard too. Raises
    UnreadableScan, its kind WrongKeyboard where Y and Z may be exchanged, and NothingToOpen where the store holds no
    such vial that may be used.
    """
    found = scanning.recognise(text)
    fitting = [one for one in among if one.is_usable and _is_of(one, found)]
    if not fitting:
        name = found.batch_number or (found.vaccine.name if found.vaccine else "")
        raise errors.NothingToOpen(what=name or "–")
    return fitting[0]


def _is_of(holding: Holding, found: Recognised) -> bool:
    batch = holding.item.batch
    if batch is None:
        return False
    if found.batch is not None:
        return batch == found.batch
    if found.batch_number:
        return batch.number == found.batch_number and found.vaccine in (None, batch.vaccine)
    return found.vaccine is not None and batch.vaccine == found.vaccine
