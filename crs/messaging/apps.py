"""The messaging app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """SMS and e-mail."""

    name = "crs.messaging"
    label = "messaging"
    verbose_name = _("Messages")

    def ready(self) -> None:
        """Register the system checks."""
        from crs.messaging import checks  # noqa: F401
