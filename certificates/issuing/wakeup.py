"""Sets issuing going after a commit. One task empties the queue, so one that waits already serves all requests.

Nothing here may break or hold up the request that called: what is due is a row, and beat finds it within a minute.
"""

from functools import partial

from django.core.cache import cache
from django.db import transaction

from crs import queueing

TASK = "certificates.issue_pending"
RETRY_TASK = "certificates.retry_blocked"
_ROUND = "certificates:issuing"
# More than a round with a slow signer takes; one whose worker was killed holds the next one up no longer.
ROUND_KEY_SECONDS = 90


def wake_on_commit() -> None:
    """Have certificates issued once the transaction is committed, unless a task for it already waits. Never raises."""
    transaction.on_commit(wake)


def wake() -> None:
    """Have certificates issued now, unless a task for it already waits. Never raises."""
    queueing.send_once(TASK)


def retry_on_commit() -> None:
    """Have blocked requests looked at once the transaction is committed. Never raises."""
    transaction.on_commit(partial(queueing.send, RETRY_TASK))


def woken() -> None:
    """Called by the task before it looks: a request that is committed from now on needs another one."""
    queueing.begun(TASK)


def begin_round() -> bool:
    """Whether this task may issue: one at a time, for a worker of two threads has the reminders and sweeps to run, too.

    What two at once would do is right as well, so that without a cache each may.
    """
    return cache.add(_ROUND, 1, ROUND_KEY_SECONDS)


def end_round() -> None:
    """Let the next task issue."""
    cache.delete(_ROUND)
