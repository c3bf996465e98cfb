"""The admin's screens of roles, invitations and accounts.

Roles are given and taken on the pages under /personal/; here they are read.
"""

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from logistics.models import StaffInvitation, StaffRole
from logistics.staff import second_factor_reset
from logistics.staff.admin_screens import StaffAdmin
from logistics.staff.errors import CannotReset
from logistics.staff.permission_labels import WithPermissions
from logistics.staff.permissions import Act


@admin.register(StaffRole)
class StaffRoleAdmin(StaffAdmin):
    """Roles of users."""

    see = Act.SEE_ROLES
    site_path = "site"
    list_display = ("user", "role", "site", "region")
    list_filter = ("role", "region")
    list_select_related = ("user", "site", "region")
    fields = ("user", "role", "site", "region")


@admin.register(StaffInvitation)
class StaffInvitationAdmin(StaffAdmin):
    """Invitations, without their codes, which only the invited know."""

    see = Act.SEE_ROLES
    site_path = "site"
    list_display = (
        "email",
        "role",
        "site",
        "region",
        "invited_by",
        "invited_at",
        "expires_at",
        "accepted_at",
        "withdrawn_at",
    )
    list_filter = (
        "role",
        ("accepted_at", admin.EmptyFieldListFilter),
        ("withdrawn_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("site", "region", "invited_by")
    date_hierarchy = "invited_at"
    fields = (
        "email",
        "role",
        "site",
        "region",
        "invited_by",
        "invited_at",
        "expires_at",
        "accepted_at",
        "accepted_by",
        "withdrawn_at",
        "withdrawn_by",
    )


# Imported above, so both are registered by now; ours take their places.
admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(WithPermissions, StaffAdmin, UserAdmin[User]):
    """Accounts; a lost second factor is taken away here."""

    see = add = change = delete = Act.KEEP_ACCOUNTS
    actions = ("reset_second_factor",)
    # Plain lists: Django's pair of lists has no names for who hears the page.
    filter_horizontal = ()
    # The system writes them.
    readonly_fields = ("last_login", "date_joined")

    @admin.action(description=_("Reset the second factor of the chosen accounts"))
    def reset_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Take it away; the next log-in sets up a new one. One's own stays."""
        done = 0
        for user in users:
            try:
                second_factor_reset.reset(user=user, by=request.user)  # type: ignore[arg-type]
                done += 1
            except CannotReset:
                messages.warning(request, _("Your own second factor is replaced in your account, not here."))
        text = ngettext("%(count)d second factor was reset.", "%(count)d second factors were reset.", done)
        messages.success(request, text % {"count": done})


@admin.register(Group)
class PermissionGroupAdmin(WithPermissions, StaffAdmin, GroupAdmin):
    """Groups of permissions."""

    see = add = change = delete = Act.KEEP_ACCOUNTS
    filter_horizontal = ()
