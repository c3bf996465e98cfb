"""What staff do about a mismatch: ask the person for a document, and decide."""

from datetime import datetime, timedelta
from functools import partial

from django.contrib.auth.models import User

from crs import history, sent_forms
from crs.messaging.quiet_hours import next_waking_time
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.applying import ending
from registration.desk.mismatches import lists
from registration.desk.mismatches.errors import AskedLately, CannotBeAsked, DecisionNotPossible, MismatchDecided
from registration.models import Mismatch, Person, PriorityClaim, Register, RegisterCheck, Registration
from registration.operations import Operation
from registration.people.telling import reach_of, tell
from registration.registers import comparing
from registration.registers.answers import answer_of
from registration.registers.asking import Insured
from registration.signals import person_changed

# A person is asked for a document no more often.
BETWEEN_QUESTIONS = timedelta(hours=24)
_Decision, _Kind = Mismatch.Decision, Mismatch.Kind
_CORRECTS = (_Kind.NAME, _Kind.BIRTH_DATE)


def decisions_of(mismatch: Mismatch) -> list[Mismatch.Decision]:
    """What may be decided: only the insurers' register knows better than a person who they are."""
    can_correct = mismatch.check_done.register == Register.INSURERS and mismatch.kind in _CORRECTS
    return [_Decision.KEPT, *([_Decision.CORRECTED] if can_correct else []), _Decision.ENDED]


def decide(
    *,
    mismatch: Mismatch,
    decision: Mismatch.Decision,
    reason: str,
    by: User,
    now: datetime,
    form: Sending = NO_FORM,
) -> None:
    """Decide a mismatch; the person is told, unless the register says that they died.

    What the person says holds: a disputed claim is proven. What the register says holds: the person's row takes it
    over. Ended: the claim is refused where it was about one, else the registration ends.
    Raises MismatchDecided, DecisionNotPossible, and FormChanged.
    """
    with history.recording(Operation.DECIDE_MISMATCH, by=by):
        sent_forms.once(form, partial(_decide, mismatch, decision, reason, by, now))


def ask_for_document(*, mismatch: Mismatch, by: User, now: datetime, form: Sending = NO_FORM) -> None:
    """Ask the person to show a document. Raises MismatchDecided, AskedLately and CannotBeAsked."""
    registration = mismatch.check_done.registration
    if not reach_of(registration).is_there:
        raise CannotBeAsked

    def ask() -> Outcome:
        # Of two who ask at once the second waits here, and finds that somebody has asked.
        locked = Mismatch.objects.select_for_update(no_key=True).get(pk=mismatch.pk)
        if not _is_open(mismatch):
            raise MismatchDecided
        if locked.asked_at is not None and locked.asked_at > now - BETWEEN_QUESTIONS:
            raise AskedLately
        Mismatch.objects.filter(pk=locked.pk).update(asked_at=now, asked_by=by)
        tell(
            registration,
            "registration/document_wanted",
            {"number": registration.number},
            due_at=next_waking_time(now),
        )
        return {}

    sent_forms.once(form, ask)


def _is_open(mismatch: Mismatch) -> bool:
    return lists.waiting().filter(pk=mismatch.pk).exists()


def _decide(mismatch: Mismatch, decision: Mismatch.Decision, reason: str, by: User, now: datetime) -> Outcome:
    # In the order of docs/locking.md; of two who decide the second waits here, and finds the check decided.
    check = mismatch.check_done
    person = Person.objects.select_for_update(no_key=True).get(pk=check.registration.person_id)
    registration = Registration.objects.select_for_update(no_key=True).get(pk=check.registration_id)
    claims = PriorityClaim.objects.select_for_update(no_key=True)
    claim = claims.get(pk=check.claim_id) if check.claim_id else None
    if not _is_open(mismatch):
        raise MismatchDecided
    if decision not in decisions_of(mismatch):
        raise DecisionNotPossible
    RegisterCheck.objects.filter(pk=check.pk).update(state=RegisterCheck.State.DECIDED)
    Mismatch.objects.filter(pk=mismatch.pk).update(decision=decision, reason=reason, decided_at=now, decided_by=by)
    if decision == _Decision.KEPT:
        template = "" if mismatch.kind == _Kind.DIED else "registration/mismatch_kept"
        if claim is not None:
            PriorityClaim.objects.filter(pk=claim.pk).update(state=PriorityClaim.State.PROVEN)
    elif decision == _Decision.CORRECTED:
        template = "registration/mismatch_corrected"
        _correct(person, check, by=by, now=now)
    elif claim is not None:
        template = "registration/worker_refused"
        PriorityClaim.objects.filter(pk=claim.pk).update(state=PriorityClaim.State.REFUSED)
    else:
        template = ""  # whoever ends a registration tells it
        _end(registration, mismatch, reason, by=by, now=now)
    if template:
        tell(registration, template, {"number": registration.number}, due_at=next_waking_time(now))
    return {}


def _correct(person: Person, check: RegisterCheck, *, by: User, now: datetime) -> None:
    """Take over what differs, as it is written in the register; a part of a name that it has not is not erased."""
    record = answer_of(check)
    if not isinstance(record, Insured):
        raise DecisionNotPossible
    differs = comparing.differences(person, record, Register.INSURERS, now=now)
    if _Kind.NAME in differs:
        # A spelling in Latin letters is that of its name.
        person.first_name = record.first_name or person.first_name
        person.last_name = record.last_name or person.last_name
        person.latin_first_name = person.latin_last_name = ""
    if _Kind.BIRTH_DATE in differs:
        person.birth_date = record.birth_date
    person.save(update_fields=["first_name", "last_name", "latin_first_name", "latin_last_name", "birth_date"])
    person_changed.send(Person, person_id=person.pk, by=by)


def _end(registration: Registration, mismatch: Mismatch, reason: str, *, by: User, now: datetime) -> None:
    is_dead, record = mismatch.kind == _Kind.DIED, answer_of(mismatch.check_done)
    ending.end(
        registration=registration,
        ending=Registration.Ending.DIED if is_dead else Registration.Ending.REGISTER,
        died_on=record.died_on if is_dead and isinstance(record, Insured) else None,
        now=now,
        by=by,
        reason=reason,
    )
