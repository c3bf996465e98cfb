"""The signers that we trust, ready to verify with: read once in a process, and anew when the list has changed."""

import threading
from datetime import datetime
from hashlib import md5

from cryptography import x509
from django.contrib.postgres.aggregates import StringAgg
from django.db.models.functions import MD5

from certificates.hcert.trusted import TrustedSigner, TrustedSigners
from certificates.models import SignerCertificate

_NOTHING = md5(b"", usedforsecurity=False).hexdigest()

_lock = threading.Lock()
_kept: tuple[str, TrustedSigners] = (_NOTHING, TrustedSigners(()))


def trusted(now: datetime) -> TrustedSigners:
    """Our signers and the imported ones that are on the list at `now`, those that have ended too.

    Each call asks the database for the sum of the list, in one short query, so a signer that was withdrawn is trusted
    in no process any more; the certificates themselves are read only where the sum is another one.
    """
    global _kept
    listed = SignerCertificate.objects.trusted(now)
    version = sum_of_list(now)
    with _lock:
        if _kept[0] != version:
            rows = list(listed.values_list("sha256", "country", "der"))
            sums = "".join(sha256 for sha256, _country, _der in rows)
            _kept = (
                md5(sums.encode(), usedforsecurity=False).hexdigest(),
                TrustedSigners(
                    TrustedSigner(x509.load_der_x509_certificate(bytes(der)), listed_country=country)
                    for _sha256, country, der in rows
                ),
            )
        return _kept[1]


def sum_of_list(now: datetime) -> str:
    """What changes whenever the trust list does; one short query."""
    listed = SignerCertificate.objects.trusted(now).order_by()
    found: str | None = listed.aggregate(sum=MD5(StringAgg("sha256", delimiter="", order_by="id")))["sum"]
    return found or _NOTHING
