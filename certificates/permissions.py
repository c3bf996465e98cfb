"""The acts of staff around certificates, and the roles that let them."""

from enum import StrEnum, auto

from django.utils.translation import gettext_lazy as _

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
    CertificateAct.SEE_CERTIFICATES: Grant(
        TEAM | MINISTRY, does=_("see the certificates of people whom the site knows")
    ),
    CertificateAct.ISSUE_CERTIFICATES: Grant(TEAM, does=_("ask for certificates and issue them anew")),
    CertificateAct.PRINT_CERTIFICATES: Grant(TEAM, does=_("print certificates")),
    CertificateAct.SEND_CERTIFICATES: Grant(TEAM, does=_("send certificates by e-mail")),
    CertificateAct.REVOKE_CERTIFICATES: Grant(MINISTRY | {Role.MANAGER}, does=_("revoke certificates")),
    CertificateAct.DECIDE_HELD: Grant(
        MINISTRY, does=_("release or reject requests for certificates that an unusual burst held")
    ),
    CertificateAct.EDIT_CODES: Grant(MINISTRY, does=_("change the EU codes of certificates")),
    # Permissions of Django's, for screens that are only read.
    "certificates.view_certificate": Grant(MINISTRY),
    "certificates.view_issuerequest": Grant(MINISTRY),
    "certificates.view_delivery": Grant(MINISTRY),
    "certificates.view_signercertificate": Grant(MINISTRY),
    "certificates.view_signingkey": Grant(MINISTRY),
    "certificates.view_listreading": Grant(MINISTRY),
    "certificates.view_revocationbatch": Grant(MINISTRY),
}
