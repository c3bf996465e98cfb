"""Unusually many requests of one issuer in one hour are held until the ministry releases or rejects them.

Whether a request is within the limit is judged when it is taken up, under the lock of its issuer, by counting those
that were taken up before it (docs/adr/0026-issuing.md). So however many are issued at once, an issuer gets no more than
the limit in an hour without somebody's decision. An hour is the one in which it was asked for, on the clock: of a dose
the one in which it was recorded, so that what a night run issues after a busy day is no burst.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import TruncHour
from django.utils import timezone

from certificates.issuing import wakeup
from certificates.issuing.errors import DecisionNeedsReason, NothingHeld
from certificates.models import IssueRequest
from certificates.models.certificates import IssueRequestQuerySet
from certificates.operations import Operation
from crs import advisory_locks, history, sent_forms
from crs.advisory_locks import Lock
from crs.messaging import alarms
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import VaccinationSite

logger = logging.getLogger(__name__)

State = IssueRequest.State
HOUR = timedelta(hours=1)
# Of the requests of a burst: enough to see what happened.
MOST_LISTED = 200
# Of each issuer and hour: how many were taken up without anybody's decision, up to the limit, and whether any was held
# ever. An hour may have thousands, and is asked about with each batch of it.
_OF_THE_HOUR = """
SELECT FROM certificates_issuerequest r
WHERE r.issuer = wanted.issuer AND r.asked_at >= wanted.hour AND r.asked_at < wanted.hour + interval '1 hour'
"""
_TAKEN_UP = f"""
SELECT wanted.issuer, wanted.hour,
    (SELECT count(*) FROM ({_OF_THE_HOUR} AND r.decided_at IS NULL AND (
        r.state IN ('ISSUED', 'BLOCKED') OR (r.state = 'WAITING' AND r.claimed_at IS NOT NULL))
        LIMIT %(limit)s) AS taken_up),
    EXISTS ({_OF_THE_HOUR} AND (r.state = 'HELD' OR r.decided_at IS NOT NULL))
