"""Signers whose certificate an authority elsewhere issued, taken over with the key that belongs to them."""

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.models import User
from django.db import transaction

from certificates.errors import NoSigner
from certificates.hcert.signing import BACK_DATED, KeySigner, Signer
from certificates.hcert.trusted import TrustedSigner
from certificates.keys import files, soundness
from certificates.keys.creation import SIGNER_SIGNS, hand_over
from certificates.keys.errors import KeyRefused
from certificates.keys.signers import IN_DATABASE, OutsideSigner
from certificates.models import KeyRequest, SignerCertificate, SigningKey
from certificates.operations import Operation
from crs import history
from crs.advisory_locks import Lock, take

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Imported:
    """A signer that was taken over, and what to know about it."""

    key: SigningKey
    notes: list[str]


@transaction.atomic
def import_signer(
    *,
    certificates: list[x509.Certificate],
    private_key: ec.EllipticCurvePrivateKey | None,
    kept_by: str,
    authority: x509.Certificate | None,
    signs_from: datetime | None,
    now: datetime,
    by: User | None = None,
) -> Imported:
    """Take over the document signer among `certificates`; it signs from `signs_from` (now), and all others until then.

    Its key is `private_key`, or the one that `request` left here, or is kept by the backend `kept_by`. Raises
    KeyRefused, which names all that is wrong with the certificate.
    """
    take(Lock.SIGNING_KEYS)
    take(Lock.TRUST_LIST)
    request = None
    if kept_by == IN_DATABASE:
        certificate, private_key, request = _matching(certificates, private_key)
    else:
        certificate = _only(certificates)
    _refuse_unsound(certificate, authority, now)
    signer = KeySigner(certificate, private_key) if private_key else _elsewhere(kept_by, certificate)
    if not _answers(signer, certificate):
        raise KeyRefused("The key does not belong to the certificate: what it signs is not verified by it.")
    # What is signed is dated back and must not be older than its signer.
    begins = max(signs_from or now, now, certificate.not_valid_before_utc + BACK_DATED)
    ends = min(begins + SIGNER_SIGNS, certificate.not_valid_after_utc)
    if begins >= ends:
        raise KeyRefused(f"It would begin to sign on {begins:%Y-%m-%d}, when it has already ended.")
    with history.recording(Operation.IMPORT_KEY, by=by):
        if authority is not None:
            _keep_authority(authority, now)
        key = SigningKey.objects.create(
            signer=_own(certificate, now),
            private_key=files.private_text(private_key) if private_key else None,
            kept_by=kept_by,
            signs_from=begins,
            signs_until=ends,
            created_at=now,
        )
        hand_over(key)
    if request is not None:
        request.delete()
    said = "A key was imported: %s, signs from %s until %s"
    transaction.on_commit(partial(logger.warning, said, key.signer, begins.date(), ends.date()))
    notes = list(soundness.notes_on(certificate, signs_until=ends))
    if authority is None:
        notes.append("Whether its authority signed it was not checked; --authority FILE checks that.")
    return Imported(key, notes)


def _matching(
    certificates: list[x509.Certificate], private_key: ec.EllipticCurvePrivateKey | None
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey, KeyRequest | None]:
    """The certificate whose key is at hand; a file may hold those of its authorities beside it."""
    prints = {
        files.public_fingerprint(key): certificate
        for certificate in certificates
        if (key := TrustedSigner(certificate).key) is not None
    }
    if private_key is not None:
        matching = prints.get(files.public_fingerprint(private_key.public_key()))
        if matching is None:
            raise KeyRefused("The private key does not belong to the certificate.")
        return matching, private_key, None
    request = KeyRequest.objects.filter(public_key_sha256__in=prints).first()
    if request is None:
        raise KeyRefused(
            "No key that `request` made here belongs to the certificate. Name its private key by --key FILE, or "
            "who keeps it by --kept-by NAME."
        )
    return prints[request.public_key_sha256], files.private_key_of(request.private_key), request


def _only(certificates: list[x509.Certificate]) -> x509.Certificate:
    if len(certificates) != 1:
        raise KeyRefused(f"The file holds {len(certificates)} certificates; it must hold that of the signer alone.")
    return certificates[0]


def _elsewhere(kept_by: str, certificate: x509.Certificate) -> Signer:
    try:
        return OutsideSigner(kept_by, certificate)
    except LookupError as error:
        raise KeyRefused(str(error)) from error


def _answers(signer: Signer, certificate: x509.Certificate) -> bool:
    try:
        return soundness.is_signature_right(signer, certificate)
    except NoSigner as error:
        raise KeyRefused(f"Whoever keeps the key does not sign: {error.__cause__!r}") from error


def _refuse_unsound(certificate: x509.Certificate, authority: x509.Certificate | None, now: datetime) -> None:
    reasons = list(soundness.reasons_against(certificate, now=now))
    if authority is not None:
        reasons += soundness.reasons_against_authority(certificate, authority, now=now)
    if reasons:
        raise KeyRefused(" ".join(["The certificate cannot be used.", *reasons]))


def _own(certificate: x509.Certificate, now: datetime) -> SignerCertificate:
    """Its row. A trust list may have brought it already; then it becomes ours, as a new row.

    Verifiers ask for what follows the last number that they saw, so one that comes back needs another number.
    """
    made = SignerCertificate.of(certificate, origin=SignerCertificate.Origin.OWN, added_at=now)
    known = SignerCertificate.objects.filter(sha256=made.sha256).first()
    if known is not None:
        _refuse_taken(known)
        known.delete()
    made.save()
    return made


def _refuse_taken(known: SignerCertificate) -> None:
    if SigningKey.objects.filter(signer=known).exists():
        raise KeyRefused(f"The signer {known.kid} is here already, with its key.")
    if known.withdrawn_at is not None and known.withdrawal_reason != SignerCertificate.NOT_LISTED:
        raise KeyRefused(f"The signer {known.kid} was withdrawn on {known.withdrawn_at:%Y-%m-%d} and stays so.")


def _keep_authority(authority: x509.Certificate, now: datetime) -> None:
    """Publish the authority beside the signers; without a key here."""
    row = SignerCertificate.of(authority, origin=SignerCertificate.Origin.OWN, is_authority=True, added_at=now)
    if not SignerCertificate.objects.filter(sha256=row.sha256).exists():
        row.save()
