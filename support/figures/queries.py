"""The figures of the desks: what is open, how soon people were answered, what was late, and what it was about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from logistics.reports.queries import Period
from support.models import Category, Desk, Level, Stay, Ticket
from support.tickets import clocks

# A ticket is as old as the time since it was opened; the last limit is open.
AGES = (timedelta(hours=4), timedelta(days=1), timedelta(days=3), timedelta(days=7))
_STANDS = (Ticket.State.RESOLVED, Ticket.State.CLOSED, Ticket.State.MERGED)


class Percentile(Aggregate):
    """The value that such a part of the rows does not exceed, between two rows by proportion (PostgreSQL)."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(part)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()

    def __init__(self, expression: Any, part: float, **extra: Any) -> None:
        super().__init__(expression, part=float(part), **extra)


@dataclass(frozen=True)
class Open:
    """The open tickets of a level of a desk, by age as `AGES` parts it; those late, and those that wait."""

    desk: Desk
    level: Level
    by_age: tuple[int, ...]
    late: int
    waiting: int

    @property
    def whole(self) -> int:
        """All of them."""
        return sum(self.by_age)


@dataclass(frozen=True)
class Speed:
    """How long it took, from the opening on, by the clock of the wall: half of them, and nine of ten."""

    count: int
    median: timedelta | None
    most: timedelta | None

    @property
    def in_words(self) -> str:
        """Both times as the page shows them; a dash where nothing is known."""
        return " / ".join("–" if time is None else spoken(time) for time in (self.median, self.most))


@dataclass(frozen=True)
class OfDesk:
    """A desk in a period: tickets opened in it, and what became of them."""

    desk: Desk
    opened: int
    answer: Speed
    resolution: Speed
    answered_late: int
    reopened: int


@dataclass(frozen=True)
class OfLevel:
    """The stays at a level that began in a period, and those of them that took longer than they may."""

    level: Level
    stays: int
    late: int

    @property
    def percent(self) -> float | None:
        """The part that was late."""
        return self.late / self.stays * 100 if self.stays else None


def spoken(time: timedelta) -> str:
    """A time in its two largest units: 40 min, 3 h 10 min, 2 d 4 h."""
    minutes = round(time.total_seconds() / 60)
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def open_now(*, now: datetime) -> list[Open]:
    """What is open now, by desk and level; one query."""
    counts = {f"age_{place}": Count("pk", filter=condition) for place, condition in enumerate(_ages(now))}
    rows: Iterable[Any] = (
        _open()
        .values("desk", "level")
        .annotate(
            **counts,
            late=Count("pk", filter=clocks.late(now=now)),
            waiting=Count("pk", filter=Q(state=Ticket.State.WAITING)),
        )
    )
    found = {(row["desk"], row["level"]): row for row in rows}
    nothing = {**{f"age_{place}": 0 for place in range(len(AGES) + 1)}, "late": 0, "waiting": 0}
    return [
        Open(
            desk=desk,
            level=level,
            by_age=tuple(row[f"age_{place}"] for place in range(len(AGES) + 1)),
            late=row["late"],
            waiting=row["waiting"],
        )
        for desk in Desk
        for level in Level
        if (desk, level) != (Desk.LINE, Level.L1)
        for row in [found.get((desk.value, level.value), nothing)]
    ]


def of_desks(period: Period, *, now: datetime) -> list[OfDesk]:
    """Both desks in the period; one query."""
    took: Any = ExpressionWrapper(F("answered_at") - F("opened_at"), output_field=DurationField())
    lasted: Any = ExpressionWrapper(F("resolved_at") - F("opened_at"), output_field=DurationField())
    is_answered, is_resolved = Q(answered_at__isnull=False), Q(resolved_at__isnull=False)
    was_late = Q(answered_at__gt=F("answer_due_at")) | Q(answered_at=None, answer_due_at__lt=now) & ~Q(
        state__in=_STANDS
    )
    rows = (
        _opened_in(period)
        .values("desk")
        .annotate(
            opened=Count("pk"),
            answered=Count("pk", filter=is_answered),
            answer_median=Percentile(took, 0.5, filter=is_answered),
            answer_most=Percentile(took, 0.9, filter=is_answered),
            resolved=Count("pk", filter=is_resolved),
            resolution_median=Percentile(lasted, 0.5, filter=is_resolved),
            resolution_most=Percentile(lasted, 0.9, filter=is_resolved),
            answered_late=Count("pk", filter=was_late),
            reopened=Count("pk", filter=Q(reopened_count__gt=0)),
        )
    )
    found: dict[str, dict[str, Any]] = {row["desk"]: dict(row) for row in rows}
    return [_of_desk(desk, found.get(desk.value, {})) for desk in Desk]


def of_levels(period: Period, *, now: datetime) -> list[OfLevel]:
    """The levels in the period: stays that began in it, and how many of them are or were late; one query."""
    first, end = _bounds(period)
    stays = Stay.objects.filter(since__gte=first, since__lt=end).values("level")
    rows = stays.annotate(stays=Count("pk"), late=Count("pk", filter=clocks.broken(now=now)))
    found = {row["level"]: (row["stays"], row["late"]) for row in rows}
    return [OfLevel(level, *found.get(level.value, (0, 0))) for level in Level]


def topics(period: Period) -> list[tuple[Category | None, int]]:
    """How many tickets of the period are about what, the most first; None: nobody sorted them."""
    counted = _opened_in(period).values("category").annotate(count=Count("pk")).order_by("-count", "category")
    names = Category.objects.in_bulk()
    return [(names.get(row["category"]), row["count"]) for row in counted]


def by_day(period: Period) -> dict[Desk, dict[date, int]]:
    """How many tickets each desk got on each day of the period."""
    counted = _opened_in(period).annotate(day=TruncDate("opened_at")).values("desk", "day").annotate(count=Count("pk"))
    found: dict[Desk, dict[date, int]] = {desk: {} for desk in Desk}
    for row in counted:
        found[Desk(row["desk"])][row["day"]] = row["count"]
    return found


def _open() -> QuerySet[Ticket]:
    return Ticket.objects.exclude(state__in=_STANDS)


def _opened_in(period: Period) -> QuerySet[Ticket]:
    """Tickets opened in the period; what was merged counts once, as the ticket of which it is a part."""
    first, end = _bounds(period)
    return Ticket.objects.filter(opened_at__gte=first, opened_at__lt=end).exclude(state=Ticket.State.MERGED)


def _bounds(period: Period) -> tuple[datetime, datetime]:
    """The midnights in Prague around the period."""
    days: Sequence[date] = (period.first, period.last + timedelta(days=1))
    first, end = (timezone.make_aware(datetime.combine(day, time())) for day in days)
    return first, end


def _ages(now: datetime) -> list[Q]:
    limits = [now - age for age in AGES]
    youngest, oldest = Q(opened_at__gt=limits[0]), Q(opened_at__lte=limits[-1])
    between = [Q(opened_at__lte=later, opened_at__gt=earlier) for later, earlier in pairwise(limits)]
    return [youngest, *between, oldest]


def _of_desk(desk: Desk, row: dict[str, Any]) -> OfDesk:
    return OfDesk(
        desk=desk,
        opened=row.get("opened", 0),
        answer=Speed(row.get("answered", 0), row.get("answer_median"), row.get("answer_most")),
        resolution=Speed(row.get("resolved", 0), row.get("resolution_median"), row.get("resolution_most")),
        answered_late=row.get("answered_late", 0),
        reopened=row.get("reopened", 0),
    )
