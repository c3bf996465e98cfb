"""People who sit after a dose: who they are and until when, letting them go, keeping them longer (DOMAIN 10.2).

Two people may press at once. Each change is one guarded UPDATE of the visit, which waits for the other and then looks
again, so nobody leaves while a doctor keeps them, and whoever lets go second finds the person gone (docs/locking.md).
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from crs import advisory_locks, history, sent_forms
from crs.advisory_locks import Lock
from crs.sent_forms import Outcome
from logistics.models import VaccinationSite
from logistics.stock.ledger import EntryContext
from vaccination.models import DayClosing, Dose, Visit
from vaccination.observation import errors
from vaccination.operations import Operation

SHORTEST, LONGEST = 5, 240  # minutes by which somebody may be kept longer
_State = Visit.State


@dataclass(frozen=True)
class Sitting:
    """Somebody under observation; `seconds_left` is 0 where the time is over, then `minutes_over` counts."""

    visit: Visit
    dose: Dose | None
    since: datetime
    until: datetime
    seconds_left: int
    minutes_over: int
    kept_because: str = ""

    @property
    def is_over(self) -> bool:
        """Whether the person may go."""
        return self.seconds_left == 0


def sitting(site: VaccinationSite, *, now: datetime) -> list[Sitting]:
    """Everybody under observation at the site; whose time is over stands first, the longest over before others."""
    visits = list(
        Visit.objects.filter(site=site, state=_State.OBSERVED)
        .select_related("registration__person")
        .order_by("observe_until", "pk")
    )
    doses = {
        dose.visit_id: dose for dose in Dose.objects.valid().filter(visit__in=visits).select_related("vaccine", "batch")
    }
    return [_sitting(visit, doses.get(visit.pk), now) for visit in visits]


def leave(*, visit: Visit, context: EntryContext, early_reason: str = "") -> Visit:
    """Let the person go. Whoever comes second for somebody who has gone finds them gone, without an error.

    Before the end of the observation `early_reason` says why. Raises StillObserved, NotObserved, FormChanged.
    """
    early_reason = _words(early_reason)

    def write() -> Outcome:
        observed = Visit.objects.filter(pk=visit.pk, state=_State.OBSERVED)
        if not early_reason:
            # The guard reads the end anew after waiting for a doctor who prolongs it at this moment.
            observed = observed.filter(observe_until__lte=context.now)
        with history.recording(Operation.LEAVE, by=context.by):
            changed = observed.update(state=_State.GONE, left_at=context.now, left_because=early_reason or None)
        if not changed:
            _require_gone(visit)
        return {}

    sent_forms.once(context.form, write)
    visit.refresh_from_db()
    return visit


def take_leave_back(*, visit: Visit, context: EntryContext) -> Visit:
    """Let somebody sit again who was let go by mistake, on the same day. Whoever comes second finds them sitting.

    Raises NotTakenBack, FormChanged.
    """

    def write() -> Outcome:
        # Nobody sits on a day that is closed, so it is kept from being closed until the commit.
        advisory_locks.take_shared(Lock.DAY_OF_A_SITE, f"{visit.site_id} {visit.day}")
        if visit.day != timezone.localdate(context.now) or DayClosing.objects.is_closed(visit.site, visit.day):
            raise errors.NotTakenBack
        gone = Visit.objects.filter(pk=visit.pk, state=_State.GONE, observe_until__isnull=False)
        try:
            with transaction.atomic(), history.recording(Operation.TAKE_LEAVE_BACK, by=context.by):
                changed = gone.update(state=_State.OBSERVED, left_at=None, left_because=None)
        except IntegrityError as error:  # the person was checked in once more
            raise errors.NotTakenBack from error
        if not changed and not Visit.objects.filter(pk=visit.pk, state=_State.OBSERVED).exists():
            raise errors.NotTakenBack
        return {}

    sent_forms.once(context.form, write)
    visit.refresh_from_db()
    return visit


def prolong(*, visit: Visit, minutes: int, context: EntryContext) -> Visit:
    """Keep the person `minutes` longer: from the end of the observation, or from now where that is over.

    The note of `context` is the reason. Raises NotThisLong, ReasonMissing, NotObserved, FormChanged.
    """
    reason = _words(context.note)
    if not SHORTEST <= minutes <= LONGEST:
        raise errors.NotThisLong
    if not reason:
        raise errors.ReasonMissing

    def write() -> Outcome:
        observed = Visit.objects.filter(pk=visit.pk, state=_State.OBSERVED)
        with history.recording(Operation.PROLONG_OBSERVATION, by=context.by):
            changed = observed.update(
                observe_until=Greatest(F("observe_until"), context.now) + timedelta(minutes=minutes),
                kept_because=reason,
            )
        if not changed:
            raise errors.NotObserved
        return {}

    sent_forms.once(context.form, write)
    visit.refresh_from_db()
    return visit


def _require_gone(visit: Visit) -> None:
    visit.refresh_from_db()
    if visit.state == _State.GONE:
        return
    if visit.state == _State.OBSERVED and visit.observe_until:
        raise errors.StillObserved(visit.observe_until)
    raise errors.NotObserved


def _sitting(visit: Visit, dose: Dose | None, now: datetime) -> Sitting:
    assert visit.observe_until is not None, "observed_until_some_time"  # noqa: S101 (a constraint of the database)
    left = (visit.observe_until - now).total_seconds()
    return Sitting(
        visit=visit,
        dose=dose,
        since=dose.given_at if dose else visit.arrived_at,
        until=visit.observe_until,
        seconds_left=max(0, math.ceil(left)),
        minutes_over=max(0, int(-left // 60)),
        kept_because=visit.kept_because or "",
    )


def _words(text: str) -> str:
    return " ".join(text.split())[:300]
