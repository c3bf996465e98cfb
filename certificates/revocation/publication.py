"""Publishes what is revoked: batches as the EU gateway carries them, and one signed list of all."""

import base64
import json
import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q

from certificates.hcert.signing import Signer
from certificates.keys import signers
from certificates.models import RevocationBatch, RevocationList, RevokedHash, SignerCertificate
from certificates.revocation import signed_message
from certificates.revocation.batches import MOST_ENTRIES
from crs.advisory_locks import Lock, take

# An unchanged list is signed anew in this time, long before it expires (CERTIFICATE_LISTS_HOURS).
LIST_SERVES = timedelta(hours=12)
KEPT_AFTER_DELETION = timedelta(days=14)
# Two changes never have one date, or a reader who asks for what came later would miss one of them.
BETWEEN_CHANGES = timedelta(milliseconds=10)


@dataclass(frozen=True)
class Publication:
    """What a publication did."""

    batches: int
    hashes: int
    is_list_new: bool


def publish(*, now: datetime) -> Publication:
    """Put the new hashes into batches, sign these, and renew the list where it has changed or is old.

    Nothing is signed inside a transaction, for a signer may be a machine in the network. A crash leaves batches without
    a signature, which the next call signs. Raises NoSigner before anything is written.
    """
    signer = signers.current(now)
    row = signers.row_of(signer)
    # What a withdrawn signer has signed convinces nobody any more.
    RevocationBatch.objects.published().filter(deleted_at=None, signer__withdrawn_at__isnull=False).update(
        signed=None, signer=None
    )
    hashes = 0
    while made := _make_batch(now=now):
        hashes += made
    batches = 0
    for batch in RevocationBatch.objects.own().filter(signed=None, deleted_at=None).order_by("pk"):
        batches += _sign_batch(batch, signer=signer, row=row, now=now)
    return Publication(batches, hashes, is_list_new=_renew_list(signer=signer, row=row, now=now))


@transaction.atomic
def delete_expired(*, now: datetime) -> int:
    """Mark our batches as deleted in which nothing is left that is valid; return how many these were."""
    take(Lock.REVOCATION_BATCHES)
    expired = RevocationBatch.objects.own().filter(deleted_at=None, expires_at__lt=now)
    keys = list(expired.order_by("expires_at", "pk").values_list("pk", flat=True))
    moment = _next_change(now)
    for number, key in enumerate(keys):
        RevocationBatch.objects.filter(pk=key).update(deleted_at=moment + number * BETWEEN_CHANGES)
    return len(keys)


def purge(*, now: datetime) -> int:
    """Forget batches, ours and others', 14 days after they were deleted or had expired; return how many these were."""
    before = now - KEPT_AFTER_DELETION
    imported_over = Q(origin=RevocationBatch.Origin.IMPORTED, expires_at__lt=before)
    over = RevocationBatch.objects.filter(Q(deleted_at__lt=before) | imported_over)
    keys = list(over.order_by("pk").values_list("pk", flat=True))
    for key in keys:
        with transaction.atomic():
            RevokedHash.objects.filter(batch=key).delete()
            RevocationBatch.objects.filter(pk=key).delete()
    # Those that expired before anybody could sign their batch, and lists of long ago.
    RevokedHash.objects.filter(batch=None, expires_at__lt=before).delete()
    newest = RevocationList.objects.values("pk")[:1]
    RevocationList.objects.filter(made_at__lt=before).exclude(pk__in=newest).delete()
    return len(keys)


@transaction.atomic
def _make_batch(*, now: datetime) -> int:
    """Put up to 1,000 hashes of one state, key and type into a batch without a signature; return how many."""
    # Of two publishers the second waits here, and finds the rest.
    take(Lock.REVOCATION_BATCHES)
    loose = RevokedHash.objects.filter(batch=None, certificate__isnull=False, expires_at__gt=now).order_by("pk")
    first = loose.first()
    if first is None:
        return 0
    alike = loose.filter(country=first.country, kid=first.kid, hash_type=first.hash_type)
    rows = list(alike.values_list("pk", "expires_at")[:MOST_ENTRIES])
    batch = RevocationBatch.objects.create(
        batch_id=str(uuid.uuid4()),
        origin=RevocationBatch.Origin.OWN,
        country=first.country,
        kid=first.kid,
        hash_type=first.hash_type,
        made_at=now,
        expires_at=max(expires_at for _key, expires_at in rows),
    )
    return RevokedHash.objects.filter(pk__in=[key for key, _expires_at in rows], batch=None).update(batch=batch)


