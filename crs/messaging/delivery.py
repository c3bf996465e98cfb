"""Carries what waits in the outbox to the gateways (docs/adr/0003-outbox.md).

Claim a few rows and commit; send outside any transaction; write each result at once. A row that
is SENDING belongs to the worker whose `claimed_at` stands in it, until CLAIM_VALIDITY is over.
"""

import logging
import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from crs.messaging import callbacks, cancelling, rate, wakeup
from crs.messaging.gateways import Gateway, GatewayError, gateway_for
from crs.messaging.models import Attachment, Message

logger = logging.getLogger(__name__)

# So small that a PIN queued behind invitations waits for one batch of them and no more.
BATCH = 10
# A batch that gets slow gives the rest of its rows back long before anybody may take them up.
BATCH_TIME = timedelta(seconds=45)
# A claim older than this is a dead worker's.
CLAIM_VALIDITY = timedelta(minutes=2)
# Tasks are short, so that a worker can be stopped; what is left gets another task.
ROUND_SECONDS = 20.0
# A due time farther off is left to the sweep.
PLANNED_AHEAD = timedelta(seconds=60)

ATTEMPTS = 6
PIN_ATTEMPTS = 10
# As long as a PIN counts (registration.models.PIN_VALIDITY): later it would only bewilder.
PIN_USE = timedelta(minutes=15)

_CLAIM = """
    UPDATE messaging_message SET state = 'SENDING', claimed_at = %(now)s, attempts = attempts + 1
    WHERE id = ANY (ARRAY (
        SELECT id FROM messaging_message
        WHERE channel = %(channel)s AND state = 'QUEUED' AND due_at <= %(now)s
        ORDER BY lane, due_at, id LIMIT %(limit)s
        FOR NO KEY UPDATE SKIP LOCKED
    ))
    RETURNING *
"""
# What is due now first, because the index answers that at once however long the queue is; only then what is due soon.
_NEXT = """
    SELECT CASE
        WHEN EXISTS (
            SELECT FROM messaging_message WHERE channel = %(channel)s AND state = 'QUEUED' AND due_at <= %(now)s
        ) THEN %(now)s
        ELSE (
            SELECT min(due_at) FROM messaging_message
            WHERE channel = %(channel)s AND state = 'QUEUED' AND due_at <= %(until)s
        )
    END
"""


def drain(channel: Message.Channel, *, seconds: float = ROUND_SECONDS) -> int:
    """Send what is due in `channel`, PINs first, for about `seconds`; returns how many messages were tried.

    Safe to run any number of times at once. Messages that become due within a minute, or did not fit
    in the time, get a task of their own.
    """
    gateway = gateway_for(channel)
    stop, tried = time.monotonic() + seconds, 0
    try:
        while time.monotonic() < stop:
            has_waited, wanted = _take_tokens(channel)
            batch = claim(channel, limit=wanted, now=timezone.now())
            rate.give_back(channel, wanted - len(batch))
            if len(batch) == wanted and not has_waited:
                wakeup.wake(channel)  # the carrier could take more than this worker brings
            tried += _send_batch(batch, gateway)
            if len(batch) < wanted:
                break
    finally:
        gateway.close()
    _plan_next(channel)
    return tried


def claim(channel: Message.Channel, *, limit: int, now: datetime) -> list[Message]:
    """Make up to `limit` due messages this worker's and commit; the lowest lane first, then the longest due.

    SKIP LOCKED passes over rows that another worker is claiming at this moment, and once it has
    committed they are no longer QUEUED: no row is ever handed to two.
    """
    parameters = {"channel": channel, "limit": limit, "now": now}
    with transaction.atomic(durable=True):
        claimed = list(Message.objects.raw(_CLAIM, parameters))
    return sorted(claimed, key=lambda message: (message.lane, message.due_at, message.pk))


def take_up_stale(*, now: datetime) -> int:
    """Queue again what a dead worker had claimed; returns how many.

    It may have been sent just before the end: twice is harmless, not at all is not. A message that
    has had all its tries, perhaps because it kills its workers, ends as failed.
    """
    claimed = Message.objects.filter(state=Message.State.SENDING, claimed_at__lt=now - CLAIM_VALIDITY)
    cancelling.end_marked(claimed)
    stale = claimed.filter(cancellation="")  # what is cancelled from here on is the next sweep's
    stale.filter(attempts__gte=ATTEMPTS).exclude(lane=Message.Lane.PIN).update(
        state=Message.State.FAILED, error="The worker stopped while it was sending, at every try."
    )
    return stale.update(state=Message.State.QUEUED, due_at=now)


