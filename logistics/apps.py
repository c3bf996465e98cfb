"""The logistics app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LogisticsConfig(AppConfig):
    """Logistics."""

    name = "logistics"
    verbose_name = _("Logistics")

    def ready(self) -> None:
        """Tell invited people where they begin, and staff who opens what is shut to them."""
        from crs.accounts import log_in_advice, refusals
        from logistics.staff.refusals import who_may_open

        log_in_advice.add(10, "logistics/staff/log_in_advice.html")
        refusals.set_openers(who_may_open)
