"""Takes letters in: each is kept as it came, and committed, before anything reads it (ADR 0032)."""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.db import IntegrityError, transaction

from crs.encryption import seal
from crs.plain_sql import execute_with_bytes
from support.letters.identity import has_origin, identity
from support.mail_in import filing
from support.models import Desk, Letter

logger = logging.getLogger(__name__)

_LONGEST_ADDRESS = 320
# A letter that nothing tells from another of the same words is brought again so soon, or it is another.
_COPY_COMES_WITHIN = timedelta(hours=1)
_KEEP = "INSERT INTO support_rawletter (letter_id, content, size) VALUES (%(letter)s, %(content)b, %(size)s)"


def accept(raw: bytes, *, desk: Desk, envelope_sender: str, envelope_recipient: str, now: datetime) -> Letter:
    """Keep a letter for good, then file it. Once it returns, whoever brought the letter may forget it.

    A letter that the desk has already is the first one; if that is not filed yet the sweep does it, which counts its
    tries: a letter that ends its process does so no more often for being brought again. What goes wrong in filing is
    logged, and left to the sweep, too. Raises only where the letter could not be kept: then it must be brought again.
    """
    letter, is_new = keep(
        raw, desk=desk, envelope_sender=envelope_sender, envelope_recipient=envelope_recipient, received_at=now
    )
    if not is_new:
        return letter
    try:
        filing.file(letter, raw, now=now)
    except Exception:
        logger.exception("Letter %s is kept and was not filed; the sweep will try it again", letter.pk)
        letter.refresh_from_db()
    return letter


def keep(
    raw: bytes, *, desk: Desk, envelope_sender: str, envelope_recipient: str, received_at: datetime
) -> tuple[Letter, bool]:
    """The letter as a row of its own with its bytes, committed, and True; the first one and False if the desk has it.

    Nothing of the letter is looked at but the hash that tells it from others.
    """
    key = identity(raw)
    taken = Letter.objects.filter(desk=desk, direction=Letter.Direction.IN, identity=key)
    keep_it = partial(_kept, raw, key, desk, envelope_sender, envelope_recipient, received_at)
    try:
        return keep_it(), True
    except IntegrityError:
        first = taken.get()
    is_waiting = first.state == Letter.State.RECEIVED  # a mailbox keeps it until it is filed
    if is_waiting or has_origin(raw) or received_at - first.received_at < _COPY_COMES_WITHIN:
        return first, False
    try:
        return keep_it(instead_of=first), True
    except IntegrityError:
        return taken.get(), False  # another process has just kept it


def _kept(
    raw: bytes,
    key: str,
    desk: Desk,
    sender: str,
    recipient: str,
    received_at: datetime,
    *,
    instead_of: Letter | None = None,
) -> Letter:
    """The letter, committed; `instead_of` gives its identity up to it. Raises IntegrityError if the desk has it."""
    with transaction.atomic(durable=True):
        if instead_of is not None:
            # Of two processes the second waits here, changes nothing, and then finds the first one's letter.
            Letter.objects.filter(pk=instead_of.pk, identity=key).update(identity="")
        # Of two processes with one letter the second waits here for the first one's commit, at the unique index.
        letter = Letter.objects.create(
            desk=desk,
            direction=Letter.Direction.IN,
            identity=key,
            envelope_sender=_address(sender),
            envelope_recipient=_address(recipient),
            received_at=received_at,
            # The first try is counted before it is made: a letter that ends its process is not tried for ever.
            tries=1,
        )
        execute_with_bytes(_KEEP, {"letter": letter.pk, "content": seal(raw), "size": len(raw)})
        return letter


def _address(text: str) -> str:
    return text.replace("\x00", "").strip()[:_LONGEST_ADDRESS]
