"""How CRS works at present: what anybody may know of known problems, and how long messages take.

It is measured at most twice a minute and kept in the cache; docs/api.md describes its fields, which programs read.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from crs.breaker import Breaker
from crs.messaging.delay import current_email_delay, current_sms_delay
from crs.outages import OUTAGES
from support.models import Incident, IncidentUpdate

logger = logging.getLogger(__name__)

# Fields are added to it, never taken away; else this number changes.
VERSION = 1
DAYS_OF_HISTORY = 90
# Beat measures each half minute; whoever finds it older than this measures it anew.
FRESH = timedelta(seconds=75)
# Messages that take longer are a fault, whether or not anybody has declared a problem.
LONGEST_DELAY = timedelta(minutes=5)
_KEY = "support:state"
_MEASURING = "support:state-is-measured"
_SECONDS_TO_MEASURE = 10
_WORDS = {
    Incident.Severity.NOTICE: "notice",
    Incident.Severity.DEGRADED: "degraded",
    Incident.Severity.OUTAGE: "outage",
}
_GRADES = ("ok", "notice", "degraded", "outage")
# A database that is away costs one request its patience, not each of them.
_database = Breaker("The database, asked for the page of the state,")

State = dict[str, Any]


def current(now: datetime) -> State:
    """The state, from the cache as a rule; the last one known where the database is away; else one that says so.

    `is_current` tells whether it was measured lately. Never raises.
    """
    known = _known()
    if known is not None and _age(known, now) <= FRESH:
        return known | {"is_current": True}
    # One measures; the others show meanwhile what is known. Where the cache is away everybody measures.
    if known is None or cache.add(_MEASURING, 1, _SECONDS_TO_MEASURE):
        measured = _database.call(lambda: refresh(now), errors=OUTAGES, otherwise=None)
        if measured is not None:
            return measured | {"is_current": True}
    return unknown() if known is None else known | {"is_current": False}


def refresh(now: datetime | None = None) -> State:
    """Measure the state and keep it. Raises what an outage of the database raises."""
    now = now or timezone.now()
    state = _measured(now)
    cache.set(_KEY, state, None)
    return state


def unknown() -> State:
    """What is said where nothing is known."""
    return _state("unknown", None, None, None, [], []) | {"is_current": False}


def _known() -> State | None:
    try:
        known: State | None = cache.get(_KEY)
        return known if known is not None and known["version"] == VERSION and moment(known["measured_at"]) else None
    except (ValueError, KeyError, TypeError):  # another program wrote there
        logger.exception("What the cache knows of the state cannot be read")
        return None


def _measured(now: datetime) -> State:
    rows = Incident.objects.for_citizens().standing_after(now - timedelta(days=DAYS_OF_HISTORY))
    rows = rows.prefetch_related("updates")
    lasting = [_incident(row) for row in rows if row.ended_at is None]
    ended = [_incident(row) for row in rows if row.ended_at is not None]
    delays = current_sms_delay(now), current_email_delay(now)
    grades = [one["severity"] for one in lasting]
    if any(delay is not None and delay > LONGEST_DELAY for delay in delays):
        grades.append("degraded")
    return _state(max(grades, key=_GRADES.index, default="ok"), now, *delays, lasting, ended)


def _state(
    grade: str,
    measured_at: datetime | None,
    sms: timedelta | None,
    email: timedelta | None,
    lasting: list[State],
    ended: list[State],
) -> State:
    return {
        "version": VERSION,
        "state": grade,
        "measured_at": _written(measured_at),
        "delays": {"sms": {"seconds": _seconds(sms)}, "email": {"seconds": _seconds(email)}},
        "open": lasting,
        "history": ended,
        "history_days": DAYS_OF_HISTORY,
    }


def _incident(row: Incident) -> State:
    return {
        "id": row.pk,
        "severity": _WORDS[Incident.Severity(row.severity)],
        "title": {"cs": row.title_cs, "en": row.title_en},
        "text": {"cs": row.text_cs, "en": row.text_en},
        "began_at": _written(row.began_at),
        "ended_at": _written(row.ended_at),
        "updates": [_update(one) for one in row.updates.all()],
    }


def _update(row: IncidentUpdate) -> State:
    return {"at": _written(row.at), "text": {"cs": row.text_cs, "en": row.text_en}}


def _written(at: datetime | None) -> str | None:
    return None if at is None else f"{at.astimezone(timezone.get_fixed_timezone(0)):%Y-%m-%dT%H:%M:%SZ}"


def moment(text: str) -> datetime:
    """The moment that a field of the state names. Raises ValueError, TypeError."""
    return datetime.fromisoformat(text)


def _seconds(delay: timedelta | None) -> int | None:
    return None if delay is None else round(delay.total_seconds())


def _age(state: State, now: datetime) -> timedelta:
    return now - moment(state["measured_at"])
