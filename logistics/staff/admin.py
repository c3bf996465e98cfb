"""The staff's screens for staff: who has which role, who was invited, and the accounts themselves.

Roles are given and taken on the pages under /personal/, by the operations of `staffing`; here they are read.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crs.admin import ReadOnly
from logistics import second_factor
from logistics.models import StaffInvitation, StaffRole
from logistics.staff.admin_scope import SiteScoped
from logistics.staff.errors import CannotReset
from logistics.staff.roles import MANAGERS


@admin.register(StaffRole)
class StaffRoleAdmin(SiteScoped, ReadOnly, admin.ModelAdmin[StaffRole]):
    """Who works where; managers see their own sites."""

    seen_by = MANAGERS
    heeds_permissions = False
    list_display = ("user", "role", "site", "region")
    list_filter = ("role", "region")
    list_select_related = ("user", "site", "region")
    fields = ("user", "role", "site", "region")


@admin.register(StaffInvitation)
class StaffInvitationAdmin(SiteScoped, ReadOnly, admin.ModelAdmin[StaffInvitation]):
    """Who was invited by whom; the code is known to nobody but the invited."""

    seen_by = MANAGERS
    heeds_permissions = False
    list_display = ("email", "role", "site", "region", "invited_by", "invited_at", "expires_at", "accepted_at")
    list_filter = ("role", ("accepted_at", admin.EmptyFieldListFilter))
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
    )


class SuperuserOnly:
    """Accounts can be made into anything, so only superusers see them."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Superusers."""
        return bool(request.user.is_superuser)


# Imported above, so both are registered by now; ours take their places.
admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(SuperuserOnly, UserAdmin[User]):
    """Accounts; a lost second factor is taken away here."""

    actions = ("reset_second_factor",)

    @admin.action(description=_("Reset the second factor of the chosen accounts"))
    def reset_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """Take it away; the next log-in sets up a new one. One's own stays."""
        done = 0
        for user in users:
            try:
                second_factor.reset(user=user, by=request.user)  # type: ignore[arg-type]
                done += 1
            except CannotReset:
                messages.warning(request, _("Your own second factor is replaced in your account, not here."))
        text = ngettext("%(count)d second factor was reset.", "%(count)d second factors were reset.", done)
        messages.success(request, text % {"count": done})


@admin.register(Group)
class PermissionGroupAdmin(SuperuserOnly, GroupAdmin):
    """Groups of permissions."""
