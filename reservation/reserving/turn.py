"""Whose turn it is, asked again of those who have PIN2: at the log-in, the hold and the confirmation.

The database answers within the statement that it guards (`sql/may_reserve.sql`); the words are those of
`Eligibility.refusal`, looked up where the answer is no.
"""

from dataclasses import replace
from datetime import datetime

from django.db.models import BooleanField, DateTimeField, F, Func, Value

from registration.groups import eligibility
from registration.groups.eligibility import Eligibility
from registration.groups.errors import NotYetInvited
from registration.groups.rules import rules_at
from registration.models import Registration
from reservation import errors


def is_turn(registration: str, *, now: datetime) -> Func:
    """The condition that it is the turn of the registration behind the field `registration` of a row."""
    moment = Value(now, DateTimeField())
    return Func(F(registration), moment, function="reservation_may_reserve", output_field=BooleanField())


def require(*, registration_id: int, now: datetime) -> None:
    """Raises NotYourTurn; one query where it is the person's turn."""
    if not Registration.objects.filter(is_turn("pk", now=now), pk=registration_id).exists():
        raise refusal(registration_id=registration_id, now=now)


def refusal(*, registration_id: int, now: datetime) -> errors.NotYourTurn:
    """Why it is not the person's turn, for whoever was told so by the database."""
    registration = Registration.objects.select_related("person").get(pk=registration_id)
    # A rule may have taken effect between the two questions; then the next try succeeds.
    why = eligibility_of(registration, now=now).refusal or NotYetInvited(None)
    return errors.NotYourTurn(str(why))


def eligibility_of(registration: Registration, *, now: datetime) -> Eligibility:
    """The eligibility for the next dose: whoever completed the series may reserve a booster by the groups' rules."""
    facts, person = eligibility.facts_of(registration), registration.person
    if registration.state == Registration.State.COMPLETED:
        facts = replace(facts, is_over=person.died_on is not None or person.merged_into_id is not None)
    return eligibility.decide(facts, rules_at(now), now=now)
