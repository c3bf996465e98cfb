"""Requests that an obstacle blocks are looked at again, some at a time: there may be a hundred thousand of them.

A name that is spelled and a dose that is corrected unblock their own requests at once (`truth.keep_true`); what is left
waits for a code.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from certificates.issuing import wakeup
from certificates.issuing.facts import facts_of_doses
from certificates.models import IssueRequest, VaccineCoding

State = IssueRequest.State
# In one run of the task; the next one looks at those that were looked at longest ago.
LOOKED_AT_ONCE = 5_000
PAGE = 500


def retry_complete(*, now: datetime, limit: int = LOOKED_AT_ONCE) -> int:
    """Let those of `limit` blocked requests wait again whose facts are complete now; returns how many."""
    day = timezone.localdate(now)
    has_code = Exists(VaccineCoding.objects.filter(vaccine=OuterRef("dose__vaccine"), valid_from__lte=day))
    candidates = IssueRequest.objects.filter(has_code, state=State.BLOCKED).exclude(
        obstacle=IssueRequest.Obstacle.LATIN_NAME
    )
    # `claimed_at` is when it was last taken up.
    oldest = candidates.order_by(F("claimed_at").asc(nulls_first=True), "pk")
    rows = list(oldest.values_list("pk", "dose_id")[:limit])
    retried = 0
    for start in range(0, len(rows), PAGE):
        page = rows[start : start + PAGE]
        told = facts_of_doses([dose for _pk, dose in page], on=day)
        # A dose that is not valid any more is among them: issuing drops its request.
        complete = {pk for pk, dose in page if dose not in told or told[dose].facts is not None}
        with transaction.atomic():
            # The WHERE clause is the check: the dose may just be annulled.
            blocked = IssueRequest.objects.filter(pk__in=[pk for pk, _dose in page], state=State.BLOCKED).locked()
            retried += blocked.filter(pk__in=complete).update(state=State.WAITING, obstacle="", claimed_at=None)
            blocked.exclude(pk__in=complete).update(claimed_at=now)
    if retried:
        wakeup.wake_on_commit()
    return retried
