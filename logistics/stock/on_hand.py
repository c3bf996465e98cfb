"""The stock of a store as its screens show it: vials beside doses, clocks, and marks of what must not be used."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from logistics.models import Batch, StockBalance, StockDocument, StockItem, StorageCondition, StorageRule, Store
from logistics.stock import items
from logistics.vaccines.batches import TO_BE_USED_FIRST

_ORDER = {storage: number for number, storage in enumerate(StorageCondition.values)}
_NEVER = datetime.max.replace(tzinfo=timezone.get_default_timezone())


def amount(item: StockItem, quantity: int) -> str:
    """`quantity` of `item` in words: '10 vials', '7 doses' of opened ones, '100 pieces' of a material."""
    if item.is_open:
        return doses_text(quantity)
    count = _grouped(quantity)
    if item.material_id is not None:
        return ngettext("%(count)s piece", "%(count)s pieces", quantity) % {"count": count}
    return ngettext("%(count)s vial", "%(count)s vials", quantity) % {"count": count}


def doses_text(doses: int) -> str:
    """`doses` in words, such as '7 doses'."""
    return ngettext("%(count)s dose", "%(count)s doses", doses) % {"count": _grouped(doses)}


def moment(when: datetime, now: datetime) -> str:
    """A moment as people say it: 'today 15:20', else day and time."""
    local = timezone.localtime(when)
    if local.date() == timezone.localdate(now):
        return _("today %(time)s") % {"time": date_format(local, "G:i")}
    return date_format(local, "j. n. Y G:i")


@dataclass(frozen=True)
class Mark:
    """A warning at a line. A `kind` of blocked, expired or past forbids to use it; soon says that this is near."""

    kind: str
    text: str

    @property
    def is_stop(self) -> bool:
        """Whether the marked stock must not be used."""
        return self.kind != "soon"


@dataclass(frozen=True)
class Holding:
    """An item in a store with its `quantity`, counted in vials, opened doses or pieces."""

    item: StockItem
    quantity: int
    now: datetime

    @property
    def amount(self) -> str:
        """The quantity in words."""
        return amount(self.item, self.quantity)

    @property
    def doses(self) -> int:
        """The doses in it; 0 of a material."""
        return self.item.doses_in(self.quantity)

    @property
    def doses_text(self) -> str:
        """The doses in closed vials in words, to stand beside the vials; empty for anything else."""
        return "" if self.item.is_open or self.item.batch_id is None else doses_text(self.doses)

    @property
    def unit(self) -> str:
        """The unit of the quantity, as the head of a column."""
        if self.item.is_open:
            return pgettext("unit", "doses")
        return pgettext("unit", "vials") if self.item.batch_id else pgettext("unit", "pieces")

    @property
    def storage_condition(self) -> str:
        """The storage condition in words; empty for a material."""
        return self.item.get_storage_display()

    @property
    def use_by(self) -> str:
        """The end of the item's clock in words; empty where none runs."""
        return "" if self.item.use_by is None else moment(self.item.use_by, self.now)

    @cached_property
    def mark(self) -> Mark | None:
        """The mark that the keeper must see first: a batch that must not be used, then the item's clock."""
        found = None if self.item.batch is None else batch_mark(self.item.batch, self.now)
        return found if found and found.is_stop else self.clock_mark or found

    @cached_property
    def clock_mark(self) -> Mark | None:
        """The mark of the clock that thawing or opening started."""
        use_by = self.item.use_by
        if use_by is None:
            return None
        if use_by < self.now:
            return Mark("past", _("Use-by passed: %(time)s") % {"time": self.use_by})
        if use_by - self.now < TO_BE_USED_FIRST and not self.item.is_open:
            return Mark("soon", _("Use soon: by %(time)s") % {"time": self.use_by})
        return None

    @property
    def is_usable(self) -> bool:
        """Whether the stock may be opened, used and handed on."""
        return self.mark is None or not self.mark.is_stop

    @property
    def waste_reason(self) -> str:
        """The reason that the form of waste suggests; empty where the stock may be used."""
        if self.mark is None or not self.mark.is_stop:
            return ""
        is_blocked = self.mark.kind == "blocked"
        return StockDocument.Reason.BLOCKED if is_blocked else StockDocument.Reason.EXPIRED


