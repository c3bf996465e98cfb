"""The certificates app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    """Certificates."""

    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        """Tell the staff's rooms what staff do here, listen to vaccination, and tell the outbox who makes PDFs."""
        from certificates.permissions import TABLE, CertificateAct
        from logistics.staff import permissions, start_page

        permissions.register(TABLE)
        start_page.add_link(45, _("Certificates that are held"), "certificates:held", act=CertificateAct.DECIDE_HELD)
        self._issue()
        self._deliver()
        self._open_desk()

    def _issue(self) -> None:
        from certificates.issuing import receivers

        receivers.connect()

    def _deliver(self) -> None:
        from certificates.delivery import sending
        from certificates.delivery.attachments import files_of_certificate
        from certificates.delivery.password_keeping import forget_stored
        from certificates.issuing.signals import certificate_issued
        from certificates.revocation.signals import certificates_revoked
        from crs.messaging.outbox import register_attachments

        register_attachments(sending.CERTIFICATE, files_of_certificate, when_stored=forget_stored)
        certificate_issued.connect(sending.send_issued, dispatch_uid="send what was issued")
        certificates_revoked.connect(sending.cancel_revoked, dispatch_uid="cancel what was revoked")

    def _open_desk(self) -> None:
        from certificates.desk import dose_section, timeline_source
        from certificates.permissions import CertificateAct
        from vaccination import additions, pages
        from vaccination.timeline import entries

        entries.add_source(timeline_source.certificates)
        pages.add_door(55, _("Certificates"), "certificates:day", CertificateAct.SEE_CERTIFICATES)
        additions.add_person_link(10, _("Certificates"), "certificates:person", CertificateAct.SEE_CERTIFICATES)
        additions.add_dose_section(10, dose_section.section)
