"""Takes a signer off the trust list, which ends all that it ever signed."""

import logging
from datetime import datetime
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction

from certificates.keys.errors import KeyRefused
from certificates.models import Certificate, SignerCertificate, SigningKey
from certificates.operations import Operation
from crs import history
from crs.advisory_locks import Lock, take

logger = logging.getLogger(__name__)


def signer_of_kid(kid: str) -> SignerCertificate:
    """The signer with this kid (base64), or of this row's number. Raises KeyRefused where it is not one signer."""
    found = SignerCertificate.objects.filter(withdrawn_at=None)
    rows = list(found.filter(pk=int(kid)) if kid.isascii() and kid.isdecimal() else found.filter(kid=kid))
    if len(rows) > 1:
        numbers = ", ".join(str(row.pk) for row in rows)
        raise KeyRefused(f"Several signers have the kid {kid}; name one by its number: {numbers}.")
    if not rows:
        raise KeyRefused(f"No signer on the trust list has the kid {kid}; `list` shows them.")
    return rows[0]


def certificates_of(signer: SignerCertificate) -> int:
    """How many living certificates of ours it signed."""
    return Certificate.objects.living().filter(signer=signer).count()


@transaction.atomic
def withdraw(*, signer: SignerCertificate, reason: str, now: datetime, by: User | None = None) -> None:
    """Take the signer off the list for good: it signs no more, and nothing that it signed is genuine any longer.

    Its private key is deleted, where it is here. Raises KeyRefused where that was done already.
    """
    take(Lock.SIGNING_KEYS)
    with history.recording(Operation.WITHDRAW_SIGNER, by=by, reason=reason):
        listed = SignerCertificate.objects.filter(pk=signer.pk, withdrawn_at=None)
        if not listed.update(withdrawn_at=now, withdrawal_reason=reason):
            raise KeyRefused(f"The signer {signer.kid} is not on the list any more.")
        SigningKey.objects.filter(signer=signer).delete_private_keys()
    transaction.on_commit(partial(logger.warning, "The signer %s was withdrawn: %s", signer, reason))
