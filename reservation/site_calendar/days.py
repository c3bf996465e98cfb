"""The days to which a calendar leads, and what is said of each: holidays and closures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language

from crs import czech_holidays
from reservation.models import Closure

MONTHS_BACK, MONTHS_AHEAD = 2, 18

_PRAGUE = ZoneInfo(settings.TIME_ZONE)


@dataclass(frozen=True)
class DayNote:
    """What is known of a day besides its seats."""

    holiday: str
    closures: tuple[Closure, ...]
    is_closed: bool  # from midnight to midnight, for all vaccines


def first_month(today: date) -> date:
    """The first day of the first month to which a calendar leads back."""
    return _months_from(today, -MONTHS_BACK)


def last_month(today: date) -> date:
    """The first day of the last month to which it leads."""
    return _months_from(today, MONTHS_AHEAD)


def day_or_404(day: date) -> date:
    """The day, if calendars lead to it. Raises Http404."""
    if not is_shown(day):
        raise Http404
    return day


def is_shown(day: date) -> bool:
    """Whether calendars lead to the day."""
    today = timezone.localdate()
    return first_month(today) <= day.replace(day=1) <= last_month(today)


def month_before(first: date) -> date:
    """The first day of the month before."""
    return (first - timedelta(days=1)).replace(day=1)


def month_after(first: date) -> date:
    """The first day of the next month."""
    return (first + timedelta(days=32)).replace(day=1)


def closures_of(site_id: UUID, *, first: date, last: date) -> list[Closure]:
    """The standing closures of a site that touch the days from `first` to `last`, by their beginnings. One query."""
    found = Closure.objects.standing().filter(
        site=site_id, starts_at__lt=_midnight(last + timedelta(days=1)), ends_at__gt=_midnight(first)
    )
    return list(found.select_related("vaccine").order_by("starts_at", "pk"))


def note_of(day: date, closures: Iterable[Closure]) -> DayNote:
    """What is known of the day, with those of the `closures` that touch it."""
    begins, ends = _midnight(day), _midnight(day + timedelta(days=1))
    touching = tuple(one for one in closures if one.starts_at < ends and one.ends_at > begins)
    whole = any(one.vaccine_id is None and one.starts_at <= begins and one.ends_at >= ends for one in touching)
    holiday = czech_holidays.names_in(day.year, get_language() or "cs").get(day, "")
    return DayNote(holiday, touching, whole)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), _PRAGUE)


def _months_from(day: date, number: int) -> date:
    months = day.year * 12 + day.month - 1 + number
    return date(months // 12, months % 12 + 1, 1)
