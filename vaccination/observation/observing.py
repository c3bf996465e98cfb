"""People who sit after a dose: who they are and until when, letting them go, keeping them longer (DOMAIN 10.2).

Two people may press at once. Each change is one guarded UPDATE of the visit, which waits for the other and then looks
again, so nobody leaves while a doctor keeps them, and whoever lets go second finds the person gone (docs/locking.md).
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.functions import Greatest

from crs import history, sent_forms
from crs.sent_forms import Outcome
from logistics.models import VaccinationSite
from logistics.stock.ledger import EntryContext
from vaccination.models import Dose, Visit
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
