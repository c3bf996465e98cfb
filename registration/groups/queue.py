"""Whom of the registered people a rule fits, as a question to the database (`eligibility` in SQL)."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from registration.groups.eligibility import counting
from registration.groups.rules import Rule
from registration.models import PriorityClaim, Registration


def fitting(rule: Rule, *, now: datetime) -> Q:
    """The registrations that the rule fits at `now`, whatever other rules fit them, too."""
    question = Q(person__birth_date__range=rule.births(today=timezone.localdate(now)))
    if rule.is_by_age:
        return question
    claims = PriorityClaim.objects.filter(registration=OuterRef("pk"), group=rule.group, state__in=counting(rule))
    return question & Q(Exists(claims))


def going_on() -> Q:
    """The registrations that are not over (`Facts.is_over`)."""
    return Q(state=Registration.State.ACTIVE, person__died_on=None, person__merged_into=None)
