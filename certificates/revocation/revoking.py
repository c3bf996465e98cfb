"""Revoking certificates of ours, which nobody can undo: whoever needs one again gets another one."""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from certificates.hcert import cose, revocation_hashes, text
from certificates.models import Certificate, RevokedHash
from certificates.operations import Operation
from certificates.revocation.signals import certificates_revoked
from crs import history
from registration.models import Person

# In one step: that many texts are decrypted and unfolded at once, and so many persons may have to wait for it.
STEP = 200
LONGEST_NOTE = 300


def revoke(
    *,
    certificates: QuerySet[Certificate],
    why: Certificate.Revocation,
    now: datetime,
    note: str = "",
    by: User | None = None,
) -> int:
    """Revoke those of the certificates that are valid, in the caller's transaction; return how many these were.

    A check knows it from the commit on; the next publication tells others. Certificates are locked by rising key.
    """
    return sum(_revoke(keys, why=why, note=note, by=by, now=now) for keys in _steps(certificates))


def revoke_in_steps(
    *,
    certificates: QuerySet[Certificate],
    why: Certificate.Revocation,
    now: datetime,
    note: str = "",
    by: User | None = None,
    on_progress: Callable[[int], None] = lambda _done: None,
) -> int:
    """Revoke as many as a key or a batch of a vaccine may have, each step in a transaction of its own.

    What a crash leaves behind is still valid, so another call goes on there; two calls at once share the work.
    """
    revoked = 0
    for keys in _steps(certificates):
        with transaction.atomic():
            lock_persons(keys)
            revoked += _revoke(keys, why=why, note=note, by=by, now=now)
        on_progress(revoked)
    return revoked


def _steps(certificates: QuerySet[Certificate]) -> Iterator[list[UUID]]:
    """The keys of the valid ones, by rising key. `certificates` may be joined, or cut by what does not change."""
    valid = Certificate.objects.living().filter(pk__in=certificates.values("pk")).order_by("pk")
    keys = list(valid.values_list("pk", flat=True)[:STEP])
    while keys:
        yield keys
        # Beyond the last key, not from the start: others may revoke meanwhile, or a caller only look.
        keys = list(valid.filter(pk__gt=keys[-1]).values_list("pk", flat=True)[:STEP])


def lock_persons(keys: list[UUID]) -> None:
    """Whoever corrects a dose holds the person first, and then certificates, a lower one after a higher one too."""
    certificates = Certificate.objects.filter(pk__in=keys)
    whose = Q(pk__in=certificates.values("person")) | Q(pk__in=certificates.values("dose__person"))
    list(Person.objects.filter(whose).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _revoke(keys: list[UUID], *, why: Certificate.Revocation, note: str, by: User | None, now: datetime) -> int:
    # Whoever waits here for another who revokes the same ones then finds them revoked, and leaves them out.
    living = Certificate.objects.living().filter(pk__in=keys).select_related("signer").order_by("pk")
    found = list(living.select_for_update(of=("self",), no_key=True))
    if not found:
        return 0
    with history.recording_part(Operation.REVOKE, by=by, reason=note):
        Certificate.objects.living().filter(pk__in=[one.pk for one in found]).update(
            state=Certificate.State.REVOKED,
            revoked_at=now,
            revoked_by=by,
            revocation=why,
            revocation_note=note[:LONGEST_NOTE],
        )
        RevokedHash.objects.bulk_create([row for one in found for row in _hashes(one, now=now)])
        certificates_revoked.send(Certificate, keys=[one.pk for one in found], why=why)
    return len(found)


def _hashes(certificate: Certificate, *, now: datetime) -> Iterator[RevokedHash]:
    """The rows by which a check knows it, and from which the lists are made."""
    message = cose.message(text.unfolded(certificate.text))
    if message is None:
        raise ValueError("The text of a certificate of ours is no signed message.")
    known_by = revocation_hashes.hashes_to_publish(
        uvci=certificate.uvci,
        country=certificate.signer.country,
        signature=message.signature,
        algorithm=message.algorithm,
    )
    for hash_type, value in known_by.items():
        yield RevokedHash(
            hash=value,
            hash_type=hash_type,
            country=certificate.signer.country,
            kid=certificate.signer.kid,
            added_at=now,
            expires_at=certificate.expires_at,
            certificate=certificate,
        )
