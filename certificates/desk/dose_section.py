"""The certificate on the page of a dose: after the last one of the series it is what the person goes home with."""

from collections.abc import Collection
from datetime import datetime

from certificates.desk import person_certificates
from certificates.issuing.completion import is_first_of_several
from certificates.permissions import CertificateAct
from vaccination.additions import Section
from vaccination.models import Dose

TEMPLATE = "certificates/desk/parts/after_dose.html"


def section(dose: Dose, acts: Collection[str], now: datetime) -> Section | None:
    """The section about a dose of which a certificate is due; none of an earlier one, and no query for that."""
    if CertificateAct.SEE_CERTIFICATES not in acts or is_first_of_several(dose):
        return None
    found = person_certificates.of_dose(dose, now=now)
    if not found.is_due:
        return None
    act = CertificateAct.PRINT_CERTIFICATES if found.can_be_printed else CertificateAct.ISSUE_CERTIFICATES
    return Section(TEMPLATE, found, is_main=act in acts and (found.can_be_printed or found.can_be_issued))
