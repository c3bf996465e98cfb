"""The admin's screens of stock: each member of staff reads the rows of their own stores.

What changes stock is on the pages under /sklad/: here rows are looked up, filtered and compared.
"""

import re
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crs.typed import ordinary, signs_of_a_keyboard
from crs.typed_moment import written
from logistics.models import Material, StockBalance, StockDocument, StockMovement, Store
from logistics.staff.admin_screens import StaffAdmin, StaffInline
from logistics.staff.permissions import Act

# As printed on a document: kind, year, running number; or the running number alone.
_DOCUMENT_NUMBER = re.compile(r"(?:[A-Z]{2}-\d{4}-)?0*(\d{1,18})", re.IGNORECASE)


@admin.register(Store)
class StoreAdmin(StaffAdmin):
    """Stores; the stock of one is in its overview. Whoever keeps one changes its telephone."""

    see, change = Act.SEE_STORE, Act.KEEP_STOCK
    store_path = "pk"
    list_display = ("name", "kind", "site", "region", "page")
    list_filter = ("kind",)
    list_select_related = ("site", "region")
    list_per_page = 50
    search_fields = ("name",)
    fields = ("name", "kind", "site", "region", "phone", "page")
    readonly_fields = ("name", "kind", "site", "region", "page")

    @admin.display(description=_("overview"))
    def page(self, store: Store) -> SafeString:
        address = reverse("logistics:store_report", args=[store.pk])
        return format_html('<a href="{}">{}</a>', address, _("Stock overview"))


class MovementInline(StaffInline):
    """The movements of a document."""

    model = StockMovement
    fields = ("item", "storage_condition", "use_by", "quantity")
    readonly_fields = ("storage_condition", "use_by")

    @admin.display(description=_("storage condition"))
    def storage_condition(self, movement: StockMovement) -> str:
        # Vials that were moved to another storage condition stand in two rows.
        return str(movement.item.get_storage_display()) or "–"

    @admin.display(description=_("use by"))
    def use_by(self, movement: StockMovement) -> str:
        # In words, because Django writes out a computed value as it is.
        use_by = movement.item.use_by
        return "–" if use_by is None else written(use_by)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockMovement]:
        # With the rows that the label of an item reads.
        return super().get_queryset(request).select_related("item__batch__vaccine", "item__material")


class StoreKindFilter(admin.ChoicesFieldListFilter):
    """The filter by the kind of store; beside the kind of document it needs a name of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("kind of store")  # the field's own name was put there


@admin.register(StockDocument)
class StockDocumentAdmin(StaffAdmin):
    """Documents of the ledger, never edited: a mistake is reversed on the pages of the store."""

    see = Act.SEE_STORE
    store_path = "store"
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
        return document.number

    @admin.display(description=_("reversed"), boolean=True)
    def is_reversed(self, document: StockDocument) -> bool:
        return hasattr(document, "reversed_by")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StockDocument], search_term: str
    ) -> tuple[QuerySet[StockDocument], bool]:
        number = _DOCUMENT_NUMBER.fullmatch(signs_of_a_keyboard(ordinary(search_term)))
        if number:
            return queryset.filter(pk=int(number[1])), False
        return super().get_search_results(request, queryset, search_term)


@admin.register(StockBalance)
class StockBalanceAdmin(StaffAdmin):
    """The present balances."""

    see = Act.SEE_STORE
    store_path = "store"
    list_display = ("store", "item", "storage_condition", "use_by", "quantity")
    list_filter = ("item__storage", "item__batch__vaccine", ("store__kind", StoreKindFilter))
    list_select_related = ("store", "item__batch__vaccine", "item__material")
    list_per_page = 50
    search_fields = ("store__name", "item__batch__number")
    search_help_text = _("Name of the store or number of the batch.")

    @admin.display(description=_("storage condition"))
    def storage_condition(self, balance: StockBalance) -> str:
        return str(balance.item.get_storage_display())

    @admin.display(description=_("use by"))
    def use_by(self, balance: StockBalance) -> Any:
        return balance.item.use_by

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockBalance]:
        return super().get_queryset(request).filter(quantity__gt=0)


@admin.register(Material)
class MaterialAdmin(StaffAdmin):
    """The materials, which are counted in pieces."""

    see = Act.LOOK_UP
    add = change = delete = Act.EDIT_PRODUCTS
    list_display = ("code", "name", "name_cs")
    list_display_links = ("code", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Material | None = None) -> tuple[str, ...]:
        # The code is chosen once.
        return ("code",) if obj else ()
