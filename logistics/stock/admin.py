"""The staff's screens of stock: read only, each member of staff the rows of their own stores.

What changes stock is on the pages under /sklad/: here rows are looked up, filtered and compared.
"""

import re
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from logistics.models import Material, StockBalance, StockDocument, StockMovement, Store
from logistics.staff.admin_scope import EditedByMinistry, SeenInStores, _stores

# As printed on a document: kind, year, running number; or the running number alone.
_DOCUMENT_NUMBER = re.compile(r"(?:[A-Z]{2}-\d{4}-)?0*(\d{1,18})", re.IGNORECASE)


@admin.register(Store)
class StoreAdmin(SeenInStores, admin.ModelAdmin[Store]):
    """Stores; what is in one is in its overview."""

    list_display = ("name", "kind", "site", "region", "page")
    list_filter = ("kind",)
    list_select_related = ("site", "region")
    list_per_page = 50
    search_fields = ("name",)
    fields = ("name", "kind", "site", "region", "page")
    readonly_fields = ("page",)

    @admin.display(description=_("overview"))
    def page(self, store: Store) -> SafeString:
        """The way to its stock."""
        address = reverse("logistics:store_report", args=[store.pk])
        return format_html('<a href="{}">{}</a>', address, _("Stock overview"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Store]:
        """The stores that the user sees."""
        return super().get_queryset(request).filter(pk__in=_stores(request))


class MovementInline(SeenInStores, admin.TabularInline[StockMovement, StockDocument]):
    """What the document changed."""

    model = StockMovement
    extra = 0
    fields = ("item", "regime", "use_by", "quantity")
    readonly_fields = ("regime", "use_by")

    @admin.display(description=_("regime"))
    def regime(self, movement: StockMovement) -> str:
        """How it is kept: moved to another regime, the same vials stand in two rows."""
        return str(movement.item.get_storage_display()) or "–"

    @admin.display(description=_("use by"))
    def use_by(self, movement: StockMovement) -> str:
        """The end of its clock. In words: Django writes out what is computed for a row as it is."""
        use_by = movement.item.use_by
        return "–" if use_by is None else date_format(timezone.localtime(use_by), "j. n. Y G:i")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockMovement]:
        """With what the label of an item reads."""
        return super().get_queryset(request).select_related("item__batch__vaccine", "item__material")


class StoreKindFilter(admin.ChoicesFieldListFilter):
    """By the kind of the store; beside the kind of the document it needs its own name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("kind of store")  # the field's own name was put there


@admin.register(StockDocument)
class StockDocumentAdmin(SeenInStores, admin.ModelAdmin[StockDocument]):
    """Documents of the ledger, never edited: a mistake is reversed on the pages of the store."""

    list_display = ("numbered", "kind", "store", "counterpart", "happened_on", "recorded_by", "reason", "is_reversed")
    list_filter = ("kind", "reason", ("store__kind", StoreKindFilter))
    list_select_related = ("store", "counterpart", "recorded_by", "reversed_by")
    list_per_page = 50
    show_full_result_count = False
    date_hierarchy = "happened_on"
    search_fields = ("store__name",)
    search_help_text = _("Number of the document, or the name of the store.")
    inlines = (MovementInline,)

    @admin.display(description=_("number"), ordering="pk")
    def numbered(self, document: StockDocument) -> str:
        """As on paper."""
        return document.number

    @admin.display(description=_("reversed"), boolean=True)
    def is_reversed(self, document: StockDocument) -> bool:
        """Whether it does not count."""
        return hasattr(document, "reversed_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockDocument]:
        """Those of the stores that the user sees."""
        return super().get_queryset(request).filter(store__in=_stores(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StockDocument], search_term: str
    ) -> tuple[QuerySet[StockDocument], bool]:
        """A number as printed finds its document."""
        number = _DOCUMENT_NUMBER.fullmatch(search_term.strip())
        if number:
            return queryset.filter(pk=int(number[1])), False
        return super().get_search_results(request, queryset, search_term)


@admin.register(StockBalance)
class StockBalanceAdmin(SeenInStores, admin.ModelAdmin[StockBalance]):
    """What is where now."""

    list_display = ("store", "item", "regime", "use_by", "quantity")
    list_filter = ("item__storage", "item__batch__vaccine", ("store__kind", StoreKindFilter))
    list_select_related = ("store", "item__batch__vaccine", "item__material")
    list_per_page = 50
    search_fields = ("store__name", "item__batch__number")
    search_help_text = _("Name of the store or number of the batch.")

    @admin.display(description=_("regime"))
    def regime(self, balance: StockBalance) -> str:
        """How it is kept."""
        return str(balance.item.get_storage_display())

    @admin.display(description=_("use by"))
    def use_by(self, balance: StockBalance) -> Any:
        """The end of its clock."""
        return balance.item.use_by

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockBalance]:
        """What is there, in the stores that the user sees."""
        rows = super().get_queryset(request).filter(quantity__gt=0)
        return rows.filter(store__in=_stores(request))


@admin.register(Material)
class MaterialAdmin(EditedByMinistry, admin.ModelAdmin[Material]):
    """What is counted in pieces."""

    list_display = ("code", "name", "name_cs")
    list_display_links = ("code", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Material | None = None) -> tuple[str, ...]:
        """The code is chosen once."""
        return ("code",) if obj else ()