def _take_tokens(channel: Message.Channel) -> tuple[bool, int]:
    """Wait for the right to send a batch; returns whether there was a wait, and the size.

    The tokens come before the claim: a row is never held while the bucket is empty, and a PIN that
    arrives meanwhile still goes first.
    """
    wanted = max(1, min(BATCH, rate.per_second(channel) // 2))
    has_waited = False
    while (pause := rate.take(channel, wanted)) > 0:
        has_waited = True
        time.sleep(pause)
    return has_waited, wanted


def _send_batch(batch: Sequence[Message], gateway: Gateway) -> int:
    """Send one message after the other; returns how many were tried."""
    stop = time.monotonic() + BATCH_TIME.total_seconds()
    for place, message in enumerate(batch):
        if time.monotonic() > stop:
            _give_back(batch[place:])
            return place
        _send(message, gateway)
    return len(batch)


def _send(message: Message, gateway: Gateway) -> None:
    now = timezone.now()
    if message.lane == Message.Lane.PIN and message.created_at + PIN_USE <= now:
        _fail(message, "Not sent: the PIN ran out before the gateway took it.")
        return
    if message.text is None:
        _fail(message, "Not sent: the text has been erased.")
        return
    try:
        provider_id = gateway.send(message)
    except GatewayError as error:
        _record_refusal(message, str(error), is_permanent=error.is_permanent)
    except Exception as error:  # a fault of ours in one message must not hold up the others
        logger.exception("Message #%s could not be sent", message.pk)
        _record_refusal(message, type(error).__name__, is_permanent=False)
    else:
        _record_sent(message, provider_id[:64], gateway)


def _record_sent(message: Message, provider_id: str, gateway: Gateway) -> None:
    erased = {"text": None} if message.is_secret and not gateway.keeps_text else {}
    sent = {"state": Message.State.SENT, "sent_at": timezone.now(), "provider_id": provider_id, "error": ""}
    with transaction.atomic():
        if gateway.reports_later:
            callbacks.expect(provider_id=provider_id)
        if not _write(message, **sent, **erased):
            return
        if not gateway.keeps_text:
            Attachment.objects.filter(message=message).delete()
        if gateway.reports_later:
            callbacks.meet_early_report(provider_id=provider_id)


def _record_refusal(message: Message, error: str, *, is_permanent: bool) -> None:
    allowed = PIN_ATTEMPTS if message.lane == Message.Lane.PIN else ATTEMPTS
    if is_permanent or message.attempts >= allowed:
        _fail(message, error)
        return
    due_at = timezone.now() + back_off(message.lane, message.attempts)
    _write(message, state=Message.State.QUEUED, due_at=due_at, error=error)


def back_off(lane: int, attempts: int) -> timedelta:
    """How long to wait after the try number `attempts`: 10 s, 30 s, 90 s, …; a PIN 3 s, 6 s, … up to a minute.

    With a fifth more or less by chance, so that what failed together does not come back together.
    """
    is_pin = lane == Message.Lane.PIN
    seconds: float = min(3 * 2 ** (attempts - 1), 60) if is_pin else 10 * 3 ** (attempts - 1)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311


def _fail(message: Message, error: str) -> None:
    logger.warning("Message #%s (%s) failed: %s", message.pk, message.template, error)
    _write(message, state=Message.State.FAILED, error=error)


def _write(message: Message, **values: object) -> bool:
    """Write the result, unless the claim was taken over meanwhile: then the other worker's result counts."""
    mine = Message.objects.filter(pk=message.pk, state=Message.State.SENDING, claimed_at=message.claimed_at)
    if values["state"] == Message.State.SENT:
        is_mine = bool(mine.update(**values))
    else:
        # Whoever cancels it meanwhile finds it as it is now, or has marked it by now.
        is_mine = bool(mine.filter(cancellation="").update(**values)) or bool(cancelling.end_marked(mine))
    if is_mine:
        return True
    logger.warning("Message #%s was taken over by another worker", message.pk)
    return False


def _give_back(messages: Sequence[Message]) -> None:
    for message in messages:
        _write(message, state=Message.State.QUEUED, attempts=F("attempts") - 1)


def _plan_next(channel: Message.Channel) -> None:
    """Start the next round when it is due: at once if time ran out, later for what is to be tried again."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, {"channel": channel, "now": now, "until": now + PLANNED_AHEAD})
        (due_at,) = cursor.fetchone()
    if due_at is None:
        return
    if due_at <= now:
        wakeup.wake(channel)
    else:
        wakeup.wake_at(channel, due_at)
