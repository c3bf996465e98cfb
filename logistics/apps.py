"""The logistics app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LogisticsConfig(AppConfig):
    """Logistics."""

    name = "logistics"
    verbose_name = _("Logistics")
