"""What a rule says, apart from its row: when a site opens for a vaccine and with how many seats."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time

from crs.czech_holidays import is_holiday
from reservation.models import OLDEST, YOUNGEST, OpeningRule

_PLAIN_FIELDS = (
    "vaccine_id",
    "valid_from",
    "valid_until",
    "minutes",
    "seats",
    "first_percent",
    "second_percent",
    "substitute_percent",
    "youngest_age",
    "oldest_age",
    "opens_on_holidays",
    "is_tied_to_stock",
)


@dataclass(frozen=True, order=True)
class Span:
    """Hours on a weekday (0: Monday), by the clock in Prague."""

    weekday: int
    opens_at: time
    closes_at: time


@dataclass(frozen=True)
class Draft:
    """An opening rule without its site, saved or not; the fields are those of `OpeningRule`."""

    vaccine_id: str
    valid_from: date
    hours: tuple[Span, ...]
    seats: int
    valid_until: date | None = None
    minutes: int = 15
    first_percent: int = 0
    second_percent: int = 0
    substitute_percent: int = 0
    youngest_age: int = YOUNGEST
    oldest_age: int = OLDEST
    opens_on_holidays: bool = False
    is_tied_to_stock: bool = False

    def covers(self, day: date) -> bool:
        """Whether the rule decides about the day, open or not."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def until(self, last_day: date | None) -> "Draft | None":
        """The rule ended with a day, at most; None where no day is left to it, or `last_day` is None."""
        if last_day is None or last_day < self.valid_from:
            return None
        return replace(self, valid_until=min(last_day, self.valid_until or last_day))

    def spans_on(self, day: date) -> list[Span]:
        """The hours of a day in their order; none on a day off."""
        if not self.covers(day) or (not self.opens_on_holidays and is_holiday(day)):
            return []
        return sorted(span for span in self.hours if span.weekday == day.weekday())

    def meets(self, other: "Draft") -> Span | None:
        """The first of the hours at which both would open one vaccine at one time; None where they never do."""
        first_day = max(self.valid_from, other.valid_from)
        last_day = min(self.valid_until or date.max, other.valid_until or date.max)
        if self.vaccine_id != other.vaccine_id or last_day < first_day:
            return None
        both = (
            Span(mine.weekday, max(mine.opens_at, theirs.opens_at), min(mine.closes_at, theirs.closes_at))
            for mine in sorted(self.hours)
            for theirs in other.hours
            if mine.weekday == theirs.weekday
        )
        return next((span for span in both if span.opens_at < span.closes_at), None)

    def columns(self) -> dict[str, object]:
        """The values of its row."""
        return {name: getattr(self, name) for name in _PLAIN_FIELDS}


def draft_of(rule: OpeningRule) -> Draft:
    """What a saved rule says; reads `hours` from the prefetch where there is one."""
    spans = tuple(sorted(Span(row.weekday, row.opens_at, row.closes_at) for row in rule.hours.all()))
    return Draft(hours=spans, **{name: getattr(rule, name) for name in _PLAIN_FIELDS})


def covered(drafts: Iterable[Draft], days: Iterable[date]) -> list[date]:
    """Those of `days` about which one of the rules decides."""
    known = list(drafts)
    return [day for day in days if any(draft.covers(day) for draft in known)]
