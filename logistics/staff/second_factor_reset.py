"""Resetting the lost second factor of a colleague, and whether somebody may."""

import logging

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User

from crs import sent_forms
from crs.accounts import second_factor
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import Role
from logistics.staff import permissions, ranks
from logistics.staff.errors import CannotReset
from logistics.staff.permissions import Act

logger = logging.getLogger(__name__)


def may_reset(*, user: User, by: User) -> bool:
    """Whether `by` may reset the second factor of `user`: anybody's, or because they may give every role of `user`.

    Django's own permissions count everywhere, so a site resets no account that has any.
    """
    if user.pk == by.pk or (user.is_superuser and not by.is_superuser):
        return False
    if permissions.may(by, Act.RESET_ANYBODY):
        return True
    if user.groups.exists() or user.user_permissions.exists():
        return False
    roles = list(user.staff_roles.select_related("site__district"))
    return bool(roles) and all(role.site and ranks.may_give(by, Role(role.role), role.site) for role in roles)


def reset(*, user: User, by: User, form: Sending = NO_FORM) -> None:
    """Take a lost second factor away: open sessions end, the next log-in sets up a new one.

    Raises CannotReset, FormChanged.
    """

    def remove_device() -> Outcome:
        # The same lock as of a set-up, so that no app of before comes back.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not may_reset(user=user, by=by):
            raise CannotReset
        second_factor.remove(user=user)
        LogEntry.objects.log_actions(by.pk, [user], CHANGE, "Second factor reset.", single_object=True)
        logger.warning("Second factor of account #%s reset by account #%s", user.pk, by.pk)
        return {}

    sent_forms.once(form, remove_device)
