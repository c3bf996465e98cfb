"""The admin's screens of vaccines and batches."""

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from logistics.models import Batch, DoseInterval, DoseRule, Pack, StorageRule, Vaccine
from logistics.staff.admin_screens import StaffAdmin, StaffInline
from logistics.staff.permissions import Act
from logistics.vaccines.batches import as_kept
from logistics.vaccines.durations import DurationInWordsField, in_words


class IntervalInline(StaffInline):
    """The dated rules of the days between both doses."""

    model = DoseInterval


class RuleInline(StaffInline):
    """The dated rules of age and days that hold when a dose is given."""

    model = DoseRule


class PackInline(StaffInline):
    """The packs in which the vaccine is delivered."""

    model = Pack


class StorageInline(StaffInline):
    """The dated rules of the time for which a vial keeps."""

    model = StorageRule
    formfield_overrides = {models.DurationField: {"form_class": DurationInWordsField}}
    readonly_fields = ("keeps_in_words",)

    @admin.display(description=_("keeps for"))
    def keeps_in_words(self, rule: StorageRule) -> str:
        return "–" if rule.keeps is None else in_words(rule.keeps)

    def get_fields(self, request: HttpRequest, obj: Vaccine | None = None) -> tuple[str, ...]:
        # Durations are typed in words too, but read-only fields show them as Python does.
        keeps = "keeps" if self.has_change_permission(request, obj) else "keeps_in_words"
        return ("storage", "valid_from", "min_celsius", "max_celsius", keeps)


@admin.register(Vaccine)
class VaccineAdmin(StaffAdmin):
    """Vaccines, their packs, the clocks of their storage, their intervals and rules."""

    see = Act.LOOK_UP
    add = change = delete = Act.EDIT_PRODUCTS  # the database keeps what is in use
    list_display = ("name", "code", "manufacturer", "doses", "youngest_age")
    inlines = (IntervalInline, RuleInline, PackInline, StorageInline)

    def get_readonly_fields(self, request: HttpRequest, obj: Vaccine | None = None) -> tuple[str, ...]:
        # Slots refer to the code, so it is chosen once.
        return ("code",) if obj else ()


@admin.register(Batch)
class BatchAdmin(StaffAdmin):
    """All batches; the stores that hold one, its block and its expiry are on its page."""

    see = Act.LOOK_UP
    list_display = ("__str__", "vaccine", "expires_on", "blocked_at", "page")
    list_filter = ("vaccine", ("blocked_at", admin.EmptyFieldListFilter))
    list_select_related = ("vaccine",)
    list_per_page = 50
    search_fields = ("number",)
    search_help_text = _("Batch number or a part of it.")
    fields = ("vaccine", "number", "expires_on", "blocked_at", "block_reason", "page")
    readonly_fields = ("page",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Batch], search_term: str
    ) -> tuple[QuerySet[Batch], bool]:
        return super().get_search_results(request, queryset, as_kept(search_term))

    @admin.display(description=_("holders, block, expiry"))
    def page(self, batch: Batch) -> str | SafeString:
        if not batch.number:
            return "–"
        return format_html('<a href="{}">{}</a>', reverse("logistics:batch", args=[batch.pk]), _("Open the batch"))
