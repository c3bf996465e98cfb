"""Two operators at once: a person is registered once, and told once."""

from functools import partial

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from crs.messaging.models import Message
from registration.applying.creating import Application
from registration.desk import calling, home_visits, requests
from registration.desk.calling import CallerDetails
from registration.models import LineRequest, Registration
from registration.number import next_number
from registration.people import persons
from registration.people.insured_number import parse
from registration.people.persons import PersonDetails
from tests.cast import MARIE
from tests.factories import NOW, make_account, make_registration
from tests.race import race, tally

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def by() -> User:
    return make_account("eva")


def _register(by: User, request: LineRequest | None = None) -> Registration:
    number = parse(MARIE.insured_number, today=NOW.date())
    person = PersonDetails(
        identity=number, first_name="Marie", last_name="Dvořáková", birth_date=number.birth_date, insurer="111"
    )
    application = Application(phone=MARIE.phone, email="", language="cs", way=Registration.Way.LINE)
    return calling.register_caller(
        details=CallerDetails(person, application), by=by, now=timezone.now(), request=request
    )


def test_two_operators_register_one_caller_once(by: User) -> None:
    outcomes = race(*(partial(_register, by) for _operator in range(3)))
    assert tally(outcomes) == {"Registration": 1, "AlreadyRegistered": 2}


def test_without_the_lock_they_meet_at_the_database_and_one_sees_an_error(
    by: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = parse(MARIE.insured_number, today=NOW.date())
    row = make_registration(state="CANCELLED", ending="LEFT", ended_at=NOW, birth_date=number.birth_date).person
    monkeypatch.setattr(persons, "locked", lambda details: row)
    outcomes = race(*(partial(_register, by) for _operator in range(7)))
    # The constraint holds what the lock would have: no second registration, but a fault instead of words.
    assert Registration.objects.standing().count() == 1
    assert tally(outcomes)["Registration"] == 1


def test_a_request_is_resolved_by_one_operator_and_told_once(by: User) -> None:
    request = LineRequest.objects.create(
        number=next_number(), phone="+420601234567", language="cs", typed='{"birth_date": "1980-01-01"}'
    )
    refuse = partial(
        requests.resolve, request=request, outcome=LineRequest.Outcome.REFUSED, reason="Ne.", by=by, now=NOW
    )
    outcomes = race(refuse, refuse, partial(_register, by, request))
    assert tally(outcomes)["RequestIsResolved"] == 2
    # Whoever lost has changed nothing: a registration is there only if it resolved the request.
    request.refresh_from_db()
    assert Registration.objects.exists() == (request.outcome == "REGISTERED")
    assert Message.objects.filter(template="registration/request_resolved").count() == (request.outcome == "REFUSED")


def test_people_are_handed_over_once_and_told_once(by: User) -> None:
    keys = [make_registration(is_immobile=True).pk for _person in range(4)]
    outcomes = race(*(partial(home_visits.hand_over, keys=keys, by=by, now=NOW) for _operator in range(4)))
    assert sorted(outcomes) == [0, 0, 0, 4]
    assert Message.objects.filter(template="registration/handed_to_doctors").count() == 4
