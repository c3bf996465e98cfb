"""The logistics app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LogisticsConfig(AppConfig):
    """Logistics."""

    name = "logistics"
    verbose_name = _("Logistics")

    def ready(self) -> None:
        """Tell invited people on the page to log in where they begin."""
        from crs.accounts import log_in_advice

        log_in_advice.add(10, "logistics/staff/log_in_advice.html")
