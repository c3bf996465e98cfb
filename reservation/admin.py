"""Screens of staff for reservations and invitations. They show; what they change, operations do."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crs import typed
from logistics.staff.admin_screens import StaffAdmin, StaffInline
from logistics.staff.permissions import Act
from registration.admin import PersonalSearchAdmin
from reservation.models import Appointment, Invitation, PostponementRule, Reservation
from reservation.permissions import ReservationAct
from reservation.reserving import booking


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
    search_help_text = _("Registration number, telephone, name, or the code from the confirmation.")
    date_hierarchy = "created_at"
    list_select_related = ("registration__person",)
    fields = ("registration", "person", "state", "pairing", "is_by_staff", "held_until", "created_at", "confirmed_at")
    readonly_fields = fields
    inlines = (AppointmentInline,)
    actions = ("release_holds",)

    def search_question(self, text: str) -> Q:
        """Search also by the code that the person shows at the site."""
        by_code = Q(check_in_code=typed.number(text).upper())
        return by_code if Reservation.objects.filter(by_code).exists() else super().search_question(text)

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


@admin.register(PostponementRule)
class PostponementRuleAdmin(StaffAdmin):
    """How long people wait after an infection, from a day on."""

    see = add = change = delete = Act.EDIT_PRODUCTS
    list_display = ("valid_from", "days")
