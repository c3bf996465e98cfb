"""People who were ill wait some time before a dose: from what day on, and what becomes of the times before it.

A hold is given up, confirmed times are handed over as affected, so that the site finds other ones; nothing else of the
reservation changes. docs/adr/0050-series-and-intervals.md
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from django.contrib.auth.models import User
from django.utils import timezone

from crs import history, sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.models import Registration
from reservation.affected import affected
from reservation.arranging import seating
from reservation.models import AffectedAppointment, Appointment, Postponement, PostponementRule, Reservation
from reservation.operations import Operation
from reservation.postponing.errors import NothingToPostpone, RegistrationIsOver


@dataclass(frozen=True)
class Postponed:
    """From what day on a dose may be given, and how many confirmed times lie before it."""

    not_before: date
    times_before: int


def not_before(ended_on: date, *, now: datetime) -> date:
    """The first day of a dose after an infection whose isolation ended on a day, by the rule of today."""
    rule = PostponementRule.objects.valid_on(timezone.localdate(now)).first()
    return ended_on + timedelta(days=rule.days if rule else 0)


def standing(registration_id: int) -> Postponement | None:
    """The person's postponement that was not withdrawn."""
    return Postponement.objects.filter(registration=registration_id, withdrawn_at=None).first()


def postpone(
    *, registration_id: int, ended_on: date, now: datetime, by: User | None = None, form: Sending = NO_FORM
) -> Postponed:
    """Let the person wait after an infection; an earlier postponement is replaced.

    `by` is whoever of staff says so for them. Raises NothingToPostpone, RegistrationIsOver, FormChanged.
    """
    first_day = not_before(ended_on, now=now)
    if first_day <= timezone.localdate(now):
        raise NothingToPostpone(first_day)

    def write() -> Outcome:
        _locked(registration_id)
        Postponement.objects.filter(registration=registration_id, withdrawn_at=None).update(withdrawn_at=now)
        Postponement.objects.create(
            registration_id=registration_id, ended_on=ended_on, not_before=first_day, made_at=now, made_by=by
        )
        _give_up_hold(registration_id, first_day, now)
        early = Appointment.objects.to_come(registration_id).filter(slot__day__lt=first_day, slot__starts_at__gt=now)
        keys = list(early.values_list("pk", flat=True))
        affected.hand_over(appointment_ids=keys, cause=AffectedAppointment.Cause.POSTPONED, now=now)
        return {"times_before": len(keys)}

    with history.recording(Operation.POSTPONE, by=by, registration=registration_id):
        outcome = sent_forms.once(form, write) or {}
    return Postponed(first_day, outcome.get("times_before", 0))


def withdraw(*, registration_id: int, now: datetime, by: User | None = None, form: Sending = NO_FORM) -> None:
    """The person need not wait any more; times that were handed over stay so until the site settles them.

    Raises RegistrationIsOver, FormChanged.
    """
    with history.recording(Operation.WITHDRAW_POSTPONEMENT, by=by, registration=registration_id):
        sent_forms.once(form, partial(_withdraw, registration_id, now))


def _withdraw(registration_id: int, now: datetime) -> Outcome:
    _locked(registration_id)
    Postponement.objects.filter(registration=registration_id, withdrawn_at=None).update(withdrawn_at=now)
    return {}


def _locked(registration_id: int) -> None:
    """Lock the registration: whoever holds seats for the person waits, and then finds the postponement."""
    people = Registration.objects.standing().select_for_update(of=("self",), no_key=True)
    if people.filter(pk=registration_id).first() is None:
        raise RegistrationIsOver


def _give_up_hold(registration_id: int, first_day: date, now: datetime) -> None:
    early = Reservation.objects.filter(
        registration=registration_id, state=Reservation.State.HELD, appointments__slot__day__lt=first_day
    )
    hold = Reservation.objects.filter(pk__in=early.values("pk")).select_for_update(no_key=True).first()
    if hold is None:
        return
    ended = Reservation.State.CANCELLED if hold.held_until > now else Reservation.State.EXPIRED
    # The WHERE clause is the check: whoever confirmed it meanwhile did so before the lock.
    if Reservation.objects.filter(pk=hold.pk, state=Reservation.State.HELD).update(state=ended):
        seating.exchange(give=Appointment.objects.filter(reservation=hold).values_list("slot_id", flat=True))
