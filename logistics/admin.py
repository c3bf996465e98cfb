"""The staff's screens for places and vaccines."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crs.admin import ReadOnly
from logistics.models import District, DoseInterval, Region, VaccinationSite, Vaccine

if TYPE_CHECKING:
    _RegionAdmin = admin.ModelAdmin[Region]
    _DistrictAdmin = admin.ModelAdmin[District]
    _SiteAdmin = admin.ModelAdmin[VaccinationSite]
    _VaccineAdmin = admin.ModelAdmin[Vaccine]
    _IntervalInline = admin.TabularInline[DoseInterval, Vaccine]
else:
    _RegionAdmin = _DistrictAdmin = _SiteAdmin = _VaccineAdmin = admin.ModelAdmin
    _IntervalInline = admin.TabularInline


@admin.register(Region)
class RegionAdmin(ReadOnly, _RegionAdmin):
    """The 14 regions."""

    list_display = ("code", "name")
    list_display_links = ("code", "name")
    search_fields = ("code", "name")


@admin.register(District)
class DistrictAdmin(ReadOnly, _DistrictAdmin):
    """The 77 districts."""

    list_display = ("code", "name", "region")
    list_display_links = ("code", "name")
    list_filter = ("region",)
    list_select_related = ("region",)
    search_fields = ("code", "name")


@admin.register(VaccinationSite)
class VaccinationSiteAdmin(_SiteAdmin):
    """Where people are vaccinated. A site that ceased is closed, never deleted: its past stays."""

    list_display = ("name", "district", "kind", "state", "opens_at", "closes_at", "minimal_capacity", "is_step_free")
    list_filter = ("state", "kind", "is_step_free", "district__region", ("district", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("district",)
    list_per_page = 50
    search_fields = ("name", "address", "facility_code", "district__name", "district__region__name")
    search_help_text = _("Name, address, facility code, district or region.")
    autocomplete_fields = ("district",)
    readonly_fields = ("id",)
    fieldsets = (
        (None, {"fields": ("name", "kind", "state")}),
        (_("Where"), {"fields": ("district", "address", ("latitude", "longitude"), "is_step_free", "notes")}),
        (_("When and how many"), {"fields": (("opens_at", "closes_at"), "minimal_capacity", "phone")}),
        (_("Identification"), {"fields": ("id", "facility_code")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: VaccinationSite | None = None) -> bool:
        """Nobody deletes a site."""
        return False


class IntervalInline(_IntervalInline):
    """The dated rules for the days between both doses."""

    model = DoseInterval
    extra = 0


@admin.register(Vaccine)
class VaccineAdmin(_VaccineAdmin):
    """Vaccines and their intervals."""

    list_display = ("name", "code", "doses")
    inlines = (IntervalInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Vaccine | None = None) -> tuple[str, ...]:
        """The code is what slots refer to, so it is chosen once."""
        return ("code",) if obj else ()
