"""Ending a registration, and opening it again: by the person, by staff, or after a check with a register."""

from datetime import date, datetime
from functools import partial

from django.contrib.auth.models import User
from django.utils import timezone

from crs import history, sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.applying.errors import (
    AlreadyEnded,
    AnotherRegistrationHolds,
    CannotComeBack,
    NotEnded,
    NothingToLeave,
)
from registration.codes import using
from registration.models import EndingReason, Person, PriorityClaim, Registration
from registration.operations import Operation
from registration.people import persons, telling
from registration.people.errors import PersonDied, PersonWasMerged
from registration.registers import voiding
from registration.signals import registration_ended, registration_reopened


def end(
    *,
    registration: Registration,
    ending: Registration.Ending,
    now: datetime,
    by: User | None = None,
    reason: str = "",
    died_on: date | None = None,
    form: Sending = NO_FORM,
) -> Registration:
    """End the registration: what was reserved for it is given back, codes are free again, checks are not wanted.

    Claims stay for whoever opens it again; one that a code proved has to be proven anew, unless the end came of a
    joining, which keeps codes. The person is told, unless they died; then the day, or else today, is kept of them.
    Raises AlreadyEnded, and NothingToLeave where a person leaves who has all doses.
    """
    with history.recording_part(Operation.LEAVE if ending == Registration.Ending.LEFT else Operation.END, by=by):
        sent_forms.once(form, partial(_end, registration, ending, by, reason, died_on, now))
    return Registration.objects.select_related("person").get(pk=registration.pk)


def reopen(
    *,
    registration: Registration,
    now: datetime,
    by: User | None = None,
    reason: str = "",
    form: Sending = NO_FORM,
) -> Registration:
    """Open an ended registration again, with its number, its claims and its place in the order.

    Without `by` it is the person who comes back, and only after they left. Times that were given back stay given back,
    and a claim whose code became free waits for a code; the person is told so.
    Raises NotEnded, CannotComeBack, PersonDied, PersonWasMerged, AnotherRegistrationHolds.
    """
    with history.recording_part(Operation.REOPEN if by else Operation.COME_BACK, by=by):
        sent_forms.once(form, partial(_reopen, registration, by, reason, now))
    return Registration.objects.select_related("person").get(pk=registration.pk)


def _end(
    registration: Registration,
    ending: Registration.Ending,
    by: User | None,
    reason: str,
    died_on: date | None,
    now: datetime,
) -> Outcome:
    # A dose of the person, a second registration and a second click wait here; whoever books waits one row below.
    person, locked = _locked(registration)
    if locked.state == Registration.State.CANCELLED:
        raise AlreadyEnded
    if locked.state == Registration.State.COMPLETED and ending == Registration.Ending.LEFT:
        raise NothingToLeave
    Registration.objects.filter(pk=locked.pk).update(state=Registration.State.CANCELLED, ending=ending, ended_at=now)
    if ending == Registration.Ending.DIED:
        # Nobody registers them again, and nobody opens this registration.
        Person.objects.filter(pk=person.pk).update(died_on=died_on or timezone.localdate(now))
    _keep_reason(locked, by, reason, now, is_end=True)
    if ending != Registration.Ending.MERGED:  # taken apart, the record has its codes again
        using.lock_codes_of(locked)
        for claim in PriorityClaim.objects.standing().filter(registration=locked).order_by("pk"):
            using.give_back(claim)
    voiding.void(registration=locked)
    answers = registration_ended.send(Registration, registration_id=locked.pk, now=now)
    if ending != Registration.Ending.DIED:
        gave_back = any(answer for _receiver, answer in answers)
        context = {"number": locked.number, "ending": ending.value, "gave_back": gave_back}
        telling.tell(locked, "registration/ended", context, reference=locked.number)
    return {}


def _reopen(registration: Registration, by: User | None, reason: str, now: datetime) -> Outcome:
    person, locked = _locked(registration)
    if locked.state != Registration.State.CANCELLED:
        raise NotEnded
    if by is None and locked.ending != Registration.Ending.LEFT:
        raise CannotComeBack
    if person.merged_into_id is not None:
        raise PersonWasMerged
    if person.died_on is not None:
        raise PersonDied
    # The person's row is locked, and whoever registers them locks it, too: nothing comes to stand meanwhile.
    other = Registration.objects.standing().filter(person__in=persons.rows_of(person)).first()
    if other is not None:
        raise AnotherRegistrationHolds(other)
    Registration.objects.filter(pk=locked.pk).update(state=Registration.State.ACTIVE, ending="", ended_at=None)
    _keep_reason(locked, by, reason, now, is_end=False)
    registration_reopened.send(Registration, registration_id=locked.pk, now=now)
    keeps_codes = locked.ending == Registration.Ending.MERGED
    telling.tell(
        locked,
        "registration/reopened",
        {"number": locked.number, "keeps_codes": keeps_codes, "cannot_come": locked.is_immobile},
    )
    return {}


def _locked(registration: Registration) -> tuple[Person, Registration]:
    person = Person.objects.select_for_update(no_key=True).get(pk=registration.person_id)
    return person, Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)


def _keep_reason(registration: Registration, by: User | None, reason: str, now: datetime, *, is_end: bool) -> None:
    if by is not None and reason:
        EndingReason.objects.create(registration=registration, is_end=is_end, reason=reason, given_at=now, given_by=by)
