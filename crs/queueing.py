"""Starts tasks; a queue that is away must neither break nor hold up the request that starts one.

docs/adr/0015-sessions-and-limits.md says why.
"""

from functools import partial

from crs.breaker import breaker_of
from crs.celery import app


def send(task: str, *args: object, countdown: float | None = None) -> None:
    """Have the task with this name done, in `countdown` seconds or as soon as a worker is free. Never raises.

    Where the queue is away the task is not started at all. So what it is about must be a row already, and a periodic
    task must find the rows that were left behind.
    """
    # No retry: a person is waiting for the page.
    start = partial(app.send_task, task, args=args, countdown=countdown, retry=False)
    # Everything that a broken broker raises; kombu has many ways.
    breaker_of(app.conf.broker_url).call(start, errors=Exception, otherwise=None)
