"""What is to be done about our keys: which one signs, which one ends soon, whom to tell, a new key to encrypt them."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from certificates.keys.creation import RENEWED_BEFORE, own_authority
from certificates.keys.errors import KeyRefused
from certificates.models import KeyRequest, SigningKey
from certificates.operations import Operation
from crs import history
from crs.advisory_locks import Lock, take
from crs.messaging import alarms

# A key that was handed over by mistake can still be set right on that day.
GRACE = timedelta(days=1)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeyState:
    """A key of ours, what it does now, and what is to be done about it (empty: nothing)."""

    key: SigningKey
    does: str
    to_do: str


def states(now: datetime) -> list[KeyState]:
    """Every key of ours, the one that began last first."""
    current = SigningKey.objects.signing(now).first()
    keys = SigningKey.objects.select_related("signer").defer("private_key").order_by("-signs_from", "-pk")
    return [_state(key, current, now) for key in keys]


def _state(key: SigningKey, current: SigningKey | None, now: datetime) -> KeyState:
    signer = key.signer
    ends = min(key.signs_until, signer.not_after)
    is_ending = ends <= now + RENEWED_BEFORE
    if signer.withdrawn_at is not None:
        return KeyState(key, "withdrawn", "")
    if signer.not_after <= now:
        return KeyState(key, "ended", "")
    if signer.is_authority:
        is_last = key.signs_until <= now and own_authority(now) is None
        return KeyState(key, "authority", "it signs no more signers; `create` makes the next one" if is_last else "")
    if key == current:
        return KeyState(key, "signs", f"renew before {ends:%Y-%m-%d}" if is_ending and not _follows(key) else "")
    if key.signs_from > now and key.signs_until > key.signs_from:
        return KeyState(key, "will sign", "")
    return KeyState(key, "verifies", "")


def _follows(key: SigningKey) -> bool:
    """Whether another key begins when `key` ends."""
    return SigningKey.objects.signing(min(key.signs_until, key.signer.not_after)).exists()


def what_is_wrong(now: datetime) -> list[str]:
    """What stops certificates from being issued, now or within a month; in English, for operators."""
    own = states(now)
    wrong = [] if any(state.does == "signs" for state in own) else ["No key signs now: no certificate can be issued."]
    return wrong + [f"{state.key.signer.kid}: {state.to_do}" for state in own if state.to_do]


@transaction.atomic
def raise_alarm(*, now: datetime) -> list[str]:
    """Log, and tell `ALARM_EMAIL`, what is wrong with our keys; called once a day."""
    wrong = what_is_wrong(now)
    for sentence in wrong:
        transaction.on_commit(partial(logger.error, "Signing keys: %s", sentence))
    if wrong:
        alarms.tell_operators("certificates/signing_keys", {"wrong": wrong}, now=now)
    return wrong


@transaction.atomic
def delete_spent_keys(*, now: datetime) -> int:
    """Delete the private keys that sign no more since a day, authorities' too; how many. Called once a day.

    What they signed is verified by their certificates, which stay.
    """
    take(Lock.SIGNING_KEYS)
    with history.recording(Operation.DELETE_KEY):
        deleted = SigningKey.objects.filter(signs_until__lte=now - GRACE).delete_private_keys()
    if deleted:
        transaction.on_commit(partial(logger.warning, "%d private keys that sign no more were deleted.", deleted))
    return deleted


@transaction.atomic
def reencrypt() -> int:
    """Encrypt every private key anew, with the first of `SIGNING_KEY_ENCRYPTION_KEYS`; how many there are.

    Raises SealedKey where none of them opens one, and changes nothing.
    """
    take(Lock.SIGNING_KEYS)
    rows = [*SigningKey.objects.exclude(private_key=None), *KeyRequest.objects.all()]
    for row in rows:
        row.save(update_fields=["private_key"])
    return len(rows)


def requests() -> QuerySet[KeyRequest]:
    """The keys that wait for their certificate, the oldest first; not decrypted."""
    return KeyRequest.objects.defer("private_key").order_by("created_at", "pk")


@transaction.atomic
def drop_request(number: int) -> str:
    """Delete a key that waits for a certificate which will not come; its subject. Raises KeyRefused."""
    take(Lock.SIGNING_KEYS)
    request = requests().filter(pk=number).first()
    if request is None:
        raise KeyRefused(f"No request has the number {number}; `list` shows them.")
    request.delete()
    transaction.on_commit(partial(logger.warning, "A key that waited for its certificate was deleted: %s", request))
    return str(request)
