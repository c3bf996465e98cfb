"""Which days fit for a dose after the one before: at least, ideally and at most so many days later.

What offers, moves or judges a later dose in Python asks here. Which rule is in force is for the caller to know: of the
day on which somebody reserves or moves a time, of the day of the dose before (`due_after`), or of an older booking
(`IN_FORCE`, docs/adr/0050-series-and-intervals.md). Holds ask `sql/later_doses.sql`; `replay/proof.py` has SQL of its
own, because it proves all of them.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from logistics.models import DoseInterval, DoseRule, Vaccine

# Where nothing ends the days that fit, times of so many days are offered.
DAYS_AHEAD = 60

# The interval in force on %(today)s for the booking of a later dose: the one of the day on which it was booked, or a
# newer one that is for existing bookings, too. For queries over appointments `a` in slots `s` of reservations `r`.
IN_FORCE = """
    SELECT i.valid_from, i.min_days, i.ideal_days, i.max_days FROM logistics_doseinterval i
    WHERE i.vaccine_id = s.vaccine_id AND i.dose_number = a.dose_number AND i.valid_from <= %(today)s
      AND (i.applies_to = 'ALL' OR i.valid_from <= (timezone('Europe/Prague', r.created_at))::date)
    ORDER BY i.valid_from DESC LIMIT 1
"""


@dataclass(frozen=True)
class DueDays:
    """The days between which a dose should be given, and the ideal one; None where no rule says any."""

    first_on: date | None = None
    ideal_on: date | None = None
    last_on: date | None = None

    def __contains__(self, day: date) -> bool:
        return not self.is_early(day) and not self.is_late(day)

    def is_early(self, day: date) -> bool:
        """Whether the day lies before them."""
        return self.first_on is not None and day < self.first_on

    def is_late(self, day: date) -> bool:
        """Whether the day lies after them."""
        return self.last_on is not None and day > self.last_on

    def from_day(self, day: date) -> tuple[date, date | None]:
        """The first and the last of them from `day` on; without a last one where none is left.

        A late dose is still given, so days that have passed end nothing.
        """
        first_on = max(day, self.first_on or day)
        return first_on, None if self.last_on is None or self.last_on < first_on else self.last_on


class Interval(NamedTuple):
    """The days between a dose of the series and the one before."""

    min_days: int
    ideal_days: int
    max_days: int

    @classmethod
    def of(cls, rule: DoseInterval) -> "Interval":
        """The one that a dated rule says."""
        return cls(rule.min_days, rule.ideal_days, rule.max_days)

    def after(self, day: date) -> DueDays:
        """When the dose is due after one of `day`."""
        return _due(day, *self)

    def before(self, day: date) -> tuple[date, date]:
        """Between which days the dose before may lie for this one to fit on `day`."""
        return day - timedelta(days=self.max_days), day - timedelta(days=self.min_days)


def due_after(*, given_on: date, vaccine: Vaccine, dose_number: int) -> DueDays:
    """When the dose after one of `given_on` is due, by the rule valid on that day; one query.

    A dose of the series of `vaccine` keeps to its `DoseInterval`, a booster to its `DoseRule`.
    """
    if dose_number <= vaccine.doses:
        interval = DoseInterval.objects.valid_on(given_on).filter(vaccine=vaccine, dose_number=dose_number).first()
        return Interval.of(interval).after(given_on) if interval else DueDays()
    rule = DoseRule.objects.valid_on(given_on).filter(vaccine=vaccine, dose_number=dose_number).first()
    return _due(given_on, rule.min_days, None, rule.max_days) if rule else DueDays()


def _due(before: date, *days: int | None) -> DueDays:
    return DueDays(*(None if many is None else before + timedelta(days=many) for many in days))
