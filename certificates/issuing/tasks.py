"""Issuing in the background; each task may run any number of times at once."""

import logging

from celery import shared_task
from django.utils import timezone

from certificates.errors import NoSigner
from certificates.issuing import issuing, retrying, wakeup
from crs import queueing

logger = logging.getLogger(__name__)

# Tasks are short, so that a worker can be stopped; what is left gets another task.
ROUND_SECONDS = 20.0


@shared_task(name=wakeup.TASK)
def issue_pending() -> None:
    """Issue what is due. Without a signing key everything waits: beat comes again each minute."""
    wakeup.woken()
    if not wakeup.begin_round():
        return
    try:
        counts = issuing.issue_pending(now=timezone.now(), seconds=ROUND_SECONDS)
    except NoSigner:
        logger.exception("Certificates wait: no key of ours may sign now")
        return
    finally:
        wakeup.end_round()
    # What was asked for at the round's end has sent a task that found the round under way.
    if counts.is_out_of_time or (not counts.failed and issuing.is_any_due(timezone.now())):
        wakeup.wake()


@shared_task(name=wakeup.RETRY_TASK)
def retry_blocked() -> None:
    """Let go on what has its codes by now; after a change of the codes again and again, until all was looked at."""
    if retrying.retry_complete(now=timezone.now()):
        queueing.send(wakeup.RETRY_TASK)
