"""The doors through which the pages of a site lead to its certificates."""

from django.utils.translation import gettext_lazy as _

from certificates.desk import dose_section, timeline_source
from certificates.permissions import CertificateAct
from vaccination import additions, pages
from vaccination.timeline import entries


def open_doors() -> None:
    """Add them to the bar, to pages about a person or a dose, and to timelines; once, at the start."""
    pages.add_door(55, _("Certificates"), "certificates:day", CertificateAct.SEE_CERTIFICATES)
    additions.add_person_link(10, _("Certificates"), "certificates:person", CertificateAct.SEE_CERTIFICATES)
    additions.add_dose_section(10, dose_section.section)
    entries.add_source(timeline_source.certificates)
