"""People who are due for a booster: they are invited after those who wait for a first dose."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import DateField, Exists, F, Func, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from logistics.models import DoseRule, Vaccine
from registration.groups import queue
from registration.groups.rules import Rule
from registration.models import Registration
from reservation.models import Appointment, Invitation, InvitationPause, Postponement, Reservation

# PIN2 comes so long before the first day of the dose: whoever chooses soon has some days to choose from.
AHEAD = timedelta(days=14)


def due(*, rules: Sequence[Rule], now: datetime) -> QuerySet[Registration]:
    """People who completed the series, whom one of `rules` fits and a rule of a vaccine offers a booster soon.

    They have neither a valid PIN2 nor a time to come. Whose last dose is the longest ago comes first.
    """
    today = timezone.localdate(now)
    until = today + AHEAD
    valid = Invitation.objects.valid(now).filter(registration=OuterRef("pk"))
    held = Reservation.objects.filter(registration=OuterRef("pk"), state=Reservation.State.HELD)
    paused = InvitationPause.objects.filter(registration=OuterRef("pk"), resumed_at=None)
    to_come = Appointment.objects.filter(
        reservation__registration=OuterRef("pk"),
        reservation__state=Reservation.State.CONFIRMED,
        state=Appointment.State.BOOKED,
    )
    waits = Postponement.objects.filter(registration=OuterRef("pk"), withdrawn_at=None, not_before__gt=until)
    return (
        Registration.objects.filter(
            queue.fitting(rules, now=now), reached(), state=Registration.State.COMPLETED, is_immobile=False
        )
        .filter(person__died_on=None, person__merged_into=None, doses_received__gt=0)
        # By the index of the last doses; whether a rule offers the booster is asked of those alone.
        .filter(_may_be_due(until))
        .exclude(Exists(valid) | Exists(held) | Exists(waits) | Exists(to_come) | Exists(paused))
        .filter(Exists(Vaccine.objects.alias(first_day=_first_day(today)).filter(first_day__lte=until)))
        .order_by("last_dose_on", "pk")
    )


def _may_be_due(until: date) -> Q:
    """Whoever is left out is offered no booster until then by any rule of the number of their next dose."""
    found = Q(pk=None)
    rules = DoseRule.objects.order_by().values_list("dose_number")
    for number, days, age in rules.annotate(days=Min(Coalesce("min_days", 0)), age=Min("youngest_age")):
        old_enough = Q(last_dose_on__lte=until - timedelta(days=days))
        old_enough &= Q(person__birth_date__lte=until - timedelta(days=365 * age))
        found |= Q(doses_received=number - 1) & old_enough
        # The booster after a series of one dose is numbered as after two, and its days are those of that vaccine.
        found |= Q(doses_received=number - 2, first_vaccine__doses=1, last_dose_on__lte=until)
    return found


def _first_day(today: date) -> Func:
    """The first day on which the person of the outer query can have a booster of a vaccine (sql/first_day.sql)."""
    person = ("last_dose_on", "last_vaccine", "first_vaccine")
    return Func(
        F("code"),
        Value(today),
        OuterRef("person__birth_date"),
        OuterRef("doses_received"),
        Value(value=True),
        *(OuterRef(name) for name in person),
        function="reservation_first_day",
        output_field=DateField(),
    )


def reached() -> Q:
    """The registrations to which PIN2 can come: by SMS, or by letter to a known address."""
    return ~Q(phone="") | Q(by_letter=True) & ~Q(person__street="") & ~Q(person__city="")
