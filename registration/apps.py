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

        from logistics.staff import permissions
        from registration.permissions import TABLE
        from registration.registers import checks as register_checks  # noqa: F401
        from registration.registers import receivers
        from registration.registers import tasks as register_tasks  # noqa: F401
        from registration.signals import registration_reopened
        from registration.telephones import checks, session  # noqa: F401

        user_logged_out.connect(session.end_proof_at_log_out)
        permissions.register(TABLE)
        registration_reopened.connect(receivers.check_again, dispatch_uid="registration.registers")
