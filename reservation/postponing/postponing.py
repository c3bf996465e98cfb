"""People who were ill wait some time before a dose: from what day on, and what becomes of the times before it.

A hold is given up, confirmed times are handed over as affected, so that the site finds other ones; nothing else of the
reservation changes. Where the person may come earlier again, times that fit are kept.
docs/adr/0050-series-and-intervals.md
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from crs import history, sent_forms
from crs.keyed_hash import keyed_hash
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.models import Registration
from reservation.affected import affected, rearranging
from reservation.arranging import seating
from reservation.models import (
    AffectedAppointment,
    Appointment,
    AppointmentQuerySet,
    Postponement,
    PostponementRule,
    Reservation,
)
from reservation.operations import Operation
from reservation.postponing.errors import NothingToPostpone, PostponementChanged, RegistrationIsOver


@dataclass(frozen=True)
class Plan:
    """What a postponement would do: from what day on a dose may be given, and which confirmed times would be lost.

    `fingerprint` names exactly these.
    """

    ended_on: date
    not_before: date
    lost: tuple[Appointment, ...]

    @property
    def days(self) -> int:
        """How many days the rule of today counts from the end of the isolation."""
        return (self.not_before - self.ended_on).days

    @property
    def fingerprint(self) -> str:
        """Changes with the day and with the times."""
        times = [(one.pk, one.slot_id) for one in self.lost]
        return keyed_hash("postponement", json.dumps([self.not_before.isoformat(), times]))


@dataclass(frozen=True)
class Postponed:
    """From what day on a dose may be given, how many confirmed times lie before it, and how many hold again."""

    not_before: date
    times_before: int
    times_kept: int


def not_before(ended_on: date, *, now: datetime) -> date:
    """The first day of a dose after an infection whose isolation ended on a day, by the rule of today."""
    rule = PostponementRule.objects.valid_on(timezone.localdate(now)).first()
    return ended_on + timedelta(days=rule.days if rule else 0)


def standing(registration_id: int) -> Postponement | None:
    """The person's postponement that was not withdrawn."""
    return Postponement.objects.filter(registration=registration_id, withdrawn_at=None).first()


def plan(*, registration_id: int, ended_on: date, now: datetime) -> Plan:
    """Look what a postponement would do. Raises NothingToPostpone."""
    first_day = not_before(ended_on, now=now)
    if first_day <= timezone.localdate(now):
        raise NothingToPostpone(first_day)
    early = _early(registration_id, first_day, now).exclude(pk__in=Appointment.objects.affected().values("pk"))
    return Plan(ended_on, first_day, tuple(early.select_related("slot__site")))


def postpone(
    *,
    registration_id: int,
    ended_on: date,
    now: datetime,
    shown: str | None = None,
    by: User | None = None,
    form: Sending = NO_FORM,
) -> Postponed:
    """Let the person wait after an infection; an earlier postponement is replaced.

    `shown` is the fingerprint of the plan that was shown; None: nobody was asked. `by` is whoever of staff says so for
    them. Raises NothingToPostpone, PostponementChanged, RegistrationIsOver, FormChanged.
    """
    first_day = not_before(ended_on, now=now)

    def write() -> Outcome:
        _locked(registration_id)
        planned = plan(registration_id=registration_id, ended_on=ended_on, now=now)
        if shown not in (None, planned.fingerprint):
            raise PostponementChanged
        Postponement.objects.filter(registration=registration_id, withdrawn_at=None).update(withdrawn_at=now)
        Postponement.objects.create(
            registration_id=registration_id, ended_on=ended_on, not_before=first_day, made_at=now, made_by=by
        )
        _give_up_hold(registration_id, first_day, now)
        keys = list(_early(registration_id, first_day, now).values_list("pk", flat=True))
        affected.hand_over(appointment_ids=keys, cause=AffectedAppointment.Cause.POSTPONED, now=now)
        return {"before": len(keys), "kept": _keep_what_fits(registration_id, first_day, by, now)}

    with history.recording(Operation.POSTPONE, by=by, registration=registration_id):
        outcome = sent_forms.once(form, write) or {}
    return Postponed(first_day, outcome.get("before", 0), outcome.get("kept", 0))


def withdraw(*, registration_id: int, now: datetime, by: User | None = None, form: Sending = NO_FORM) -> int:
    """The person need not wait any more. Returns how many of their times hold again.

    Raises RegistrationIsOver, FormChanged.
    """

    def write() -> Outcome:
        _locked(registration_id)
        Postponement.objects.filter(registration=registration_id, withdrawn_at=None).update(withdrawn_at=now)
        return {"kept": _keep_what_fits(registration_id, timezone.localdate(now), by, now)}

    with history.recording(Operation.WITHDRAW_POSTPONEMENT, by=by, registration=registration_id):
        return int((sent_forms.once(form, write) or {}).get("kept", 0))


def _early(registration_id: int, first_day: date, now: datetime) -> AppointmentQuerySet:
    """The person's booked times to come before a day."""
    return Appointment.objects.to_come(registration_id).filter(slot__day__lt=first_day, slot__starts_at__gt=now)


def _keep_what_fits(registration_id: int, first_day: date, by: User | None, now: datetime) -> int:
    """Keep the times that a postponement took away and that may stand from a day on, and tell the person; how many.

    Left to the site are times that it closed meanwhile, and doses that do not fit after one that was moved.
    """
    postponed = AffectedAppointment.objects.unsettled().filter(
        cause=AffectedAppointment.Cause.POSTPONED,
        appointment__reservation__registration=registration_id,
        slot__day__gte=first_day,
        slot__starts_at__gt=now,
        slot__is_closed=False,
    )
    rows = postponed.select_related("appointment__slot__vaccine", "appointment__reservation__registration")
    return affected.keep(affected_ids=[row.pk for row in rows if rearranging.fits(row.appointment)], by=by, now=now)


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
