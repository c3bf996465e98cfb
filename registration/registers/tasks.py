"""Checks with registers in the background; the task may run any number of times at once."""

from celery import shared_task
from django.utils import timezone

from crs import queueing
from registration.registers import checking


@shared_task(name=checking.TASK)
def check_with_registers() -> None:
    """Check what is due, and tell those who wait long."""
    queueing.begun(checking.TASK)
    is_out_of_time = checking.check_due(now=timezone.now())
    checking.tell_late(now=timezone.now())
    if is_out_of_time:
        checking.wake()
