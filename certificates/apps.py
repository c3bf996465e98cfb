"""The certificates app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    """Certificates."""

    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        """Tell the staff's rooms what staff do here, and listen to vaccination."""
        from certificates.desk import dose_section, timeline_source
        from certificates.issuing import receivers
        from certificates.issuing import tasks as _issuing_tasks  # a task is known once it is imported
        from certificates.permissions import TABLE, CertificateAct
        from logistics.staff import permissions, start_page
        from vaccination import additions, pages
        from vaccination.timeline import entries

        permissions.register(TABLE)
        receivers.connect()
        start_page.add_link(45, _("Certificates that are held"), "certificates:held", act=CertificateAct.DECIDE_HELD)
        entries.add_source(timeline_source.certificates)
        pages.add_door(55, _("Certificates"), "certificates:day", CertificateAct.SEE_CERTIFICATES)
        additions.add_person_link(10, _("Certificates"), "certificates:person", CertificateAct.SEE_CERTIFICATES)
        additions.add_dose_section(10, dose_section.section)
