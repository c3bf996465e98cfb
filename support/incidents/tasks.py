"""Work on known problems in the background; each task may run any number of times at once."""

from celery import shared_task

from crs import queueing
from support.incidents import answering, running


@shared_task(name="support.publish_incidents")
def publish_incidents() -> None:
    """Put into the cache what the pages show, for it may have been away or emptied."""
    running.published()


@shared_task(name=answering.TASK)
def answer_linked() -> None:
    """Give tickets their shared answers; beat comes again each minute for what was left behind."""
    queueing.begun(answering.TASK)
    if not answering.answer_waiting():
        queueing.send_once(answering.TASK)
