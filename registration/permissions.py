"""Django's permissions that roles bring here: to look people up for line 1221, and to open groups."""

from logistics.staff.permissions import MINISTRY, Grant

TABLE = {
    "registration.view_person": Grant(MINISTRY),
    "registration.view_registration": Grant(MINISTRY),
    "registration.view_registrationclaim": Grant(MINISTRY),
    "registration.view_prioritygroup": Grant(MINISTRY),
    "registration.change_prioritygroup": Grant(MINISTRY),  # open and close groups
}
