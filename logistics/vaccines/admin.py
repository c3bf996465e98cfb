"""The staff's screens for vaccines and batches."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from logistics.models import Batch, DoseInterval, Pack, StorageRule, Vaccine
from logistics.staff.admin_scope import EditedByMinistry, SeenInStores
from logistics.vaccines.durations import DurationInWordsField, in_words


class IntervalInline(EditedByMinistry, admin.TabularInline[DoseInterval, Vaccine]):
    """The dated rules for the days between both doses."""

    model = DoseInterval
    extra = 0


class PackInline(EditedByMinistry, admin.TabularInline[Pack, Vaccine]):
    """How it is delivered."""

    model = Pack
    extra = 0


class StorageInline(EditedByMinistry, admin.TabularInline[StorageRule, Vaccine]):
    """The dated rules for how long it keeps."""

    model = StorageRule
    extra = 0
    formfield_overrides = {models.DurationField: {"form_class": DurationInWordsField}}
    readonly_fields = ("keeps_in_words",)

    @admin.display(description=_("keeps for"))
    def keeps_in_words(self, rule: StorageRule) -> str:
        """As people say it."""
        return "–" if rule.keeps is None else in_words(rule.keeps)

    def get_fields(self, request: HttpRequest, obj: Vaccine | None = None) -> tuple[str, ...]:
        """Who only looks reads the duration in words."""
        keeps = "keeps" if self.has_change_permission(request, obj) else "keeps_in_words"
        return ("storage", "valid_from", "min_celsius", "max_celsius", keeps)


@admin.register(Vaccine)
class VaccineAdmin(EditedByMinistry, admin.ModelAdmin[Vaccine]):
    """Vaccines, their packs, the clocks of their storage and their intervals."""

    list_display = ("name", "code", "manufacturer", "doses", "youngest_age")
    inlines = (IntervalInline, PackInline, StorageInline)

    def get_readonly_fields(self, request: HttpRequest, obj: Vaccine | None = None) -> tuple[str, ...]:
        """The code is what slots refer to, so it is chosen once."""
        return ("code",) if obj else ()


@admin.register(Batch)
class BatchAdmin(SeenInStores, admin.ModelAdmin[Batch]):
    """All batches; who holds one, its block and its longer life are on its page."""

    list_display = ("__str__", "vaccine", "expires_on", "blocked_at", "page")
    list_filter = ("vaccine", ("blocked_at", admin.EmptyFieldListFilter))
    list_select_related = ("vaccine",)
    list_per_page = 50
    search_fields = ("number",)
    search_help_text = _("Batch number or a part of it.")
    fields = ("vaccine", "number", "expires_on", "blocked_at", "block_reason", "page")
    readonly_fields = ("page",)

    @admin.display(description=_("holders, block, expiry"))
    def page(self, batch: Batch) -> str | SafeString:
        """The way to what can be done with it."""
        if not batch.number:
            return "–"
        return format_html('<a href="{}">{}</a>', reverse("logistics:batch", args=[batch.pk]), _("Open the batch"))
