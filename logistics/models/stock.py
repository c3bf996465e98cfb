"""Stock: the documents and movements that brought the items of a store and took them, and its balances.

Only `logistics/stock/ledger.py` and the imports write these tables. Documents and movements are never edited or
deleted, and the database itself moves the balances (`logistics/sql/`): docs/adr/0008-ledger.md.
"""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, When
from django.utils.translation import gettext_lazy as _

from logistics.models.stores import StockItem, Store
from logistics.models.vaccines import StorageCondition


def _reversal_of(document: str) -> "StockDocumentQuerySet":
    """The document that reverses the one in the field `document`, for use with EXISTS.

    `reversed_by__isnull` would make a join. PostgreSQL expects that join to leave a single row, and then reads every
    store for each of sixty thousand documents.
    """
    return StockDocument.objects.filter(reverses=OuterRef(document))


class StockDocumentQuerySet(models.QuerySet["StockDocument"]):
    """Questions about documents."""

    def not_reversed(self) -> "StockDocumentQuerySet":
        """Documents that were not reversed."""
        return self.filter(~Exists(_reversal_of("pk")))

    def delivering(self, dispatch: "StockDocument | OuterRef") -> "StockDocumentQuerySet":
        """The delivery that confirms `dispatch`, unless it was reversed; one document at most."""
        return self.not_reversed().filter(confirms=dispatch)

    def in_transit(self) -> "StockDocumentQuerySet":
        """Dispatches on the way: neither reversed nor delivered."""
        delivered = StockDocument.objects.delivering(OuterRef("pk"))
        return self.not_reversed().filter(~Exists(delivered), kind=StockDocument.Kind.DISPATCH)


