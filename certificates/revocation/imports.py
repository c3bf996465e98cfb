"""Takes over what other states have revoked."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from cryptography import x509
from django.conf import settings
from django.db import transaction

from certificates.hcert.trusted import spellings_of
from certificates.models import ListReading, RevocationBatch, RevokedHash, SignerCertificate
from certificates.revocation import batches
from certificates.revocation.batches import Batch, Broken, Listed
from certificates.revocation.sources import Gone, Source
from certificates.trust import readings
from crs.advisory_locks import Lock, take

_IMPORTED = SignerCertificate.Origin.IMPORTED
_AT_ONCE = 500


@dataclass
class Imported:
    """What an import found; `problems` are batches that were left out, each with its reason."""

    listed: int = 0
    new: int = 0
    new_hashes: int = 0
    known: int = 0
    removed: int = 0
    expired: int = 0
    ours: int = 0
    problems: list[str] = field(default_factory=list)


def import_revocations(
    *,
    source: Source,
    signers: Sequence[x509.Certificate],
    now: datetime,
    dated: datetime | None = None,
    is_dry_run: bool = False,
    on_progress: Callable[[int], None] = lambda _done: None,
) -> Imported:
    """Take over all batches of the source that are not known yet, and remove those that it calls deleted.

    Each batch is written whole or not at all, in a transaction of its own, so an import that was stopped goes on where
    it was. That the list was read is noted last, as of `dated` or what the source says, and only where nothing was left
    out. Raises Broken where the list itself cannot be read, Unreachable where the source answers no more.
    """
    result = Imported()
    rows = source.listed()
    while part := list(islice(rows, _AT_ONCE)):
        found = RevocationBatch.objects.imported().filter(batch_id__in=[one.batch_id for one in part])
        known = {one.batch_id: one for one in found}
        for listed in part:
            result.listed += 1
            _import_one(listed, known.get(listed.batch_id), source, signers, now, result, is_dry_run=is_dry_run)
            on_progress(result.listed)
    if not is_dry_run and not result.problems:
        _note_reading(source, dated or source.dated(now), now)
    return result


def _note_reading(source: Source, issued_at: datetime, now: datetime) -> None:
    """An older folder takes nothing away from what is known, so its date is no step back."""
    last = readings.last_of(ListReading.Kind.REVOCATION, source.name)
    readings.note(
        kind=ListReading.Kind.REVOCATION,
        source=source.name,
        issued_at=issued_at if last is None else max(issued_at, last.issued_at),
        read_at=now,
        entries=RevokedHash.objects.in_force(now).filter(certificate=None).count(),
    )


def _import_one(
    listed: Listed,
    known: RevocationBatch | None,
    source: Source,
    signers: Sequence[x509.Certificate],
    now: datetime,
    result: Imported,
    *,
    is_dry_run: bool,
) -> None:
    if listed.country == settings.CERTIFICATE_COUNTRY:
        # Our own list, as the gateway has it; what we revoke is known here already.
        result.ours += 1
        return
    try:
        if listed.is_deleted:
            result.removed += _remove(listed, now=now, is_dry_run=is_dry_run)
        elif known is not None and (known.deleted_at is not None or known.made_at >= listed.date):
            result.known += 1
        else:
            _take_over(listed, _read(listed, source, signers), now, result, is_dry_run=is_dry_run)
    except Gone:
        result.removed += _remove(listed, now=now, is_dry_run=is_dry_run)
    except Broken as error:
        result.problems.append(f"{listed.batch_id}: {error}")


def _read(listed: Listed, source: Source, signers: Sequence[x509.Certificate]) -> Batch:
    batch = batches.batch(source.batch(listed.batch_id), signers=signers)
    if listed.country not in {"", *spellings_of(batch.country)}:
        raise Broken(f"The list has it as one of {listed.country}, but it is one of {batch.country}.")
    return batch


def _take_over(listed: Listed, batch: Batch, now: datetime, result: Imported, *, is_dry_run: bool) -> None:
    if batch.country == settings.CERTIFICATE_COUNTRY:
        result.ours += 1
    elif batch.expires_at < now:
        result.expired += 1
    elif is_dry_run or _store(listed, batch, now=now):
        result.new += 1
        result.new_hashes += len(batch.hashes)
    else:
        result.known += 1


@transaction.atomic
def _store(listed: Listed, batch: Batch, *, now: datetime) -> bool:
    """Write the batch, or write it anew where it has changed; False where somebody else did meanwhile."""
    take(Lock.REVOCATION_BATCHES)
    known = RevocationBatch.objects.imported().filter(batch_id=listed.batch_id).first()
    if known is not None:
        if known.deleted_at is not None or known.made_at >= listed.date:
            return False
        if known.country != batch.country:
            raise Broken(f"A batch of {known.country} has this batchId.")
        known.delete()
    row = RevocationBatch.objects.create(
        batch_id=listed.batch_id,
        origin=_IMPORTED,
        country=batch.country,
        kid=batch.kid,
        hash_type=batch.hash_type,
        made_at=listed.date,
        expires_at=batch.expires_at,
    )
    RevokedHash.objects.bulk_create(list(_rows(row, batch, now=now)))
    return True


def _rows(row: RevocationBatch, batch: Batch, *, now: datetime) -> Iterator[RevokedHash]:
    for value in batch.hashes:
        yield RevokedHash(
            hash=value,
            hash_type=batch.hash_type,
            country=batch.country,
            kid=batch.kid,
            added_at=now,
            expires_at=batch.expires_at,
            batch=row,
        )


def _remove(listed: Listed, *, now: datetime, is_dry_run: bool) -> int:
    """Forget the hashes of a deleted batch; its row stays a while, so an older list does not bring it back."""
    living = RevocationBatch.objects.imported().filter(batch_id=listed.batch_id, deleted_at=None)
    living = living.filter(country=listed.country)
    if is_dry_run:
        return living.count()
    with transaction.atomic():
        take(Lock.REVOCATION_BATCHES)
        RevokedHash.objects.filter(batch__in=living).delete()
        return living.update(deleted_at=now)
