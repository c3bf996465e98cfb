"""The signers that we trust, ready to verify with: read once in a process, and anew when the list has changed."""

import logging
import threading
from collections.abc import Iterator
from datetime import datetime

from cryptography import x509
from django.db.models import Count, Max, Q

from certificates.hcert.trusted import TrustedSigner, TrustedSigners
from certificates.models import SignerCertificate

logger = logging.getLogger(__name__)

_lock = threading.Lock()
_kept: tuple[str, TrustedSigners] = ("", TrustedSigners(()))


def trusted(now: datetime) -> TrustedSigners:
    """Our signers and the imported ones that are on the list at `now`, those that have ended too.

    Each call asks the database for the version of the list, in one short query, so a signer that was withdrawn is
    trusted in no process any more; the certificates themselves are read only where the version is another one.
    """
    global _kept
    # Before the rows: what changes between the two queries is read anew by the next call.
    version = version_of_list(now)
    with _lock:
        if _kept[0] != version:
            _kept = (
                version,
                TrustedSigners(
                    TrustedSigner(certificate, listed_country=row.country) for row, certificate in listed(now)
                ),
            )
        return _kept[1]


def listed(now: datetime) -> Iterator[tuple[SignerCertificate, x509.Certificate]]:
    """The signers on the list, without those whose certificate cannot be read: they must not end what others need."""
    for row in SignerCertificate.objects.trusted(now):
        try:
            yield row, row.certificate
        except ValueError:
            logger.exception(
                "The certificate of the signer %s (row %s) cannot be read: it is left out.", row.kid, row.pk
            )


def version_of_list(now: datetime) -> str:
    """What changes whenever the trust list does; one short query. Rows come, go and are withdrawn, and never change."""
    found = SignerCertificate.objects.aggregate(
        listed=Count("id", filter=SignerCertificate.objects.is_listed(now)),
        last=Max("id"),
        withdrawn=Max("withdrawn_at", filter=Q(withdrawn_at__lte=now)),
    )
    return f"{found['listed']} {found['last']} {found['withdrawn']}"
