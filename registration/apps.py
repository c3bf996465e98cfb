"""The registration app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistrationConfig(AppConfig):
    """Registration."""

    name = "registration"
    verbose_name = _("Registration")

    def ready(self) -> None:
        """Register the system checks; logging out ends the proof of this browser."""
        from django.contrib.auth.signals import user_logged_out

        # A task is known once it is imported; Celery looks for tasks at the top of a room alone.
        from crs import front_page
        from crs.messaging import letters
        from logistics.staff import permissions, start_page
        from registration.desk import requests
        from registration.desk.mismatches import lists as mismatch_lists
        from registration.groups import open_now
        from registration.groups import tasks as _group_tasks  # noqa: F401
        from registration.permissions import TABLE, RegistrationAct
        from registration.registers import checks as register_checks  # noqa: F401
        from registration.registers import receivers
        from registration.registers import tasks as register_tasks  # noqa: F401
        from registration.signals import registration_reopened
        from registration.telephones import checks, session  # noqa: F401

        front_page.add_part("registration/applying/front_page.html", open_now.front_page_part)
        user_logged_out.connect(session.end_proof_at_log_out)
        permissions.register(TABLE)
        registration_reopened.connect(receivers.check_again, dispatch_uid="registration.registers")
        start_page.add_link(
            61,
            _("Priority groups: who may register, and from when"),
            "registration:groups",
            act=RegistrationAct.EDIT_GROUP_RULES,
        )
        start_page.add_link(
            62,
            _("Mismatches with registers"),
            "registration:mismatches",
            act=RegistrationAct.DECIDE_MISMATCHES,
            count=mismatch_lists.open_count,
        )
        start_page.add_link(63, _("Registration codes"), "registration:codes", act=RegistrationAct.ISSUE_CODES)
        start_page.add_link(
            64,
            _("Registrations: search, line 1221, exports, looks"),
            "registration:desk",
            act=RegistrationAct.FIND_REGISTRATIONS,
            count=requests.count_for,
        )
        start_page.add_link(
            69,
            _("Letters to be posted"),
            "registration:letters",
            act=RegistrationAct.POST_LETTERS,
            count=lambda _user: letters.batches_to_do().count(),
        )