@dataclass(frozen=True)
class BatchRow:
    """A batch in a store: its closed and its opened vials."""

    batch: Batch
    mark: Mark | None
    closed: list[Holding] = field(default_factory=list)
    opened: list[Holding] = field(default_factory=list)

    @property
    def vials(self) -> str:
        """Closed vials, in words."""
        return amount(self.closed[0].item, sum(holding.quantity for holding in self.closed)) if self.closed else ""

    @property
    def doses(self) -> str:
        """Doses in the closed vials, in words."""
        return doses_text(sum(holding.doses for holding in self.closed))

    @property
    def opened_doses(self) -> str:
        """Doses of opened vials, in words."""
        return doses_text(sum(holding.quantity for holding in self.opened))


@dataclass(frozen=True)
class Contents:
    """The stock of a store: its batches and its materials."""

    batches: list[BatchRow]
    materials: list[Holding]


def batch_mark(batch: Batch, now: datetime) -> Mark | None:
    """The mark of a batch that is blocked, expired, or about to expire."""
    if batch.is_blocked:
        return Mark("blocked", _("Blocked: %(reason)s") % {"reason": batch.block_reason})
    if batch.expires_on is None:
        return None
    left = (batch.expires_on - timezone.localdate(now)).days
    if left < 0:
        return Mark(
            "expired", _("Expired: its last day was %(day)s") % {"day": date_format(batch.expires_on, "j. n. Y")}
        )
    if left == 0:
        return Mark("soon", _("Today is its last day"))
    if left <= TO_BE_USED_FIRST.days:
        return Mark("soon", ngettext("Expires in %(days)d day", "Expires in %(days)d days", left) % {"days": left})
    return None


def holdings(store: Store, now: datetime, *, also: Collection[int] = ()) -> list[Holding]:
    """The stock of a store by vaccine, expiry and storage condition, materials last. One query.

    `also` are ids of items to list even if none is left: a page showed them before.
    """
    found = StockBalance.objects.filter(store=store).filter(Q(quantity__gt=0) | Q(item__in=also))
    rows = found.select_related("item__batch__vaccine", "item__material")
    return sorted((Holding(row.item, row.quantity, now) for row in rows), key=_sort_key)


def first_to_use(found: Iterable[Holding]) -> list[Holding]:
    """The usable holdings first, by the moment when they run out, then the others."""
    return sorted(found, key=lambda holding: (not holding.is_usable, items.good_until(holding.item) or _NEVER))


def moves(found: Iterable[Holding], *, today: date) -> dict[int, str]:
    """Where closed vials can be moved, in words, by item id. Items that cannot be moved are left out."""
    listed = list(found)
    vaccines = {holding.item.batch.vaccine_id for holding in listed if holding.item.batch}
    rules = StorageRule.objects.valid_on(today).filter(vaccine__in=vaccines)
    # A rule without a time withdraws the storage condition: `items.moved_to` then refuses it too.
    known = {(rule.vaccine_id, rule.storage) for rule in rules if rule.keeps is not None}
    possible = {
        holding.item.pk: [
            str(to.label)
            for to in items.NEXT_STORAGE.get(holding.item.storage, ())
            if holding.item.batch and (holding.item.batch.vaccine_id, to) in known
        ]
        for holding in listed
    }
    return {item: " / ".join(kinds) for item, kinds in possible.items() if kinds}


def contents(store: Store, now: datetime) -> Contents:
    """The stock of the store, a row a batch. One query."""
    rows: dict[int, BatchRow] = {}
    materials = []
    for holding in holdings(store, now):
        batch = holding.item.batch
        if batch is None:
            materials.append(holding)
            continue
        row = rows.setdefault(batch.pk, BatchRow(batch, batch_mark(batch, now)))
        (row.opened if holding.item.is_open else row.closed).append(holding)
    return Contents(list(rows.values()), materials)


def _sort_key(holding: Holding) -> tuple[object, ...]:
    item, batch = holding.item, holding.item.batch
    if batch is None:
        return (1, item.material_id)
    expiry = "" if batch.expires_on is None else batch.expires_on.isoformat()
    until = _NEVER if item.use_by is None else item.use_by
    return (0, batch.vaccine.name, expiry, batch.number, batch.pk, _ORDER[item.storage], until, item.pk)


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)
