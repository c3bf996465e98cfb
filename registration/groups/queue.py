"""Whom of the registered people some rules fit, as a question to the database (`eligibility` in SQL).

The question is written as SQL: there are two dozen rules, and to put it together from as many querysets takes Django
longer than the database needs for the answer.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func, IntegerField, Q
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from registration.groups.eligibility import counting
from registration.groups.rules import Rule
from registration.models import Registration

_BORN = "{born} BETWEEN %s AND %s"
_CLAIMS = """
EXISTS (
    SELECT FROM registration_priorityclaim claim_of_rule
    WHERE claim_of_rule.registration_id = {registration}
      AND claim_of_rule.group_id = ANY (%s) AND claim_of_rule.state = ANY (%s)
)
"""


class _AboutRules(Func):
    """Something that is asked of a registration about rules."""

    def __init__(self, rules: Iterable[Rule], *, now: datetime) -> None:
        super().__init__("person__birth_date", "pk")
        self.rules = tuple(sorted(rules, key=lambda rule: -rule.score))
        self.today = timezone.localdate(now)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_more: Any, **_context: Any) -> Any:
        born, registration = (compiler.compile(column)[0] for column in self.get_source_expressions())
        text, values = self.question()
        return text.format(born=born, registration=registration), values

    def question(self) -> tuple[str, list[Any]]:
        """The SQL of it, with places for the two columns, and its values."""
        raise NotImplementedError

    def one_fits(self, rules: Iterable[Rule]) -> tuple[str, list[Any]]:
        """Whether one of `rules` fits. Those that differ by their group alone are asked about together."""
        groups: defaultdict[tuple[tuple[date, date], tuple[str, ...]], list[str]] = defaultdict(list)
        for rule in rules:
            groups[rule.births(today=self.today), () if rule.is_by_age else counting(rule)].append(rule.group.code)
        parts = []
        values: list[Any] = []
        for (births, states), codes in groups.items():
            parts.append(f"{_BORN} AND {_CLAIMS}" if states else _BORN)
            values += [*births, codes, list(states)] if states else births
        return f"({' OR '.join(parts) or 'FALSE'})", values


class _Fits(_AboutRules):
    """Whether one of the rules fits."""

    output_field = BooleanField()

    def question(self) -> tuple[str, list[Any]]:
        """One condition."""
        return self.one_fits(self.rules)


class Score(_AboutRules):
    """The highest score by which one of the rules fits; 0 where none does."""

    output_field = IntegerField()

    def question(self) -> tuple[str, list[Any]]:
        """A case for each score, the highest first."""
        cases = ""
        values: list[Any] = []
        for score, rules in groupby(self.rules, key=lambda rule: rule.score):
            text, told = self.one_fits(rules)
            cases += f" WHEN {text} THEN %s"
            values += [*told, score]
        return f"(CASE{cases} ELSE 0 END)" if cases else "0", values


def fitting(rules: Iterable[Rule], *, now: datetime) -> Q:
    """The registrations that one of `rules` fits at `now`, whatever other rules fit them, too."""
    return Q(_Fits(rules, now=now))


def going_on() -> Q:
    """The registrations that are not over (`Facts.is_over`)."""
    return Q(state=Registration.State.ACTIVE, person__died_on=None, person__merged_into=None)
