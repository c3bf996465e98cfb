"""Sets the delivery going after a commit.

A task empties a whole channel, so one that is already waiting in the broker serves every message
committed before it starts: a key in Valkey says that one waits, and the task takes the key away
before it looks at the outbox. Forty thousand invitations make a handful of tasks this way.

Nothing here may break or hold up the request that called: the message is safe in the database,
and `messaging.sweep` finds it.
"""

from datetime import datetime

from django.core.cache import cache
from django.utils import timezone

from crs import queueing
from crs.messaging.models import Message

# Shorter than the sweep's period: a task lost with its broker holds a channel up for one sweep only.
KEY_SECONDS = 25

PREPARATION = "PREPARATION"
TASKS = {Message.Channel.SMS: "messaging.deliver_sms", Message.Channel.EMAIL: "messaging.deliver_email"}


def wake(channel: Message.Channel) -> None:
    """Have `channel` delivered now, unless a task for it already waits. Never raises."""
    if cache.add(_key(channel), 1, KEY_SECONDS):
        queueing.send(TASKS[channel])


def wake_at(channel: Message.Channel, due_at: datetime) -> None:
    """Have `channel` delivered at `due_at`; one task per second is enough for it. Never raises."""
    seconds = max((due_at - timezone.now()).total_seconds(), 0) + 0.05
    if cache.add(f"{_key(channel)}:{int(due_at.timestamp())}", 1, int(seconds) + 1):
        queueing.send(TASKS[channel], countdown=seconds)


def wake_preparation() -> None:
    """Have attachments made, unless a task for it already waits. Never raises."""
    if cache.add(_key(PREPARATION), 1, KEY_SECONDS):
        queueing.send("messaging.prepare_emails")


def woken(channel: str) -> None:
    """Called by the task before it looks at the outbox: what is committed from now on needs another one."""
    cache.delete(_key(channel))


def _key(channel: str) -> str:
    return f"messaging:waking:{channel}"
