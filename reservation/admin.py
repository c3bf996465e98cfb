"""Staff's screens over slots, reservations and invitations: they show, and act only through the operations."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crs.admin import ReadOnly
from logistics.models import Role
from logistics.staff.admin_scope import SiteScoped
from registration.admin import PersonalSearchAdmin
from reservation import booking
from reservation.capacity import CapacityBelowBooked, set_capacity
from reservation.models import Appointment, Invitation, Reservation, Slot

# Who works with people at a site.
AT_THE_SITE = (Role.MANAGER, Role.REGISTRAR, Role.VACCINATOR)


class SlotForm(forms.ModelForm[Slot]):
    """The capacity, with the reason where it cannot be so small."""

    class Meta:
        model = Slot
        fields = ("capacity",)

    def clean_capacity(self) -> int:
        """Not fewer than are booked at this moment, not at the moment when the page was opened."""
        capacity: int = self.cleaned_data["capacity"]
        booked = Slot.objects.values_list("booked", flat=True).get(pk=self.instance.pk)
        if capacity < booked:
            raise ValidationError(str(CapacityBelowBooked()))
        return capacity


class HasRoom(admin.SimpleListFilter):
    """Slots with free places, and full ones."""

    title = _("free places")
    parameter_name = "free"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The two answers."""
        return [("yes", _("some")), ("no", _("none"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Slot]) -> QuerySet[Slot]:
        """Slots with the chosen answer."""
        free = Slot.objects.free()
        if self.value() == "yes":
            return queryset & free
        return queryset.exclude(pk__in=free.values("pk")) if self.value() == "no" else queryset


@admin.register(Slot)
class SlotAdmin(SiteScoped, admin.ModelAdmin[Slot]):
    """The calendar of sites; only the capacity is edited here."""

    seen_by = (*AT_THE_SITE, Role.REGION)
    changed_by = (Role.MANAGER, Role.REGISTRAR)
    form = SlotForm
    list_display = ("starts_at", "site", "doses", "vaccine", "booked", "capacity")
    list_filter = ("day", HasRoom, "doses", "vaccine", "site__district__region")
    search_fields = ("site__name", "site__address")
    search_help_text = _("Name or address of the site.")
    date_hierarchy = "day"
    list_select_related = ("site", "vaccine")
    readonly_fields = ("site", "vaccine", "doses", "starts_at", "minutes", "booked")
    fields = ("site", "vaccine", "doses", "starts_at", "minutes", "booked", "capacity")
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Slots are opened from the site's capacity, not one by one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Slot | None = None) -> bool:
        """A slot without people is closed by capacity 0."""
        return False

    def save_model(self, request: HttpRequest, obj: Slot, form: Any, change: bool) -> None:
        """Write the capacity alone: saving the row would put back the number of booked people that the page knew."""
        set_capacity(slot_id=obj.pk, capacity=obj.capacity)


class AppointmentInline(ReadOnly, admin.TabularInline[Appointment, Reservation]):
    """The doses of a reservation."""

    model = Appointment
    fields = ("dose_number", "slot_time", "site")
    readonly_fields = fields

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the reservation."""
        return True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appointment]:
        """With slot and site in one query."""
        return super().get_queryset(request).select_related("slot__site")

    @admin.display(description=_("time"))
    def slot_time(self, appointment: Appointment) -> Any:
        """When."""
        return timezone.localtime(appointment.slot.starts_at)

    @admin.display(description=_("vaccination site"))
    def site(self, appointment: Appointment) -> str:
        """Where."""
        return appointment.slot.site.name


@admin.register(Reservation)
class ReservationAdmin(SiteScoped, PersonalSearchAdmin):
    """Who holds or has reserved which doses; a site sees who comes to it for a dose."""

    site_path = "appointments__slot__site"
    seen_by = AT_THE_SITE
    list_display = ("registration", "person", "state", "pairing", "created_at", "confirmed_at")
    list_filter = ("state", "pairing", ("appointments__slot__day", admin.DateFieldListFilter))
    number_path, phone_path, person_path = "registration__number", "registration__phone", "registration__person__"
    search_help_text = _("Registration number, surname, or the code from the confirmation.")
    date_hierarchy = "created_at"
    list_select_related = ("registration__person",)
    fields = ("registration", "person", "state", "pairing", "held_until", "created_at", "confirmed_at")
    readonly_fields = fields
    inlines = (AppointmentInline,)
    actions = ("release_holds",)

    def search_question(self, text: str) -> Q:
        """Also by the code that the person shows at the site."""
        return super().search_question(text) | Q(check_in_code=text.upper())

    @admin.display(description=_("person"), ordering="registration__person__last_name")
    def person(self, reservation: Reservation) -> str:
        """Whose it is."""
        return str(reservation.registration.person)

    def has_release_permission(self, request: HttpRequest) -> bool:
        """Staff who may change reservations may give a hold back; the row itself stays read-only."""
        return request.user.has_perm("reservation.change_reservation")

    @admin.action(description=_("Give back the places of chosen holds"), permissions=["release"])
    def release_holds(self, request: HttpRequest, queryset: QuerySet[Reservation]) -> None:
        """Release holds; confirmed reservations among the chosen ones stay as they are."""
        released = sum(booking.release(reservation_id=one.pk, registration_id=one.registration_id) for one in queryset)
        text = ngettext("%(count)d hold was released.", "%(count)d holds were released.", released)
        self.message_user(request, text % {"count": released}, messages.SUCCESS)


@admin.register(Invitation)
class InvitationAdmin(PersonalSearchAdmin):
    """Whose turn has come and until when; PIN2 itself is known to nobody but the person."""

    list_display = ("registration", "person", "issued_at", "expires_at", "revoked_at")
    list_filter = ("issued_at", ("revoked_at", admin.EmptyFieldListFilter), "registration__group")
    number_path, phone_path, person_path = "registration__number", "registration__phone", "registration__person__"
    date_hierarchy = "issued_at"
    list_select_related = ("registration__person",)
    fields = ("registration", "issued_at", "expires_at", "revoked_at")
    readonly_fields = fields

    @admin.display(description=_("person"), ordering="registration__person__last_name")
    def person(self, invitation: Invitation) -> str:
        """Who was invited."""
        return str(invitation.registration.person)
