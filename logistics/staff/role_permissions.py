"""The permissions of Django that a role brings, for screens of the admin in rooms that know no roles."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import AnonymousUser, User

from logistics.staff import permissions


class RolePermissions(BaseBackend):
    """Answers `user.has_perm` from the table of acts, where Django's permissions are rows; logs nobody in."""

    def get_user_permissions(self, user_obj: User | AnonymousUser, obj: Any = None) -> set[str]:
        """What the roles of the user bring; nothing about a single row."""
        if obj is not None or not isinstance(user_obj, User) or not user_obj.is_active:
            return set()
        return {act for act in permissions.acts_of(user_obj) if "." in act}

    def has_module_perms(self, user_obj: User | AnonymousUser, app_label: str) -> bool:
        """Whether a role brings anything in the app."""
        return any(permission.startswith(f"{app_label}.") for permission in self.get_user_permissions(user_obj))
