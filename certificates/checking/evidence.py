"""Whether there is a certificate of ours with an evidence number; the person's date of birth must be known besides.

It says nothing more than the person who shows the number knows already, and never a name.
"""

from datetime import date, datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from certificates.hcert.refusals import Refusal
from certificates.hcert.verification import verify
from certificates.models import Certificate


class Standing(TextChoices):
    """How it stands with the certificate of a number."""

    VALID = "VALID", _("There is a certificate with this number, and it is valid")
    REVOKED = "REVOKED", _("There is a certificate with this number, but it was revoked")
    EXPIRED = "EXPIRED", _("There is a certificate with this number, but it has expired")
    UNKNOWN = "UNKNOWN", _("There is no certificate with this number and this date of birth")


def standing(*, number: str, birth_date: date, now: datetime) -> Standing:
    """How it stands with the certificate. An unknown number and a wrong date are one answer and the same work."""
    found = _at_or_after(number)
    if found is None:
        return Standing.UNKNOWN
    written = _birth_date(found)
    # Both are compared whatever the first one says, for an unknown number has brought another one's certificate.
    if not (found.ean == number) & (written == birth_date.isoformat()):
        return Standing.UNKNOWN
    # Nothing counts any more that a withdrawn signer has signed.
    if found.state == Certificate.State.REVOKED or found.signer.withdrawn_at is not None:
        return Standing.REVOKED
    return Standing.EXPIRED if found.has_expired(now) else Standing.VALID


def _at_or_after(number: str) -> Certificate | None:
    """The certificate with the number or, lest an unknown one be answered sooner, one with another number."""
    certificates = Certificate.objects.select_related("signer").order_by("ean")
    return certificates.filter(ean__gte=number).first() or certificates.first()


def _birth_date(certificate: Certificate) -> str:
    """The date as it was signed; empty for a text that its own signer has not signed."""
    try:
        return str(verify(certificate.text, [bytes(certificate.signer.der)], None).payload["dob"])
    except Refusal:
        return ""
