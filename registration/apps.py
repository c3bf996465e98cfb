"""The registration app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistrationConfig(AppConfig):
    """Registration."""

    name = "registration"
    verbose_name = _("Registration")

    def ready(self) -> None:
        """Let `manage.py check` look at the settings."""
        from registration import checks  # noqa: F401
