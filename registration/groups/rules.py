"""The rules of priority groups that are in force at a moment (DOMAIN 4.2; slides: priorities)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Self

from django.db.models import QuerySet

from crs.prepared_queries import Given, Prepared, Rows
from registration.models import GroupRule, PriorityGroup


@dataclass(frozen=True)
class Rule:
    """What holds for a group now. Times are those from which its people register, and are invited."""

    group: PriorityGroup
    score: int
    min_age: int | None = None
    max_age: int | None = None
    age_on: date | None = None
    proof: str = GroupRule.Proof.NONE.value
    registers_from: datetime | None = None
    invites_from: datetime | None = None

    @classmethod
    def of(cls, row: GroupRule) -> Self:
        """The rule that a row says."""
        return cls(
            group=row.group,
            score=row.score,
            min_age=row.min_age,
            max_age=row.max_age,
            age_on=row.age_on,
            proof=row.proof,
            registers_from=row.registers_from,
            invites_from=row.invites_from,
        )

    @property
    def is_by_age(self) -> bool:
        """Whether age alone makes somebody belong to the group."""
        return self.group.basis == PriorityGroup.Basis.AGE

    @property
    def is_confirmed_at_site(self) -> bool:
        """Whether the person brings a confirmation, because nothing else proves that they belong to the group."""
        return not self.is_by_age and self.proof == GroupRule.Proof.NONE

    def births(self, *, today: date) -> tuple[date, date]:
        """The earliest and the latest date of birth of those who are neither too old nor too young."""
        day = self.age_on or today
        earliest = date.min if self.max_age is None else _born_by(day, self.max_age + 1) + timedelta(days=1)
        latest = date.max if self.min_age is None else _born_by(day, self.min_age)
        return earliest, latest

    def has_age(self, birth_date: date, *, today: date) -> bool:
        """Whether somebody born on `birth_date` is neither too young nor too old."""
        earliest, latest = self.births(today=today)
        return earliest <= birth_date <= latest

    def registers(self, now: datetime) -> bool:
        """Whether its people may register at `now`."""
        return self.registers_from is not None and self.registers_from <= now

    def invites(self, now: datetime) -> bool:
        """Whether its people are being invited at `now`."""
        return self.invites_from is not None and self.invites_from <= now


def in_force(now: datetime | Given) -> QuerySet[GroupRule]:
    """The newest rule of each group that holds at `now`: one query."""
    begun = GroupRule.objects.filter(valid_from__lte=now).select_related("group")
    return begun.order_by("group_id", "-valid_from").distinct("group_id")


_IN_FORCE = Prepared(lambda: in_force(Given("now")))
_read: ContextVar[dict[datetime, tuple[Rule, ...]] | None] = ContextVar("rules that a page has read", default=None)


def rules_at(now: datetime) -> tuple[Rule, ...]:
    """The rules in force at `now`, in the order of `in_order`: one query.

    They are read for each question: a rule takes effect at its moment on every node, and nothing has to be told.
    """
    read = _read.get()
    if read is None:
        return _rules_of(_IN_FORCE.rows(now=now))
    if now not in read:
        read[now] = _rules_of(_IN_FORCE.rows(now=now))
    return read[now]


@lru_cache(maxsize=2)
def _rules_of(rows: Rows) -> tuple[Rule, ...]:
    """The rules that the rows say: those of before while the database says the same. Whoever reads changes none."""
    return in_order(_IN_FORCE.made(rows))


@contextmanager
def read_once() -> Iterator[None]:
    """Around a page that asks many questions of one moment: the rules of that moment are read once, for all of them."""
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def in_order(rows: Iterable[GroupRule]) -> tuple[Rule, ...]:
    """The rules that the rows say, the highest score first; of equal ones those by age, the oldest first."""
    return tuple(sorted(map(Rule.of, rows), key=_place))


def _place(rule: Rule) -> tuple[int, bool, int, str]:
    return -rule.score, not rule.is_by_age, -(rule.min_age or 0), rule.group.code


def _born_by(day: date, years: int) -> date:
    """The latest date of birth of those who have completed `years` on `day`, as `registration.age` counts."""
    if years >= day.year:
        return date.min
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February: whoever was born on 1 March completes the year a day later
        return day.replace(year=day.year - years, day=28)
