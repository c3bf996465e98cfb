"""The registration app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistrationConfig(AppConfig):
    """Registration."""

    name = "registration"
    verbose_name = _("Registration")

    def ready(self) -> None:
        """Let `manage.py check` look at the settings; who logs out ends what they have proved in this browser."""
        from django.contrib.auth.signals import user_logged_out

        from logistics.staff import permissions
        from registration import access, checks  # noqa: F401
        from registration.permissions import TABLE

        user_logged_out.connect(access.end_proof_at_log_out)
        permissions.register(TABLE)
