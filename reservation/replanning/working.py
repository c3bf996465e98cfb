"""The work on re-plannings: part after part, by the task and by the beat for what was left behind."""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import OperationalError
from django.utils import timezone

from reservation.models import Replan
from reservation.replanning import planning, publishing, undoing
from reservation.replanning.errors import ReplanMovedOn

# A plan keeps its people from every other one: over a weekend, and no longer.
FORGOTTEN = timedelta(days=3)

_PARTS = {
    Replan.State.PLANNING: planning.plan_part,
    Replan.State.PUBLISHING: publishing.publish_part,
    Replan.State.UNDOING: undoing.undo_part,
}

logger = logging.getLogger(__name__)


def work_all(*, now: datetime | None = None) -> int:
    """Do all that is due, and return on how many re-plannings there was work; without `now` each part looks itself.

    A plan that nobody published in time is discarded. One that a lock holds up does not hold up the others; its error
    is raised after them.
    """
    _discard_forgotten(now or timezone.now())
    due = list(Replan.objects.filter(state__in=Replan.AT_WORK).order_by("pk").values_list("pk", "state"))
    failure: OperationalError | None = None
    for key, state in due:
        try:
            while _PARTS[Replan.State(state)](replan_id=key, now=now or timezone.now()):
                pass
        except OperationalError as error:
            logger.warning("Re-planning %s is left to the next run.", key)
            failure = error
    if failure:
        raise failure
    return len(due)


def _discard_forgotten(now: datetime) -> None:
    forgotten = Replan.objects.filter(state=Replan.State.PLANNED, made_at__lt=now - FORGOTTEN)
    for key in forgotten.values_list("pk", flat=True):
        with suppress(ReplanMovedOn):
            planning.discard(replan_id=key, by=None, now=now)
