"""Registering somebody who calls line 1221, or whose request the portal handed over."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import User

from crs import history, sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.applying.creating import Application, create
from registration.applying.errors import AlreadyRegistered, CourseComplete
from registration.codes import using
from registration.desk import requests
from registration.groups import eligibility
from registration.groups.eligibility import Facts
from registration.models import LineRequest, PriorityClaim, Registration
from registration.operations import Operation
from registration.people import persons
from registration.people.persons import PersonDetails


@dataclass(frozen=True)
class CallerDetails:
    """What the operator's form made of what the caller said; `code` as it was read out, "" for none."""

    person: PersonDetails
    application: Application
    code: str = ""


def register_caller(
    *,
    details: CallerDetails,
    by: User,
    now: datetime,
    request: LineRequest | None = None,
    form: Sending = NO_FORM,
) -> Registration:
    """Register the caller: the portal's checks, without a proof of the telephone, and its limit does not count.

    A `request` is resolved with it. Registers are asked later, as for everybody. Raises what
    `eligibility.require_registration` does, AlreadyRegistered with the standing registration, PersonDied,
    DocumentOfSomebodyElse, CodeRefused, RequestIsResolved, and FormChanged.
    """
    who, application = details.person, details.application
    state = PriorityClaim.State.PROVEN if details.code else application.claim_state
    claims = {application.reason.code: state.value} if application.reason else {}
    turn = eligibility.require_registration(Facts(who.birth_date, claims), now=now)
    application = replace(application, rule=turn.best)
    code = details.code if application.reason else ""
    # Of whoever has no telephone the tries count for the operator.
    whose = application.phone or application.landline or f"user {by.pk}"

    def write() -> Outcome:
        # Two operators with one person wait for each other at the person's row; the second finds the first one's work.
        person = persons.locked(who)
        persons.refuse_who_cannot_come(person, who)
        standing = Registration.objects.standing().filter(person=person).first()
        if standing is not None:
            is_complete = standing.state == Registration.State.COMPLETED
            raise CourseComplete(standing) if is_complete else AlreadyRegistered(standing)
        made = create(person=person, details=who, application=application, now=now, by=by, code_try=code_try)
        if request is not None:
            requests.close(request, LineRequest.Outcome.REGISTERED, by=by, now=now, registration=made)
        return {"registration": made.pk}

    with (
        using.counted_try(text=code, phone=whose, now=now) as code_try,
        history.recording(Operation.REGISTER_CALLER, by=by),
    ):
        outcome = sent_forms.once(form, write) or {}
    return Registration.objects.get(pk=outcome["registration"])
