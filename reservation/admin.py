"""Screens of staff for reservations and invitations. They show; what they change, operations do."""

from datetime import date

from django.contrib import admin, messages
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crs import typed
from crs.admin.days import DayFilter
from crs.typed_moment import written
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
    def slot_time(self, appointment: Appointment) -> str:
        # In words, because Django writes out a computed value as it is.
        return written(appointment.slot.starts_at)

    @admin.display(description=_("vaccination site"))
    def site(self, appointment: Appointment) -> str:
        return appointment.slot.site.name


class AppointmentDayFilter(DayFilter):
    """Reservations with a dose on the day, whenever they were made."""

    title = _("day of the appointment")
    parameter_name = "day"

    def of_days(self, queryset: QuerySet[Reservation], first: date, last: date) -> QuerySet[Reservation]:
        there = Appointment.objects.filter(slot__day__range=(first, last))
        return queryset.filter(pk__in=there.values("reservation"))


@admin.register(Reservation)
class ReservationAdmin(StaffAdmin, PersonalSearchAdmin):
    """Holds and reservations; a site sees the people who come to it for a dose."""

    see = ReservationAct.SEE_RESERVATIONS
    site_path = "appointments__slot__site"
    heeds_permissions = True
    list_display = ("person", "times", "registration", "state", "pairing", "created_at", "confirmed_at")
    list_filter = (AppointmentDayFilter, "state", "pairing", "is_by_staff")
    number_path, phone_path, person_path = "registration__number", "registration__phone", "registration__person__"
    search_help_text = _("Registration number, telephone, name, or the code from the confirmation.")
    date_hierarchy = "created_at"
    list_select_related = ("registration__person",)
    fields = (
        "person",
        "times",
        "registration",
        "state",
        "pairing",
        "is_by_staff",
        "held_until",
        "created_at",
        "confirmed_at",
    )
    readonly_fields = fields
    inlines = (AppointmentInline,)
    actions = ("release_holds",)

    def search_question(self, text: str) -> Q:
        """Search also by the code that the person shows at the site."""
        by_code = Q(check_in_code=typed.number(text).upper())
        return by_code if Reservation.objects.filter(by_code).exists() else super().search_question(text)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reservation]:
        booked = Appointment.objects.select_related("slot").order_by("dose_number")
        return super().get_queryset(request).prefetch_related(Prefetch("appointments", booked))

    @admin.display(description=_("times"))
    def times(self, reservation: Reservation) -> str:
        return ", ".join(written(one.slot.starts_at) for one in reservation.appointments.all()) or "–"

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
