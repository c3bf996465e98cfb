"""The permissions of Django that a role brings, for screens of the admin in rooms that know no roles."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AnonymousUser, User

from logistics.models import Role, StaffRole

# What the ministry's role is for beside sites, stock and staff, where roles are asked for directly: the campaign
# (groups), the 1221 line's questions (people, invitations, messages) and its mishaps (holds, failed messages).
# Accounts and permissions themselves stay with superusers.
PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.MINISTRY: frozenset(
        {
            "messaging.view_message",
            "messaging.change_message",
            "registration.view_person",
            "registration.view_registration",
            "registration.view_registrationclaim",
            "registration.view_prioritygroup",
            "registration.change_prioritygroup",
            "reservation.view_invitation",
            "reservation.change_reservation",
        }
    )
}


class RolePermissions(BaseBackend):
    """Answers `user.has_perm` from the user's roles; logs nobody in."""

    def get_user_permissions(self, user_obj: User | AnonymousUser, obj: Any = None) -> set[str]:
        """What the roles of the user bring, asked once a request; nothing about a single row."""
        if obj is not None or not isinstance(user_obj, User) or not user_obj.is_active:
            return set()
        if not hasattr(user_obj, "permissions_by_role"):
            held = StaffRole.objects.filter(user=user_obj, role__in=PERMISSIONS).values_list("role", flat=True)
            brought: frozenset[str] = frozenset().union(*(PERMISSIONS[Role(role)] for role in held))
            user_obj.permissions_by_role = brought  # type: ignore[attr-defined]
        return set(user_obj.permissions_by_role)  # type: ignore[attr-defined]

    def has_module_perms(self, user_obj: User | AnonymousUser, app_label: str) -> bool:
        """Whether a role brings anything in the app."""
        return any(permission.startswith(f"{app_label}.") for permission in self.get_user_permissions(user_obj))
