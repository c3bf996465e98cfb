"""Whether there is a certificate of ours with an evidence number; the person's date of birth must be known besides.

It says nothing more than the person who shows the number knows already, and never a name.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from certificates.checking import content
from certificates.hcert.refusals import Genuine, Refusal
from certificates.hcert.verification import verify
from certificates.models import Certificate


class Standing(TextChoices):
    """How it stands with the certificate of a number."""

    VALID = "VALID", _("There is a certificate with this number, and it is valid")
    REVOKED = "REVOKED", _("There is a certificate with this number, but it was revoked")
    EXPIRED = "EXPIRED", _("There is a certificate with this number, but it has expired")
    UNKNOWN = "UNKNOWN", _("There is no certificate with this number and this date of birth")


@dataclass(frozen=True)
class Answer:
    """How it stands with the certificate and, of a valid one, from which day on it counts."""

    standing: Standing
    counts_from: str = ""


def ask(*, number: str, birth_date: date, now: datetime) -> Answer:
    """How it stands with the certificate. An unknown number and a wrong date are one answer and the same work."""
    found = _at_or_after(number)
    if found is None:
        return Answer(Standing.UNKNOWN)
    genuine = _read(found)
    # Both are compared whatever the first one says, for an unknown number has brought another one's certificate.
    is_born_then = genuine is not None and genuine.payload["dob"] == birth_date.isoformat()
    if not (found.ean == number) & is_born_then or genuine is None:
        return Answer(Standing.UNKNOWN)
    # Nothing counts any more that a withdrawn signer has signed.
    if found.state == Certificate.State.REVOKED or found.signer.withdrawn_at is not None:
        return Answer(Standing.REVOKED)
    if found.has_expired(now):
        return Answer(Standing.EXPIRED)
    return Answer(Standing.VALID, content.counts_from(genuine))


def _at_or_after(number: str) -> Certificate | None:
    """The certificate with the number or, lest an unknown one be answered sooner, one with another number."""
    certificates = Certificate.objects.select_related("signer").order_by("ean")
    return certificates.filter(ean__gte=number).first() or certificates.first()


def _read(certificate: Certificate) -> Genuine | None:
    """What was signed; nothing for a text that its own signer has not signed."""
    try:
        return verify(certificate.text, [certificate.signer.certificate], None)
    except Refusal:
        return None
