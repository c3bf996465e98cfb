"""The admin's screens of regions, districts and sites, and the page that changes the state of a site."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTimeWidget
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from logistics.models import District, Region, SiteContact, VaccinationSite, WeekdayHours
from logistics.sites import states
from logistics.sites.errors import SiteError
from logistics.sites.forms import HoursFormSet, SiteForm, StateForm
from logistics.staff.admin_screens import StaffAdmin, StaffInline, staff_user
from logistics.staff.guards import site_or_404
from logistics.staff.permissions import Act

# Fields that decide where people are sent and which provider it is: only users who may `ADD_SITE` edit them.
MINISTRYS_FIELDS = ("name", "kind", "is_public", "district", "region", "facility_code", "company_number")
# Hours of a site have no seconds.
TO_THE_MINUTE: dict[type[models.Field[Any, Any]], dict[str, Any]] = {
    models.TimeField: {"widget": AdminTimeWidget(format="%H:%M")}
}


@admin.register(Region)
class RegionAdmin(StaffAdmin):
    """The 14 regions."""

    see = Act.LOOK_UP
    list_display = ("code", "name")
    list_display_links = ("code", "name")
    search_fields = ("code", "name")


@admin.register(District)
class DistrictAdmin(StaffAdmin):
    """The 77 districts."""

    see = Act.LOOK_UP
    list_display = ("code", "name", "region")
    list_display_links = ("code", "name")
    list_filter = ("region",)
    list_select_related = ("region",)
    search_fields = ("code", "name")


class HoursInline(StaffInline):
    """Weekdays with hours of their own."""

    model = WeekdayHours
    formset = HoursFormSet
    formfield_overrides = TO_THE_MINUTE
    max_num = 7


class ContactInline(StaffInline):
    """People to call at the site; for staff only."""

    model = SiteContact


@admin.register(VaccinationSite)
class VaccinationSiteAdmin(StaffAdmin):
    """Vaccination sites. A site that ceased is closed, never deleted, because its past stays."""

    see, add, change = Act.SEE_SITE, Act.ADD_SITE, Act.EDIT_SITE
    site_path = "pk"
    form = SiteForm
    list_display = ("name", "district", "kind", "state", "opens_at", "closes_at", "daily_capacity", "is_step_free")
    list_filter = (
        "state",
        "kind",
        "is_public",
        "is_step_free",
        "district__region",
        ("district", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("district",)
    list_per_page = 50
    search_fields = ("name", "address", "facility_code", "company_number", "district__name", "district__region__name")
    search_help_text = _("Name, address, facility code, IČO, district or region.")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}, **TO_THE_MINUTE}
    actions = None
    inlines = (HoursInline, ContactInline)
    fieldsets = (
        (None, {"fields": ("name", "kind", "state_now", "is_public", "description")}),
        (
            _("Where"),
            {
                "fields": (
                    "district",
                    "region",
                    "address",
                    ("latitude", "longitude"),
                    "is_step_free",
                    "has_parking",
                    "notes",
                )
            },
        ),
        (
            _("When and how many"),
            {"fields": (("opens_at", "closes_at"), ("minimal_capacity", "daily_capacity"))},
        ),
        (
            _("What the site can do"),
            {
                "fields": (
                    "vaccines",
                    ("youngest_age", "oldest_age"),
                    "languages",
                    "is_drive_in",
                    "has_mobile_team",
                )
            },
        ),
        (_("Public contact"), {"fields": ("phone", "email", "link")}),
        (_("Identification"), {"fields": ("id", "facility_code", "company_number")}),
    )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> VaccinationSite | None:
        # Django would say that the site does not exist and lead away; to outsiders it is as if it were not there.
        site = super().get_object(request, object_id, from_field)
        if site is None:
            raise Http404
        return site

    def get_readonly_fields(self, request: HttpRequest, obj: VaccinationSite | None = None) -> tuple[str, ...]:
        # The state changes on its own page, with a reason.
        return ("id", "state_now") if self.has_add_permission(request) else ("id", "state_now", *MINISTRYS_FIELDS)

    def save_model(self, request: HttpRequest, obj: VaccinationSite, form: SiteForm, change: bool) -> None:
        # Only the changed fields are saved: the whole row would put back a state that somebody changes right now.
        if not change:
            obj.state = VaccinationSite.State.PREPARING
            obj.save()
        elif columns := [name for name in form.changed_data if name != "vaccines"]:
            obj.save(update_fields=columns)

    def view_on_site(self, site: VaccinationSite) -> str | None:
        is_public = site.is_public and site.state != VaccinationSite.State.PREPARING
        return reverse("logistics:site", args=[site.pk]) if is_public else None

    @admin.display(description=_("state"))
    def state_now(self, site: VaccinationSite) -> str:
        """The state, and the way to change it and to its history."""
        if site._state.adding:
            return str(VaccinationSite.State.PREPARING.label)
        address = reverse("admin:logistics_vaccinationsite_state", args=[site.pk])
        return format_html(
            '{} · <a href="{}">{}</a>', site.get_state_display(), address, _("change the state, see its history")
        )

    def get_urls(self) -> list[URLPattern]:
        state = path(
            "<uuid:site_id>/state/",
            self.admin_site.admin_view(self.state_view),
            name="logistics_vaccinationsite_state",
        )
        return [state, *super().get_urls()]

    def state_view(self, request: HttpRequest, site_id: UUID) -> HttpResponse:
        """Change the state of a site with a reason; below stands its history."""
        user = staff_user(request)
        site = site_or_404(user, site_id, Act.SEE_SITE)
        if request.POST.get("seen") in VaccinationSite.State:
            site.state = request.POST["seen"]  # what the person decided about, whatever it is by now
        form = StateForm(request.POST or None, states=states.next_states(site=site, user=user))
        if request.method == "POST" and not form.states:
            raise PermissionDenied
        if form.is_valid():
            try:
                states.change_state(site=site, to=form.cleaned_data["to"], by=user, reason=form.cleaned_data["reason"])
            except SiteError as refusal:
                form.add_error(None, str(refusal))
                site.refresh_from_db(fields=["state"])
                form.offer(states.next_states(site=site, user=user))
            else:
                text = _("The site “%(site)s” is now: %(state)s.")
                messages.success(request, text % {"site": site, "state": site.get_state_display()})
                return redirect("admin:logistics_vaccinationsite_state", site.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("State of the site"),
            "subtitle": str(site),
            "opts": self.opts,
            "original": site,
            "site_row": site,
            "form": form,
            "history": states.state_history(site),
        }
        return TemplateResponse(request, "logistics/sites/admin_state.html", context)
