"""Screens of staff for slots, reservations and invitations. They show; what they change, operations do."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from logistics.staff.admin_screens import StaffAdmin, StaffInline
from registration.admin import PersonalSearchAdmin
from reservation.errors import CapacityBelowBooked
from reservation.models import Appointment, Invitation, Reservation, Slot
from reservation.permissions import ReservationAct
from reservation.reserving import booking
from reservation.slots.capacity import set_capacity


class HasRoom(admin.SimpleListFilter):
    """Slots with free seats, and full ones."""

    title = _("free places")
    parameter_name = "free"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("some")), ("no", _("none"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Slot]) -> QuerySet[Slot]:
        free = Slot.objects.free()
        if self.value() == "yes":
            return queryset & free
        return queryset.exclude(pk__in=free.values("pk")) if self.value() == "no" else queryset


class SlotForm(forms.ModelForm[Slot]):
    """The capacity, with the refusal of the operation where it was tried already."""

    refusal: CapacityBelowBooked | None = None

    def clean_capacity(self) -> int:
        if self.refusal:
            raise ValidationError(str(self.refusal))
        capacity: int = self.cleaned_data["capacity"]
        return capacity


@admin.register(Slot)
class SlotAdmin(StaffAdmin):
    """The calendar of sites; only the capacity is edited here.

    Slots are opened from a site's capacity, not one by one; one without people is closed by capacity 0.
    """

    form = SlotForm
    see, change = ReservationAct.SEE_SLOTS, ReservationAct.CHANGE_SLOTS
    site_path = "site"
    heeds_permissions = True
    list_display = ("starts_at", "site", "for_doses", "vaccine", "booked", "capacity")
    list_filter = ("day", HasRoom, "for_doses", "vaccine", "site__district__region")
    search_fields = ("site__name", "site__address")
    search_help_text = _("Name or address of the site.")
    date_hierarchy = "day"
    list_select_related = ("site", "vaccine")
    readonly_fields = ("site", "vaccine", "for_doses", "starts_at", "minutes", "booked")
    fields = ("site", "vaccine", "for_doses", "starts_at", "minutes", "booked", "capacity")
    actions = None

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Where more people are booked by now, nothing is written: the form shows why, and keeps what was typed."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except CapacityBelowBooked as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, obj: Slot | None = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        return form

    def save_model(self, request: HttpRequest, obj: Slot, form: Any, change: bool) -> None:
        """Write the capacity alone: saving the row would put back the number of booked people that the page knew."""
        set_capacity(slot_id=obj.pk, capacity=obj.capacity)


class AppointmentInline(StaffInline):
    """The doses of a reservation."""

    model = Appointment
    fields = ("dose_number", "slot_time", "site", "state")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appointment]:
        return super().get_queryset(request).select_related("slot__site")

    @admin.display(description=_("time"))
    def slot_time(self, appointment: Appointment) -> Any:
        return timezone.localtime(appointment.slot.starts_at)

    @admin.display(description=_("vaccination site"))
    def site(self, appointment: Appointment) -> str:
        return appointment.slot.site.name


@admin.register(Reservation)
class ReservationAdmin(StaffAdmin, PersonalSearchAdmin):
    """Holds and reservations; a site sees the people who come to it for a dose."""

    see = ReservationAct.SEE_RESERVATIONS
    site_path = "appointments__slot__site"
    heeds_permissions = True
    list_display = ("registration", "person", "state", "pairing", "created_at", "confirmed_at")
    list_filter = ("state", "pairing", "is_by_staff", ("appointments__slot__day", admin.DateFieldListFilter))
    number_path, phone_path, person_path = "registration__number", "registration__phone", "registration__person__"
    search_help_text = _("Registration number, surname, or the code from the confirmation.")
    date_hierarchy = "created_at"
    list_select_related = ("registration__person",)
    fields = ("registration", "person", "state", "pairing", "is_by_staff", "held_until", "created_at", "confirmed_at")
    readonly_fields = fields
    inlines = (AppointmentInline,)
    actions = ("release_holds",)

    def search_question(self, text: str) -> Q:
        """Search also by the code that the person shows at the site."""
        return super().search_question(text) | Q(check_in_code=text.upper())

    @admin.display(description=_("person"), ordering="registration__person__last_name")
    def person(self, reservation: Reservation) -> str:
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
    """The people whose turn has come, and until when; only the person knows PIN2 itself."""

    list_display = ("registration", "person", "issued_at", "expires_at", "revoked_at")
    list_filter = ("issued_at", ("revoked_at", admin.EmptyFieldListFilter))
    number_path, phone_path, person_path = "registration__number", "registration__phone", "registration__person__"
    date_hierarchy = "issued_at"
    list_select_related = ("registration__person",)
    fields = ("registration", "issued_at", "expires_at", "revoked_at")
    readonly_fields = fields

    @admin.display(description=_("person"), ordering="registration__person__last_name")
    def person(self, invitation: Invitation) -> str:
        return str(invitation.registration.person)
