"""The certificates app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    """Certificates."""

    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        """Tell the staff's rooms what staff do here."""
        from certificates.keys import tasks as _keys_tasks  # noqa: F401 # a task is known once it is imported
        from certificates.permissions import TABLE
        from logistics.staff import permissions

        permissions.register(TABLE)
