"""Doses left in opened vials at the end of a day, and throwing them away in one step."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from crs.sent_forms import NO_FORM
from logistics.models import StockBalance, StockItem, StockMovement, StorageCondition, VaccinationSite
from logistics.stock import ledger
from logistics.stock.ledger import EntryContext, EntryLine
from vaccination.models import VialSession, VialWaste

End = VialSession.End


@dataclass(frozen=True)
class Leftover:
    """Opened doses of an item in the site's store, and the vials in which they are as far as stations know."""

    item: StockItem
    doses: int
    vials: tuple[VialSession, ...]
    is_over: bool
    may_be_kept: bool

    @property
    def in_vials(self) -> int:
        """Doses left by the count of the stations; the stock may say otherwise."""
        return sum(vial.left for vial in self.vials)


def leftovers(site: VaccinationSite, day: date, now: datetime, *, is_locked: bool = False) -> list[Leftover]:
    """The opened doses that the closing of the Prague `day` has to deal with, also those past their use-by.

    Of a day that is over these are the vials whose time is over: what may still be used belongs to the day after.
    `is_locked` locks vials and balances, in this order, each by rising key. Three queries.
    """
    is_past = day < timezone.localdate(now)
    ends = end_of(day)
    sessions = VialSession.objects.with_rest().filter(station__site=site).order_by("pk")
    opened_by_then = StockMovement.objects.filter(
        item=OuterRef("item"), document__store=OuterRef("store"), document__happened_on__lte=day, quantity__gt=0
    )
    balances = StockBalance.objects.present().filter(
        Exists(opened_by_then), store__site=site, item__storage=StorageCondition.OPEN
    )
    if is_past:
        sessions = sessions.filter(item__use_by__lt=now)
        balances = balances.filter(item__use_by__lt=now)
    if is_locked:
        sessions = sessions.select_for_update(no_key=True, of=("self",))
        balances = balances.select_for_update(no_key=True, of=("self",))
    vials: dict[int, list[VialSession]] = defaultdict(list)
    later: dict[int, int] = defaultdict(int)
    items: dict[int, StockItem] = {}
    for vial in sessions.select_related("station", "item__batch__vaccine"):
        if vial.opened_at >= ends:
            later[vial.item_id] += vial.left
            continue
        vials[vial.item_id].append(vial)
        items[vial.item_id] = vial.item
    held: dict[int, int] = {}
    for balance in balances.select_related("item__batch__vaccine").order_by("store_id", "item_id"):
        held[balance.item_id] = balance.quantity
        items[balance.item_id] = balance.item
    rows = [_leftover(item, held.get(key, 0) - later[key], vials[key], ends, now) for key, item in items.items()]
    return sorted((one for one in rows if one.doses or one.vials), key=lambda one: (one.item.label, one.item.pk))


def clear(
    *, rows: Sequence[Leftover], kept: Collection[int], site: VaccinationSite, reason: str, context: EntryContext
) -> int:
    """Throw the doses of the locked `rows` away for a `reason`, and return how many; end their vials.

    Items whose keys are in `kept` stay in the stock, their vials are put aside. Runs in the caller's transaction.
    """
    thrown = [one for one in rows if one.item.pk not in kept]
    wastes = [VialWaste(vial=vial, doses=vial.left) for one in thrown if one.doses for vial in one.vials]
    for one in rows:
        for vial in one.vials:
            _end(vial, is_kept=one.item.pk in kept, is_over=one.is_over, at=context.moment)
    lines = [EntryLine(one.item, one.doses) for one in thrown if one.doses]
    if lines:
        balance = StockBalance.objects.select_related("store").filter(store__site=site).order_by("pk")[0]
        entry = replace(context, form=NO_FORM)
        document = ledger.waste(store=balance.store, lines=lines, reason=reason, context=entry)
        for waste in wastes:
            waste.document = document
        VialWaste.objects.bulk_create(wastes)
    return sum(line.quantity for line in lines)


def end_of(day: date) -> datetime:
    """The midnight in Prague that ends the day."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def _leftover(item: StockItem, doses: int, vials: Iterable[VialSession], ends: datetime, now: datetime) -> Leftover:
    is_over = item.use_by is not None and item.use_by < now
    batch = item.batch
    lasts = item.use_by is None or item.use_by > ends
    may_be_used = (
        batch is not None and not batch.blocked_at and (not batch.expires_on or ends.date() <= batch.expires_on)
    )
    return Leftover(item, max(0, doses), tuple(vials), is_over, lasts and may_be_used)


def _end(vial: VialSession, *, is_kept: bool, is_over: bool, at: datetime) -> None:
    if is_kept:
        how = End.PUT_ASIDE
    else:
        how = End.OUT_OF_TIME if is_over else End.WASTED
        vial.wasted += vial.left
    vial.end = how if vial.end in ("", End.PUT_ASIDE) else vial.end
    vial.ended_at = vial.ended_at or max(at, vial.opened_at)
    vial.save(update_fields=["wasted", "end", "ended_at"])
