"""The certificates app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    """Certificates."""

    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        """Tell the staff's rooms what staff do here, and the outbox who makes the PDF of an e-mail."""
        from certificates.delivery import sending
        from certificates.delivery.attachments import files_of_certificate
        from certificates.delivery.password_keeping import forget_stored
        from certificates.issuing.signals import certificate_issued
        from certificates.permissions import TABLE
        from certificates.revocation.signals import certificates_revoked
        from crs.messaging.outbox import register_attachments
        from logistics.staff import permissions

        permissions.register(TABLE)
        register_attachments(sending.CERTIFICATE, files_of_certificate, when_stored=forget_stored)
        certificate_issued.connect(sending.send_issued, dispatch_uid="send what was issued")
        certificates_revoked.connect(sending.cancel_revoked, dispatch_uid="cancel what was revoked")