FROM unnest(%(issuers)s::text[], %(hours)s::timestamptz[]) AS wanted (issuer, hour)
"""  # noqa: S608


class Hour(NamedTuple):
    """An issuer and an hour on the clock."""

    issuer: str
    begins_at: datetime


def hour_of(request: IssueRequest) -> Hour:
    """The hour in which the request is counted."""
    return Hour(request.issuer, request.asked_at.replace(minute=0, second=0, microsecond=0))


def held_among(requests: Sequence[IssueRequest], *, now: datetime) -> list[IssueRequest]:
    """Hold those of `requests` that are over the limit of their issuer, and raise the alarm of a new burst.

    Called in the transaction that then writes the claims of the others, with the rows locked: whoever judges requests
    of one of the issuers waits here until it ends. A request is judged once; one that somebody decided about, and one
    that was taken up before, are within it.
    """
    fresh = [row for row in requests if row.decided_at is None and row.claimed_at is None]
    if not fresh:
        return []
    by_hour: dict[Hour, list[IssueRequest]] = defaultdict(list)
    for row in sorted(fresh, key=lambda row: row.pk):
        by_hour[hour_of(row)].append(row)
    advisory_locks.take_all(Lock.CERTIFICATES_OF_AN_ISSUER, {hour.issuer for hour in by_hour})
    taken_up, held_before = _counts(by_hour)
    held: list[IssueRequest] = []
    for hour, rows in by_hour.items():
        room = max(settings.CERTIFICATES_PER_ISSUER_AND_HOUR - taken_up[hour], 0)
        if rows[room:] and not held_before[hour]:
            _raise_alarm(hour, now)
        held += rows[room:]
    if held:
        with history.recording(Operation.HOLD):
            IssueRequest.objects.filter(pk__in=[row.pk for row in held]).update(state=State.HELD)
    return held


def _counts(hours: Iterable[Hour]) -> tuple[dict[Hour, int], dict[Hour, bool]]:
    taken_up, held_before = dict[Hour, int](), dict[Hour, bool]()
    wanted = list(hours)
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKEN_UP,
            {
                "issuers": [hour.issuer for hour in wanted],
                "hours": [hour.begins_at for hour in wanted],
                "limit": settings.CERTIFICATES_PER_ISSUER_AND_HOUR,
            },
        )
        for issuer, begins_at, taken, held in cursor:
            taken_up[Hour(issuer, begins_at)] = taken
            held_before[Hour(issuer, begins_at)] = held
    return taken_up, held_before


def _raise_alarm(hour: Hour, now: datetime) -> None:
    """Log a burst, and tell `ALARM_EMAIL`; the first request that is held does, under the lock of the issuer."""
    transaction.on_commit(partial(logger.error, "Certificates are held: a burst of %s", hour.issuer or "machines"))
    context = {
        "issuer": hour.issuer or "machines",
        "begins_at": timezone.localtime(hour.begins_at),
        "limit": settings.CERTIFICATES_PER_ISSUER_AND_HOUR,
    }
    alarms.tell_operators("certificates/burst", context, now=now)


# --- what the ministry decides ------------------------------------------------------------------


@dataclass(frozen=True)
class Burst:
    """What is held of one issuer, site and hour; the newest held request stands for it in addresses."""

    last_id: int
    issuer: str
    user: User | None
    site: VaccinationSite | None
    begins_at: datetime
    held: int
    issued: int
    first_at: datetime
    last_at: datetime

    @property
    def ends_at(self) -> datetime:
        """The end of the hour."""
        return self.begins_at + HOUR


def held_count() -> int:
    """How many certificates wait for a decision; one query."""
    return IssueRequest.objects.filter(state=State.HELD).count()


def held_of(burst: Burst) -> list[IssueRequest]:
    """The held requests of a burst with their doses, as they came; at most `MOST_LISTED`. One query."""
    rows = burst_of(burst.last_id).select_related("dose__vaccine").order_by("asked_at", "pk")
    return list(rows[:MOST_LISTED])


def bursts() -> list[Burst]:
    """All that is held now, the newest hour first."""
    return _grouped(IssueRequest.objects.filter(state=State.HELD))


def burst(request_id: int) -> Burst | None:
    """What a decision with this newest request would be about; None where nothing of it is held any more."""
    return next(iter(_grouped(burst_of(request_id))), None)


def _grouped(held: QuerySet[IssueRequest]) -> list[Burst]:
    grouped = (
        held.annotate(hour=TruncHour("asked_at", tzinfo=timezone.get_default_timezone()))
        .values("issuer", "site", "hour")
        .annotate(held=Count("pk"), last_id=Max("pk"), first_at=Min("asked_at"), last_at=Max("asked_at"))
        .order_by("-hour", "issuer", "site")
    )
    rows = list(grouped)
    users = User.objects.in_bulk([int(row["issuer"][5:]) for row in rows if row["issuer"].startswith("user:")])
    sites = VaccinationSite.objects.in_bulk({row["site"] for row in rows if row["site"]})
    issued = _issued({(row["issuer"], row["site"], row["hour"]) for row in rows})
    return [
        Burst(
            last_id=row["last_id"],
            issuer=row["issuer"],
            user=users.get(int(row["issuer"][5:])) if row["issuer"].startswith("user:") else None,
            site=sites.get(row["site"]),
            begins_at=row["hour"],
            held=row["held"],
            issued=issued[row["issuer"], row["site"], row["hour"]],
            first_at=row["first_at"],
            last_at=row["last_at"],
        )
        for row in rows
    ]


def is_known(request_id: int) -> bool:
    """Whether the request is, or may have been, the newest one of a burst: held, decided about, or dropped since."""
    was_held = Q(state__in=(State.HELD, State.DROPPED)) | Q(decided_at__isnull=False)
    return IssueRequest.objects.filter(was_held, pk=request_id).exists()


def burst_of(request_id: int) -> IssueRequestQuerySet:
    """The held requests of the issuer, site and hour of a request, up to this one.

    So a decision is about those that the page showed; what was held since waits for another one.
    """
    row = IssueRequest.objects.filter(pk=request_id).first()
    if row is None:
        return IssueRequest.objects.none()
    begins_at = hour_of(row).begins_at
    return IssueRequest.objects.filter(
        state=State.HELD,
        issuer=row.issuer,
        site=row.site_id,
        asked_at__gte=begins_at,
        asked_at__lt=begins_at + HOUR,
        pk__lte=row.pk,
    )


def release(*, request_id: int, reason: str, by: User | None, now: datetime, form: Sending = NO_FORM) -> int:
    """Release the burst to which a held request belongs, for a `reason`; returns how many are issued next.

    Raises DecisionNeedsReason, NothingHeld.
    """
    made = _decide(Operation.RELEASE, State.WAITING, request_id, reason, by, now, form)
    wakeup.wake()
    return made


def reject(*, request_id: int, reason: str, by: User | None, now: datetime, form: Sending = NO_FORM) -> int:
    """Reject the burst to which a held request belongs, for a `reason`: none is issued, nor requested by itself again.

    Returns how many. Raises DecisionNeedsReason, NothingHeld.
    """
    return _decide(Operation.REJECT, State.REJECTED, request_id, reason, by, now, form)


def _decide(
    operation: Operation, state: State, request_id: int, reason: str, by: User | None, now: datetime, form: Sending
) -> int:
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise DecisionNeedsReason

    def write() -> Outcome:
        # The WHERE clause is the check: of two who decide the second finds no row, nor what a correction dropped.
        rows = burst_of(request_id).locked()
        decided = rows.update(state=state, claimed_at=None, decided_at=now, decided_by=by, decision_reason=reason)
        if not decided:
            raise NothingHeld
        return {"decided": decided}

    with history.recording(operation, by=by, reason=reason):
        outcome = sent_forms.once(form, write) or {}
    decided: int = outcome["decided"]
    return decided


def _issued(groups: set[tuple[str, UUID | None, datetime]]) -> Counter[tuple[str, UUID | None, datetime]]:
    """How many certificates were issued of what was asked for in these hours."""
    counted = Counter[tuple[str, UUID | None, datetime]]()
    if not groups:
        return counted
    wanted = Q()
    for issuer, begins_at in {(issuer, begins_at) for issuer, _site, begins_at in groups}:
        wanted |= Q(issuer=issuer, asked_at__gte=begins_at, asked_at__lt=begins_at + HOUR)
    rows = IssueRequest.objects.filter(wanted, state=State.ISSUED).annotate(
        hour=TruncHour("asked_at", tzinfo=timezone.get_default_timezone())
    )
    for row in rows.values("issuer", "site", "hour").annotate(count=Count("pk")):
        counted[row["issuer"], row["site"], row["hour"]] = row["count"]
    return counted
