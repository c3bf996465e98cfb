"""Demonstration stock of a local run: a distributor, a few sites' stores, filled a month ago, and their last ten days.

Everything goes through the ledger, as staff would do it. A store that exists already is left as it is, so a second run
makes nothing twice.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from logistics.models import Batch, Material, StockItem, StorageCondition, Store, VaccinationSite, Vaccine
from logistics.stock import items, ledger
from logistics.stock.ledger import EntryContext, EntryLine
from logistics.vaccines.batches import block

DISTRIBUTOR = "Distributor vakcín"
DAYS = 10
STOCKED_DAYS = 30  # so long ago the first delivery came
# Vaccine, batch number, doses a vial, days to expiry.
BATCHES = (("comirnaty", "EJ6797", 6, 75), ("comirnaty", "FE8405", 6, 5), ("spikevax", "3001651", 10, 120))
WITHDRAWN = ("vaxzevria", "ABV5300", 10, 60)
WITHDRAWN_BECAUSE = "Ukázka: výrobce šarži stahuje, nepoužívejte ji a vraťte ji distributorovi."
VIALS_DELIVERED = (60, 12, 20)


@transaction.atomic
def load_stock(*, sites: Iterable[VaccinationSite], by: User, now: datetime) -> int:
    """Establish the stores of `sites` and play their last ten days, all done by `by`; returns how many were new."""
    new = [site for site in sites if not Store.objects.filter(site=site).exists()]
    if not new:
        return 0
    start = EntryContext(by=by, now=now - timedelta(days=STOCKED_DAYS))
    batches = [_batch(*row, now=now) for row in (*BATCHES, WITHDRAWN)]
    distributor = Store.objects.filter(kind=Store.Kind.DISTRIBUTOR, name=DISTRIBUTOR).first()
    if distributor is None:
        distributor = ledger.establish(name=DISTRIBUTOR, phone="+420 210 000 000", context=start)
        delivered = [EntryLine(item, 2000) for item in batches] + [EntryLine(item, 20_000) for item in _materials()]
        ledger.receive(store=distributor, lines=delivered, outside_party="Výrobci", context=start)
    for site in new:
        _play(ledger.establish(site=site, context=start), distributor=distributor, batches=batches, by=by, now=now)
    withdrawn = batches[-1].batch
    if withdrawn is not None and not withdrawn.is_blocked:
        block(batch=withdrawn, reason=WITHDRAWN_BECAUSE, by=by, now=now)
    return len(new)


def _play(store: Store, *, distributor: Store, batches: Sequence[StockItem], by: User, now: datetime) -> None:
    """Play a site's last days: a delivery, vials and doses used each day, a little waste, a delivery on its way."""
    start = EntryContext(by=by, now=now - timedelta(days=STOCKED_DAYS) + timedelta(hours=1))
    lines = [EntryLine(item, vials) for item, vials in zip(batches, (*VIALS_DELIVERED, 5), strict=True)]
    lines += [EntryLine(material, 500) for material in _materials()]
    dispatch = ledger.send(store=distributor, to=store, lines=lines, context=start)
    ledger.confirm_delivery(dispatch=dispatch, counted={line.item.pk: line.quantity for line in lines}, context=start)
    comirnaty, _short, spikevax, _withdrawn = batches
    for ago in range(DAYS - 1, 0, -1):
        morning = EntryContext(by=by, now=now - timedelta(days=ago))
        for item, vials in ((comirnaty, 3 + ago % 3), (spikevax, 1)):
            opening = ledger.open_vials(store=store, item=item, vials=vials, context=morning)
            opened = opening.movements.get(quantity__gt=0)
            left = 2 if ago % 4 == 0 else 0
            ledger.consume(store=store, item=opened.item, doses=opened.quantity - left, context=morning)
            if left:
                ledger.waste(store=store, lines=[EntryLine(opened.item, left)], reason="LEFT_OVER", context=morning)
    evening = EntryContext(by=by, now=now - timedelta(hours=12))
    ledger.change_storage(store=store, item=comirnaty, vials=6, to=StorageCondition.THAWED, context=evening)
    ledger.send(store=distributor, to=store, lines=[EntryLine(comirnaty, 30)], context=EntryContext(by=by, now=now))


def _batch(vaccine: str, number: str, doses_per_vial: int, days: int, *, now: datetime) -> StockItem:
    batch, _is_new = Batch.objects.get_or_create(
        vaccine=Vaccine.objects.get(pk=vaccine),
        number=number,
        defaults={"expires_on": (now + timedelta(days=days)).date()},
    )
    return items.vaccine_item(batch=batch, doses_per_vial=doses_per_vial)


def _materials() -> list[StockItem]:
    return [items.material_item(material) for material in Material.objects.all()]