class StockDocument(models.Model):
    """One entry of a store's ledger, such as a receipt or an opening of vials; its movements are what it changed."""

    class Kind(models.TextChoices):
        """The kind of the entry."""

        ESTABLISHMENT = "ESTABLISHMENT", _("store established")
        RECEIPT = "RECEIPT", _("receipt")
        DISPATCH = "DISPATCH", _("dispatch to another store")
        DELIVERY = "DELIVERY", _("delivery from another store")
        ISSUE = "ISSUE", _("issue out of the network")
        STORAGE = "STORAGE", _("change of storage")
        OPENING = "OPENING", _("opening of vials")
        CONSUMPTION = "CONSUMPTION", _("doses used")
        WASTE = "WASTE", _("waste")
        STOCKTAKE = "STOCKTAKE", _("stocktake")
        REVERSAL = "REVERSAL", _("reversal")

    class Reason(models.TextChoices):
        """The reason of a waste, of a reversal, or of a count that differs."""

        BROKEN = "BROKEN", _("broken or leaking")
        COLD_CHAIN = "COLD_CHAIN", _("cold chain broken")
        EXPIRED = "EXPIRED", _("expired or past its use-by")
        BLOCKED = "BLOCKED", _("batch blocked")
        LEFT_OVER = "LEFT_OVER", _("left over, nobody to give it to")
        SPOILED = "SPOILED", _("spoiled while preparing or giving")
        LOST = "LOST", _("lost or missing")
        MISCOUNTED = "MISCOUNTED", _("counted wrong before")
        EXTRA_DOSE = "EXTRA_DOSE", _("extra dose drawn from a vial")
        MISTAKE = "MISTAKE", _("entered by mistake")
        OTHER = "OTHER", _("other, see the note")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    store = models.ForeignKey(Store, models.PROTECT, related_name="documents", verbose_name=_("store"))
    counterpart = models.ForeignKey(
        Store,
        models.PROTECT,
        related_name="counterpart_documents",
        verbose_name=_("other store"),
        null=True,
        blank=True,
        help_text=_("Where a dispatch goes, where a delivery comes from."),
    )
    outside_party = models.CharField(
        _("supplier or recipient"), max_length=200, blank=True, help_text=_("Of a receipt or an issue, outside CRS.")
    )
    happened_on = models.DateField(_("day"), help_text=_("The day in Prague to which it belongs."))
    happened_at = models.DateTimeField(
        _("happened at"),
        null=True,
        blank=True,
        help_text=_("Where it was recorded later than it happened, as after an outage; empty: when it was recorded."),
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="stock_documents",
        verbose_name=_("recorded by"),
        null=True,
        blank=True,
        help_text=_("Empty: an import."),
    )
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, related_name="reversed_by", verbose_name=_("reverses"), null=True, blank=True
    )
    confirms = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="confirmed_by",
        verbose_name=_("delivery of"),
        null=True,
        blank=True,
        help_text=_("The dispatch that a delivery confirms."),
    )
    attempt = models.PositiveSmallIntegerField(
        _("attempt"), default=1, help_text=_("A delivery may be confirmed again after its reversal.")
    )
    import_row = models.CharField(
        _("imported row"), max_length=40, blank=True, help_text=_("Fingerprint of the row of a ministry's file.")
    )

    objects = StockDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock document")
        verbose_name_plural = _("stock documents")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(happened_at__isnull=True) | Q(happened_at__lte=F("recorded_at")),
                name="document_is_not_from_the_future",
            ),
            models.UniqueConstraint("confirms", "attempt", name="dispatch_is_delivered_once"),
            models.UniqueConstraint("import_row", "kind", name="row_is_imported_once", condition=~Q(import_row="")),
            models.CheckConstraint(
                condition=Q(kind="REVERSAL", reverses__isnull=False) | (~Q(kind="REVERSAL") & Q(reverses__isnull=True)),
                name="reversal_reverses",
            ),
            models.CheckConstraint(
                condition=Q(kind="DELIVERY", confirms__isnull=False, counterpart__isnull=False)
                | (~Q(kind="DELIVERY") & Q(confirms__isnull=True)),
                name="delivery_confirms_a_dispatch",
            ),
            models.CheckConstraint(
                condition=~Q(kind="DISPATCH") | (Q(counterpart__isnull=False) & ~Q(counterpart=F("store"))),
                name="dispatch_goes_elsewhere",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=("WASTE", "REVERSAL")) | ~Q(reason=""), name="waste_and_reversal_have_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["store", "-id"], name="documents_of_a_store"),
            models.Index(fields=["counterpart", "kind"], name="documents_to_a_store"),
            models.Index(fields=["happened_on", "kind"], name="documents_of_a_day"),
        ]
        triggers = [pgtrigger.Protect(name="never_edited", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number on paper: kind, year and the running number, such as DL-2021-0001234."""
        return f"{PREFIXES[self.kind]}-{self.happened_on:%Y}-{self.pk or 0:07d}"


# Reversals would have no end, and a store that was established stays.
IRREVERSIBLE_KINDS = (StockDocument.Kind.REVERSAL, StockDocument.Kind.ESTABLISHMENT)

# The first letters of a document's number, from its Czech name.
PREFIXES: dict[str, str] = {
    StockDocument.Kind.ESTABLISHMENT: "ZS",
    StockDocument.Kind.RECEIPT: "PR",
    StockDocument.Kind.DISPATCH: "DL",
    StockDocument.Kind.DELIVERY: "PD",
    StockDocument.Kind.ISSUE: "VY",
    StockDocument.Kind.STORAGE: "SK",
    StockDocument.Kind.OPENING: "OT",
    StockDocument.Kind.CONSUMPTION: "SP",
    StockDocument.Kind.WASTE: "ZN",
    StockDocument.Kind.STOCKTAKE: "IN",
    StockDocument.Kind.REVERSAL: "ST",
}


class StockMovementQuerySet(models.QuerySet["StockMovement"]):
    """Questions about movements."""

    def not_reversed(self) -> "StockMovementQuerySet":
        """Movements whose document was not reversed."""
        return self.filter(~Exists(_reversal_of("document")))


class StockMovement(models.Model):
    """The amount of an item that a document added to its store (positive) or took from it (negative)."""

    document = models.ForeignKey(StockDocument, models.PROTECT, related_name="movements", verbose_name=_("document"))
    item = models.ForeignKey(StockItem, models.PROTECT, related_name="movements", verbose_name=_("item"))
    quantity = models.IntegerField(_("quantity"), help_text=_("Vials; doses of opened vials; pieces of a material."))

    objects = StockMovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint("document", "item", name="item_moves_once_in_a_document"),
            models.CheckConstraint(condition=~Q(quantity=0), name="movement_moves"),
        ]
        triggers = [pgtrigger.Protect(name="never_edited", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.document}: {self.quantity:+d} × {self.item}"


class StockBalanceQuerySet(models.QuerySet["StockBalance"]):
    """Questions about balances."""

    def present(self) -> "StockBalanceQuerySet":
        """Balances above zero."""
        return self.filter(quantity__gt=0)


class StockBalance(models.Model):
    """The amount of an item in a store now. The database keeps it equal to the sum of the movements."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="balances", verbose_name=_("store"))
    item = models.ForeignKey(StockItem, models.PROTECT, related_name="balances", verbose_name=_("item"))
    quantity = models.IntegerField(_("quantity"))

    objects = StockBalanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock balance")
        verbose_name_plural = _("stock balances")
        ordering = ("store", "item")
        constraints = [
            models.UniqueConstraint("store", "item", name="balance_is_unique"),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="balance_is_not_negative"),
        ]
        indexes = [models.Index(fields=["item"], name="who_holds_an_item", condition=Q(quantity__gt=0))]

    def __str__(self) -> str:
        return f"{self.store}: {self.quantity} × {self.item}"


# Two expressions over movements and balances. IS_OPEN finds those of opened vials; DOSES is the doses of a row, as
# `StockItem.doses_in` computes them.
IS_OPEN = Q(item__storage=StorageCondition.OPEN)
DOSES = Case(
    When(IS_OPEN, then=F("quantity")), default=F("quantity") * F("item__doses_per_vial"), output_field=IntegerField()
)
