"""Whom of the registered people a rule fits, as a question to the database (`eligibility` in SQL)."""

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from registration.groups.eligibility import counting
from registration.groups.rules import Rule
from registration.models import PriorityClaim, Registration


def fitting(rule: Rule, *, now: datetime) -> Q:
    """The registrations that the rule fits at `now`, whatever other rules fit them, too."""
    question = _ages(rule, timezone.localdate(now))
    if rule.is_by_age:
        return question
    claims = PriorityClaim.objects.filter(registration=OuterRef("pk"), group=rule.group, state__in=counting(rule))
    return question & Q(Exists(claims))


def going_on() -> Q:
    """The registrations that are not over (`Facts.is_over`)."""
    return Q(state=Registration.State.ACTIVE, person__died_on=None, person__merged_into=None)


def _ages(rule: Rule, today: date) -> Q:
    """By date of birth, as `Rule.has_age` counts."""
    day = rule.age_on or today
    question = Q()
    if rule.min_age is not None:
        question &= Q(person__birth_date__lte=_years_before(day, rule.min_age))
    if rule.max_age is not None:
        question &= Q(person__birth_date__gt=_years_before(day, rule.max_age + 1))
    return question


def _years_before(day: date, years: int) -> date:
    """The latest date of birth of those who have completed `years` on `day`."""
    if years >= day.year:
        return date.min
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February: whoever was born on it is a year older on 1 March
        return day.replace(year=day.year - years, day=28)
