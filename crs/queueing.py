"""Starts tasks; a queue that is away must neither break nor hold up the request that starts one.

docs/adr/0015-sessions-and-limits.md says why.
"""

from functools import partial

from django.core.cache import cache

from crs.breaker import breaker_of
from crs.celery import app

# Shorter than the period of what finds the rows left behind: a task lost with its broker holds its work up no longer.
KEY_SECONDS = 25


def send(task: str, *args: object, countdown: float | None = None) -> None:
    """Have the task with this name done, in `countdown` seconds or as soon as a worker is free. Never raises.

    Where the queue is away the task is not started at all. So what it is about must be a row already, and a periodic
    task must find the rows that were left behind.
    """
    # No retry: a person is waiting for the page.
    start = partial(app.send_task, task, args=args, countdown=countdown, retry=False)
    # Everything that a broken broker raises; kombu has many ways.
    breaker_of(app.conf.broker_url).call(start, errors=Exception, otherwise=None)


def send_once(task: str) -> None:
    """Have a task without arguments done, unless one already waits in the queue. Never raises.

    For a task that does all that is due: one that waits serves everything committed before it begins. A key in the
    cache says that one waits.
    """
    if cache.add(_key(task), 1, KEY_SECONDS):
        send(task)


def begun(task: str) -> None:
    """Called by the task of `send_once` before it looks: what is committed from now on needs another one."""
    cache.delete(_key(task))


def _key(task: str) -> str:
    return f"queueing:waits:{task}"
