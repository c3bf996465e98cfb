"""Since when and until when, in words: a list says them, not only its colours."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import formats, timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from support.models import Ticket

SOON = timedelta(hours=1)
_DONE = frozenset({Ticket.State.RESOLVED, Ticket.State.CLOSED, Ticket.State.MERGED})


@dataclass(frozen=True)
class Due:
    """When something is due; `kind` is "late", "soon" or "" for the look."""

    words: str
    kind: str = ""


def due(ticket: Ticket, *, now: datetime) -> Due:
    """When the ticket is due at its level. A clock that stands says why."""
    if ticket.state in _DONE:
        return Due("")
    if ticket.due_at is None:
        return Due(_("the clock stands") if ticket.state == Ticket.State.WAITING else _("without a time limit"))
    return until(ticket.due_at, now=now)


def answer_due(ticket: Ticket, *, now: datetime) -> Due | None:
    """When the first answer is due; None where it went out, or none is wanted."""
    if ticket.answered_at or ticket.answer_due_at is None or ticket.state in _DONE:
        return None
    return until(ticket.answer_due_at, now=now)


def until(at: datetime, *, now: datetime) -> Due:
    """Words for a time by which something is to be done."""
    if at <= now:
        return Due(_late_by(now - at), "late")
    kind = "soon" if at - now <= SOON else ""
    local, today = timezone.localtime(at), timezone.localdate(now)
    if local.date() == today:
        return Due(_("today by %(time)s") % {"time": formats.date_format(local, "G:i")}, kind)
    return Due(_("by %(time)s") % {"time": formats.date_format(local, "j. n. G:i")}, kind)


def _late_by(time: timedelta) -> str:
    """In whole sentences, for Czech bends the unit: 'o 1 hodinu'."""
    minutes = max(1, int(time.total_seconds()) // 60)
    if minutes < 60:
        words, count = ngettext("LATE by %(count)d minute", "LATE by %(count)d minutes", minutes), minutes
    elif minutes < 60 * 24:
        count = minutes // 60
        words = ngettext("LATE by %(count)d hour", "LATE by %(count)d hours", count)
    else:
        count = minutes // (60 * 24)
        words = ngettext("LATE by %(count)d day", "LATE by %(count)d days", count)
    return words % {"count": count}


def lasting(since: datetime, now: datetime) -> str:
    """How long ago, in the largest unit: '3 hours'; one minute at least."""
    return timesince(min(since, now - timedelta(minutes=1)), now, depth=1)
