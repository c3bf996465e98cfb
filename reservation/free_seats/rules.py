"""The rules of vaccines on which offers stand: the days between doses, and from which age a dose is given."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from crs.plain_sql import planned_cursor
from reservation.dose_intervals import Interval

# The rules are those of `DoseInterval.objects.valid_on` and `DoseRule.objects.valid_on`, of all vaccines at once.
_RULES = """
SELECT v.code, v.doses,
    coalesce((SELECT json_agg(json_build_array(i.dose_number, i.min_days, i.ideal_days, i.max_days)) FROM (
        SELECT DISTINCT ON (dose_number) dose_number, min_days, ideal_days, max_days FROM logistics_doseinterval
        WHERE vaccine_id = v.code AND valid_from <= %(today)s ORDER BY dose_number, valid_from DESC
    ) i), '[]'),
    coalesce((SELECT json_agg(json_build_array(dose_number, valid_from, youngest_age) ORDER BY valid_from DESC)
              FROM logistics_doserule WHERE vaccine_id = v.code), '[]')
FROM logistics_vaccine v ORDER BY v.code
"""


@dataclass(frozen=True)
class VaccineRules:
    """Of one vaccine: its series, the intervals by the number of the later dose, and the ages, newest first."""

    doses: int
    intervals: dict[int, Interval] = field(default_factory=dict)
    ages: Sequence[tuple[int, date, int]] = ()

    def chain(self, first_dose: int) -> list[Interval] | None:
        """The intervals after `first_dose` to the end of the series; None where one of them is not known."""
        numbers = range(first_dose + 1, self.doses + 1)
        return [self.intervals[number] for number in numbers] if all(n in self.intervals for n in numbers) else None

    def youngest(self, dose: int, day: date) -> int:
        """From which age the dose is given on a day; 0 where no rule says."""
        return next((age for number, since, age in self.ages if number == dose and since <= day), 0)


def valid_on(today: date) -> dict[str, VaccineRules]:
    """The rules of every vaccine for reservations made today."""
    with planned_cursor() as cursor:
        cursor.execute(_RULES, {"today": today})
        return {
            code: VaccineRules(
                doses,
                {number: Interval(*days) for number, *days in intervals},
                [(number, date.fromisoformat(since), age) for number, since, age in ages],
            )
            for code, doses, intervals, ages in cursor.fetchall()
        }


def fingerprint(rules: dict[str, VaccineRules], today: date) -> str:
    """Changes with every rule, and with the day."""
    return hashlib.sha256(repr((today, sorted(rules.items()))).encode()).hexdigest()
