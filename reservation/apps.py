"""The reservation app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReservationConfig(AppConfig):
    """Reservation."""

    name = "reservation"
    verbose_name = _("Reservation")

    def ready(self) -> None:
        """Tell the outbox who makes the files of the confirmation."""
        from crs.messaging.outbox import register_attachments
        from reservation.attachments import files_of_confirmation

        register_attachments("reservation/confirmed", files_of_confirmation)
