"""Permissions of Django's that a role brings here: for the questions that line 1221 is asked, and for groups."""

from logistics.staff.permissions import MINISTRY, Grant

TABLE = {
    "registration.view_person": Grant(MINISTRY),
    "registration.view_registration": Grant(MINISTRY),
    "registration.view_registrationclaim": Grant(MINISTRY),
    "registration.view_prioritygroup": Grant(MINISTRY),
    "registration.change_prioritygroup": Grant(MINISTRY),  # open and close groups
}
