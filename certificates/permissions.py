"""The acts of staff around certificates, and the roles that let them."""

from enum import StrEnum, auto

from logistics.models import Role
from logistics.staff.permissions import MINISTRY, TEAM, Grant


class CertificateAct(StrEnum):
    """An act of staff around certificates."""

    SEE_CERTIFICATES = auto()  # of people whom the site knows
    ISSUE_CERTIFICATES = auto()  # ask for one, issue it anew, spell a name in Latin letters
    PRINT_CERTIFICATES = auto()  # one, or those of a day
    SEND_CERTIFICATES = auto()  # by e-mail, with a new password
    REVOKE_CERTIFICATES = auto()
    DECIDE_HELD = auto()  # release or reject what an unusual burst held
    EDIT_CODES = auto()  # EU codes of vaccines and doses, names of value sets


TABLE: dict[str, Grant] = {
    CertificateAct.SEE_CERTIFICATES: Grant(TEAM | MINISTRY),
    CertificateAct.ISSUE_CERTIFICATES: Grant(TEAM),
    CertificateAct.PRINT_CERTIFICATES: Grant(TEAM),
    CertificateAct.SEND_CERTIFICATES: Grant(TEAM),
    CertificateAct.REVOKE_CERTIFICATES: Grant(MINISTRY | {Role.MANAGER}),
    CertificateAct.DECIDE_HELD: Grant(MINISTRY),
    CertificateAct.EDIT_CODES: Grant(MINISTRY),
    # Permissions of Django's, for screens that are only read.
    "certificates.view_certificate": Grant(MINISTRY),
    "certificates.view_issuerequest": Grant(MINISTRY),
    "certificates.view_delivery": Grant(MINISTRY),
    "certificates.view_signercertificate": Grant(MINISTRY),
    "certificates.view_signingkey": Grant(MINISTRY),
    "certificates.view_listreading": Grant(MINISTRY),
    "certificates.view_revocationbatch": Grant(MINISTRY),
}
