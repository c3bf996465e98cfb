"""Limits that the dated rules set for one dose of a person: age, days since the dose before, another vaccine."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from logistics.models import DoseRule, Vaccine
from vaccination.models import Dose

# A dose of a series that was given up to four days too early counts (DOMAIN 10.6); nobody is called so early.
GRACE_DAYS = 4
# People with a weak immune system get an additional dose from the 28th day on, long before a booster (DOMAIN 10.6).
ADDITIONAL_DOSE_DAYS = 28


@dataclass(frozen=True)
class Limits:
    """The rule of a dose. `min_days` is the usual minimum since the dose before, `hard_days` what nobody goes below.

    A dose that no rule offers (`is_offered`) still has the age and the days below which nobody decides.
    """

    youngest_age: int
    min_days: int | None
    hard_days: int | None
    max_days: int | None
    may_follow_another: bool
    is_offered: bool = True


def limits(*, vaccine: Vaccine, number: int, history: Sequence[Dose], day: date) -> Limits:
    """The limits on `day` for dose `number` of `vaccine` after `history`, the doses before it.

    After a series of one dose the second one is a booster. It is given by the rule of the vaccine's own booster, which
    is numbered after a series of two, and the days are those that the first vaccine asks for its own next dose.
    """
    series = history[0].vaccine if history else vaccine
    rows = DoseRule.objects.valid_on(day).filter(vaccine__in={vaccine.pk, series.pk})
    return limits_by(rows, vaccine=vaccine, number=number, history=history)


def limits_by(rows: Iterable[DoseRule], *, vaccine: Vaccine, number: int, history: Sequence[Dose]) -> Limits:
    """The same by the rules of the day, as far as they are of this vaccine and of those given before."""
    series = history[0].vaccine if history else vaccine
    is_booster = number > series.doses
    after_one = is_booster and series.doses == 1
    counted = number + 1 if after_one and vaccine.pk != series.pk else number
    rules = {(row.vaccine_id, row.dose_number): row for row in rows}
    rule = rules.get((vaccine.pk, counted))
    if rule is None:
        return _not_offered(vaccine, counted, is_booster=is_booster)
    days = rules.get((series.pk, number), rule) if after_one else rule
    low = days.min_days
    hard = None if low is None else min(low, ADDITIONAL_DOSE_DAYS) if is_booster else max(1, low - GRACE_DAYS)
    return Limits(rule.youngest_age, low, hard, days.max_days, rule.may_follow_another)


def _not_offered(vaccine: Vaccine, number: int, *, is_booster: bool) -> Limits:
    """What holds where no rule offers the dose: the lowest that any rule of the vaccine ever allowed."""
    rows = list(DoseRule.objects.filter(vaccine=vaccine))
    days = [row.min_days for row in rows if row.dose_number == number and row.min_days is not None]
    # A dose beyond the series comes 28 days after the one before at the earliest, whatever rules there were.
    low = ADDITIONAL_DOSE_DAYS if is_booster else min(days, default=None)
    hard = low if low is None or is_booster else max(1, low - GRACE_DAYS)
    youngest = min((row.youngest_age for row in rows), default=0)
    return Limits(youngest, low, hard, None, may_follow_another=False, is_offered=False)
