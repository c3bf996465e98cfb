"""The certificates app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    """Certificates."""

    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        """Tell the staff's rooms what staff do here, listen to the rooms below, and make the outbox's PDFs."""
        # A task is known once it is imported; Celery looks for tasks at the top of a room alone.
        from certificates.delivery import receivers as delivery_receivers
        from certificates.delivery import tasks as _delivery_tasks  # noqa: F401
        from certificates.desk import doors
        from certificates.issuing import bursts, receivers
        from certificates.issuing import tasks as _issuing_tasks  # noqa: F401
        from certificates.keys import tasks as _keys_tasks  # noqa: F401
        from certificates.permissions import TABLE, CertificateAct
        from certificates.revocation import tasks as _revocation_tasks  # noqa: F401
        from logistics.staff import permissions, start_page

        permissions.register(TABLE)
        receivers.connect()
        delivery_receivers.connect()
        doors.open_doors()
        start_page.add_link(
            45,
            _("Certificates that are held"),
            "certificates:held",
            act=CertificateAct.DECIDE_HELD,
            count=lambda _user: bursts.held_count(),
        )
