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

        from logistics.staff import permissions, start_page
        from registration.desk import requests
        from registration.permissions import TABLE, RegistrationAct
        from registration.telephones import checks, session  # noqa: F401

        user_logged_out.connect(session.end_proof_at_log_out)
        permissions.register(TABLE)
        start_page.add_link(63, _("Registration codes"), "registration:codes", act=RegistrationAct.ISSUE_CODES)
        start_page.add_link(
            64,
            _("Line 1221: registrations, callers, requests"),
            "registration:desk",
            act=RegistrationAct.FIND_REGISTRATIONS,
            count=requests.count_for,
        )
