"""The reservation app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReservationConfig(AppConfig):
    """Reservation."""

    name = "reservation"
    verbose_name = _("Reservation")
