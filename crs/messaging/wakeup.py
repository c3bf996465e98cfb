"""Sets the delivery going after a commit.

A task empties a whole channel, so one that is already waiting in the broker serves every message
committed before it starts. Forty thousand invitations make a handful of tasks this way.

Nothing here may break or hold up the request that called: the message is safe in the database,
and `messaging.sweep` finds it.
"""

from datetime import datetime

from django.core.cache import cache
from django.utils import timezone

from crs import queueing
from crs.messaging.models import Message

PREPARATION = "PREPARATION"
TASKS: dict[str, str] = {
    Message.Channel.SMS: "messaging.deliver_sms",
    Message.Channel.EMAIL: "messaging.deliver_email",
    PREPARATION: "messaging.prepare_emails",
}


def wake(work: str) -> None:
    """Have a channel delivered, or attachments made, now, unless a task for it already waits. Never raises."""
    queueing.send_once(TASKS[work])


def wake_at(channel: Message.Channel, due_at: datetime) -> None:
    """Have `channel` delivered at `due_at`; one task per second is enough for it. Never raises."""
    seconds = max((due_at - timezone.now()).total_seconds(), 0) + 0.05
    if cache.add(f"messaging:waking:{channel}:{int(due_at.timestamp())}", 1, int(seconds) + 1):
        queueing.send(TASKS[channel], countdown=seconds)


def woken(work: str) -> None:
    """Called by the task before it looks at the outbox: what is committed from now on needs another one."""
    queueing.begun(TASKS[work])
