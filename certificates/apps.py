"""The certificates app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    """Certificates."""

    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        """Tell the staff's rooms what staff do here."""
        from certificates.desk import dose_section, timeline_source
        from certificates.permissions import TABLE, CertificateAct
        from logistics.staff import permissions
        from vaccination import additions, pages
        from vaccination.timeline import entries

        permissions.register(TABLE)
        entries.add_source(timeline_source.certificates)
        pages.add_door(55, _("Certificates"), "certificates:day", CertificateAct.SEE_CERTIFICATES)
        additions.add_person_link(10, _("Certificates"), "certificates:person", CertificateAct.SEE_CERTIFICATES)
        additions.add_dose_section(10, dose_section.section)