def _sign_batch(batch: RevocationBatch, *, signer: Signer, row: SignerCertificate, now: datetime) -> int:
    hashes = batch.hashes.order_by("pk").values_list("hash", flat=True)
    content: dict[str, Any] = {
        "country": batch.country,
        # Never earlier than the latest end inside.
        "expires": written(batch.expires_at.replace(microsecond=0) + timedelta(seconds=1)),
        "kid": batch.kid,
        "hashType": batch.hash_type,
        "entries": [{"hash": base64.b64encode(value).decode()} for value in hashes],
    }
    signed = signed_message.sign(json.dumps(content).encode(), signer=signer)
    with transaction.atomic():
        # Dates rise in the order of the commits: whoever saw one has seen all before it.
        take(Lock.REVOCATION_BATCHES)
        waiting = RevocationBatch.objects.filter(pk=batch.pk, signed=None)
        return waiting.update(signed=signed, signer=row, made_at=_next_change(now))


def _next_change(now: datetime) -> datetime:
    """A date after that of every change of our batches; whoever asks holds `REVOCATION_BATCHES`."""
    newest = RevocationBatch.objects.published().aggregate(made=Max("made_at"), deleted=Max("deleted_at"))
    dates = [date for date in newest.values() if date is not None]
    moment = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return max([moment, *(date + BETWEEN_CHANGES for date in dates)])


def _renew_list(*, signer: Signer, row: SignerCertificate, now: datetime) -> bool:
    """Sign the list of all where it has changed, is old, or was signed by another key."""
    known = RevocationList.objects.defer("signed").first()
    revoked = _revoked(now=now)
    content_hash = sha256(json.dumps(revoked).encode()).hexdigest()
    if (
        known is not None
        and known.content_hash == content_hash
        and known.signer_id == row.pk
        and known.made_at <= now < known.made_at + LIST_SERVES
    ):
        return False
    expires_at = now + timedelta(hours=settings.CERTIFICATE_LISTS_HOURS)
    content = {
        "country": settings.CERTIFICATE_COUNTRY,
        "date": written(now),
        "expires": written(expires_at),
        "revoked": revoked,
    }
    made = RevocationList(
        made_at=now,
        expires_at=expires_at,
        entries=sum(len(group["hashes"]) for group in revoked),
        content_hash=content_hash,
        signer=row,
        signed=_jws(content, signer=signer),
    )
    with transaction.atomic():
        take(Lock.REVOCATION_BATCHES)
        # Another publisher may have made a newer one meanwhile, of more than was read here.
        if RevocationList.objects.values_list("pk", flat=True).first() != (None if known is None else known.pk):
            return False
        made.save()
    return True


def _revoked(*, now: datetime) -> list[dict[str, Any]]:
    """All that is revoked and has not expired, by key and type."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    rows = RevokedHash.objects.in_force(now).filter(certificate__isnull=False)
    for kid, hash_type, value in rows.values_list("kid", "hash_type", "hash").iterator(chunk_size=5_000):
        groups[kid, hash_type].append(base64.b64encode(value).decode())
    return [
        {"kid": kid, "hashType": hash_type, "hashes": sorted(values)}
        for (kid, hash_type), values in sorted(groups.items())
    ]


def _jws(content: dict[str, Any], *, signer: Signer) -> str:
    """The content as a compact JWS (RFC 7515): ES256 signs it as COSE does."""
    header = {
        "alg": "ES256",
        "typ": "JOSE",
        "kid": base64.b64encode(signer.kid).decode(),
        "x5c": [base64.b64encode(signer.certificate.public_bytes(Encoding.DER)).decode()],
    }
    head = b".".join(_base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, content))
    return (head + b"." + _base64url(signer.sign(head))).decode()


def content_of(signed: str) -> bytes:
    """What a list of ours says, as JSON."""
    content = signed.split(".")[1]
    return base64.urlsafe_b64decode(content + "=" * (-len(content) % 4))


def written(moment: datetime) -> str:
    """A moment as the gateway writes it, in UTC to the millisecond."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
