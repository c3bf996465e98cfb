"""Our keys: made, and handed over from one to the next.

`SIGNING_KEYS` (docs/locking.md) lets one change of keys happen at a time: which key signs is a matter of all of them.
"""

import logging
from datetime import datetime, timedelta
from functools import partial

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from certificates.keys import files, profiles
from certificates.keys.errors import KeyRefused
from certificates.keys.signers import IN_DATABASE
from certificates.models import KeyRequest, SignerCertificate, SigningKey
from certificates.operations import Operation
from crs import history
from crs.advisory_locks import Lock, take

AUTHORITY_SIGNS = timedelta(days=365)
SIGNER_SIGNS = timedelta(days=profiles.SIGNING_DAYS)
# A key is followed by the next one so long before it stops signing (DOMAIN 1.9).
RENEWED_BEFORE = timedelta(days=30)

logger = logging.getLogger(__name__)


def own_authority(now: datetime) -> SigningKey | None:
    """Our own authority that may sign signers at `now`, the newest one; its key is not decrypted."""
    return (
        SigningKey.objects.filter(
            signer__is_authority=True,
            signer__withdrawn_at=None,
            signs_from__lte=now,
            signs_until__gt=now,
            kept_by=IN_DATABASE,
        )
        .select_related("signer")
        .defer("private_key")
        .order_by("-signs_from", "-pk")
        .first()
    )


@transaction.atomic
def create_authority(*, now: datetime, by: User | None = None) -> SigningKey:
    """Make an authority (CSCA) of our own, as development and demonstrations need it.

    Raises KeyRefused where one is valid.
    """
    take(Lock.SIGNING_KEYS)
    if own_authority(now):
        raise KeyRefused("There is an authority (CSCA) here already.")
    private_key = profiles.new_private_key()
    subject = profiles.name(f"CSCA {settings.CERTIFICATE_COUNTRY} of CRS {now:%Y-%m-%d}", settings.CERTIFICATE_COUNTRY)
    certificate = profiles.authority_certificate(private_key, subject=subject, now=now)
    with history.recording(Operation.CREATE_KEY, by=by):
        return _write(certificate, private_key, now=now, signs_for=AUTHORITY_SIGNS, is_authority=True)


@transaction.atomic
def create_signer(*, now: datetime, by: User | None = None) -> SigningKey:
    """Make the first document signer under our own authority.

    Raises KeyRefused where a key signs already, or where there is no authority whose key is here.
    """
    take(Lock.SIGNING_KEYS)
    if key := SigningKey.objects.signing(now).first():
        raise KeyRefused(
            f"The key {key.signer.kid} signs until {key.signs_until:%Y-%m-%d}; `rotate` makes the next one."
        )
    return _next_signer(now, by)


@transaction.atomic
def create_missing(*, now: datetime, by: User | None = None) -> tuple[SigningKey | None, SigningKey | None]:
    """Make the authority and the signer, each where none signs. Raises KeyRefused where both do."""
    take(Lock.SIGNING_KEYS)
    has_authority, has_signer = own_authority(now) is not None, SigningKey.objects.signing(now).exists()
    if has_signer and not has_authority:  # an imported signer, or an authority that ended before its signer
        return create_authority(now=now, by=by), None
    authority = None if has_authority else create_authority(now=now, by=by)
    return authority, create_signer(now=now, by=by)  # which refuses where there is one


@transaction.atomic
def rotate(*, replacing: SigningKey, now: datetime, by: User | None = None) -> SigningKey:
    """Make the next document signer under our own authority; all others stop signing, and go on verifying.

    Raises KeyRefused where `replacing` is not the newest one any more: of two who rotate at once the second makes none.
    """
    take(Lock.SIGNING_KEYS)
    newest = newest_signer()
    if newest != replacing:
        raise KeyRefused(f"Another key was made meanwhile ({newest.signer.kid if newest else 'none'}); look at `list`.")
    return _next_signer(now, by)


def newest_signer() -> SigningKey | None:
    """Our document signer that began last or will begin last, whether it still signs or not."""
    return SigningKey.objects.of_signers().first()


def _next_signer(now: datetime, by: User | None = None) -> SigningKey:
    authority = own_authority(now)
    if authority is None:
        raise KeyRefused(
            "There is no authority (CSCA) here that may sign. `create` makes one for development; send a real one what "
            "`request` writes, and `import` its answer."
        )
    private_key = profiles.new_private_key()
    certificate = profiles.signer_certificate(
        private_key.public_key(),
        subject=signer_name(now),
        authority=authority.signer.certificate,
        authority_key=files.private_key_of(authority.private_key),
        now=now,
    )
    with history.recording(Operation.CREATE_KEY, by=by):
        key = _write(certificate, private_key, now=now, signs_for=SIGNER_SIGNS)
        hand_over(key)
    return key


def signer_name(now: datetime) -> x509.Name:
    """The subject of a document signer that is made or asked for at `now`."""
    return profiles.name(f"DSC {settings.CERTIFICATE_COUNTRY} of CRS {now:%Y-%m-%d}", settings.CERTIFICATE_COUNTRY)


def _write(
    certificate: x509.Certificate,
    private_key: ec.EllipticCurvePrivateKey,
    *,
    now: datetime,
    signs_for: timedelta,
    is_authority: bool = False,
) -> SigningKey:
    # Rows of the trust list are seen in the order of their numbers: verifiers ask for what comes after the last one.
    take(Lock.TRUST_LIST)
    signer = SignerCertificate.of(
        certificate, origin=SignerCertificate.Origin.OWN, is_authority=is_authority, added_at=now
    )
    signer.save()
    key: SigningKey = SigningKey.objects.create(
        signer=signer,
        private_key=files.private_text(private_key),
        signs_from=now,
        signs_until=min(now + signs_for, signer.not_after),
        created_at=now,
    )
    transaction.on_commit(partial(logger.warning, "A key was made: %s, signs until %s", signer, key.signs_until.date()))
    return key


def hand_over(key: SigningKey) -> None:
    """End the signing of all other document signers when `key` begins to sign; the caller holds `SIGNING_KEYS`."""
    others = SigningKey.objects.filter(signer__is_authority=False).exclude(pk=key.pk)
    others.filter(signs_until__gt=key.signs_from, signs_from__lte=key.signs_from).update(signs_until=key.signs_from)
    # One that would have begun later never signs: a period cannot end before it begins.
    others.filter(signs_from__gt=key.signs_from).update(signs_until=F("signs_from"))


@transaction.atomic
def request_certificate(*, common_name: str, now: datetime) -> x509.CertificateSigningRequest:
    """Make a key here and the request (CSR) for its certificate; the key waits, encrypted, for `import_signer`."""
    private_key = profiles.new_private_key()
    subject = profiles.name(common_name, settings.CERTIFICATE_COUNTRY) if common_name else signer_name(now)
    KeyRequest.objects.create(
        subject=subject.rfc4514_string(),
        public_key_sha256=files.public_fingerprint(private_key.public_key()),
        private_key=files.private_text(private_key),
        created_at=now,
    )
    return profiles.signing_request(private_key, subject=subject)


@transaction.atomic
def ensure_demo_keys(now: datetime) -> bool:
    """Have a key that signs in a demonstration, under an authority of its own; whether one had to be made.

    Safe to run twice and at once. A key that ends within a month is followed by the next one.
    """
    take(Lock.SIGNING_KEYS)
    if SigningKey.objects.signing(now).filter(signs_until__gt=now + RENEWED_BEFORE).exists():
        return False
    if own_authority(now) is None:
        create_authority(now=now)
    _next_signer(now)
    return True
