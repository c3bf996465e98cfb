"""Whose turn it is, asked again of people who have PIN2."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logistics.models import DoseRule
from registration.models import GroupRule, Person, PriorityClaim, Registration
from reservation import errors, my_next_steps
from reservation.models import Reservation, ReservationGrounds
from reservation.reserving import booking, turn
from reservation.walk import logging_in
from tests import pages
from tests.factories import NOW, PIN2, make_invitation, make_registration, make_rule
from tests.pages import text_of
from tests.reservation.conftest import Invite, MakePair, log_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def read_in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


BEFORE = NOW - timedelta(minutes=1)


def stop(*groups: str) -> None:
    """From a minute ago on, the groups are invited no more."""
    for group in groups:
        make_rule(group, valid_from=BEFORE, invites_from=None)


def stop_all(_registration: Registration) -> None:
    stop(*GroupRule.objects.values_list("group", flat=True).distinct())


def refuse_claim(registration: Registration) -> None:
    PriorityClaim.objects.filter(registration=registration).update(state="REFUSED")


def dispute_claim(registration: Registration) -> None:
    PriorityClaim.objects.filter(registration=registration).update(state="DISPUTED")


def die(registration: Registration) -> None:
    Person.objects.filter(pk=registration.person_id).update(died_on=NOW.date())


def join(registration: Registration) -> None:
    Person.objects.filter(pk=registration.person_id).update(merged_into=make_registration().person)


CHANGES = {
    "a rule changed": (stop_all, "not being invited now"),
    "a claim was refused": (refuse_claim, "invited only from|not being invited|at this age"),
    "a claim is disputed": (dispute_claim, "does not confirm"),
    "the person died": (die, "does not wait for a dose any more"),
    "the record was joined": (join, "does not wait for a dose any more"),
}


def child_of_a_home() -> Registration:
    """A child whose age is not invited, who lives in a home: whether it may come rests on the claim alone."""
    DoseRule.objects.update(youngest_age=5)
    return make_registration(birth_date=date(2018, 1, 1), claims={"care-home-clients": "PENDING"})


@pytest.mark.parametrize(("change", "words"), CHANGES.values(), ids=CHANGES)
def test_a_person_whose_turn_it_is_no_more_reads_why_at_each_step_and_loses_nothing(
    make_pair: MakePair, change: Callable[[Registration], None], words: str
) -> None:
    first, _ = make_pair(capacity=2)
    invitation = make_invitation(child_of_a_home())
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    change(invitation.registration)
    with pytest.raises(errors.NotYourTurn, match=words):
        booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    with pytest.raises(errors.NotYourTurn, match=words):
        booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=NOW)
    with pytest.raises(errors.NotYourTurn, match=words):
        logging_in.log_in(login=str(invitation.registration.phone), pin2=PIN2, now=NOW)
    registration = Registration.objects.get(pk=invitation.registration_id)
    assert list(my_next_steps.of_registration(registration, NOW)) == []
    assert Reservation.objects.get().state == "HELD"
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_a_confirmed_reservation_is_not_taken_away_by_a_rule_that_changed_later(
    make_pair: MakePair, marie: object, make_invitation: Invite
) -> None:
    first, _ = make_pair()
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    confirm = partial(
        booking.confirm, reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=NOW
    )
    confirm()
    stop_all(invitation.registration)
    confirm()
    found = logging_in.log_in(login=str(invitation.registration.phone), pin2=PIN2, now=NOW)
    assert (found.invitation, Reservation.objects.get().state) == (invitation, "CONFIRMED")


def test_the_question_costs_the_log_in_one_query_and_the_confirmation_none(
    make_pair: MakePair, make_invitation: Invite
) -> None:
    make_pair()
    invitation = make_invitation()
    with CaptureQueriesContext(connection) as queries:
        turn.require(registration_id=invitation.registration_id, now=NOW)
    assert len(queries) == 1


@pytest.mark.usefixtures("clock")
def test_the_pages_say_why(make_pair: MakePair, english: Client, marie: object) -> None:
    first, _ = make_pair()
    assert log_in(english).status_code == 302
    assert english.post("/rezervace/drzet/", {"slot": first.pk}).status_code == 302
    stop_all(make_registration())
    for page in (english.post("/rezervace/drzet/", {"slot": first.pk}), log_in(pages.english(Client()))):
        assert page.status_code == 403
        assert "You are still registered and you keep your place." in text_of(page)


def grounds_of_a_confirmation(registration: Registration) -> ReservationGrounds:
    """What is kept with a reservation; it goes again, because it has no times and its grounds keep their rule."""
    values = {"state": "CONFIRMED", "pairing": "EXACT", "held_until": NOW, "confirmed_at": NOW}
    made = Reservation.objects.create(registration=registration, **values)
    kept = ReservationGrounds.objects.select_related("rule__group").get(reservation=made)
    made.delete()
    return kept


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    birth=st.dates(date(1920, 1, 1), date(2026, 12, 31)),
    state=st.sampled_from(["ACTIVE", "COMPLETED"]),
    claims=st.dictionaries(
        st.sampled_from(["care-home-clients", "health-workers", "school-staff", "carers"]),
        st.sampled_from(["PENDING", "PROVEN", "DISPUTED"]),
        max_size=2,
    ),
    ages=st.tuples(st.none() | st.integers(0, 60), st.none() | st.integers(60, 110)),
    on=st.none() | st.dates(date(2024, 2, 27), date(2028, 3, 2)),
    minutes=st.integers(-2, 2),
)
def test_the_database_says_what_the_function_says(
    birth: date, state: str, claims: dict[str, str], ages: tuple[int | None, int | None], on: date | None, minutes: int
) -> None:
    GroupRule.objects.exclude(group__in=["school-staff", "health-workers", "carers"]).update(invites_from=None)
    GroupRule.objects.filter(valid_from=BEFORE).delete()
    values = {"min_age": ages[0], "max_age": ages[1], "age_on": on, "proof": "NONE"}
    opening = {"registers_from": None, "invites_from": NOW + timedelta(seconds=minutes)}
    make_rule("age-40", valid_from=BEFORE, **(values | opening))
    make_rule("care-home-clients", valid_from=BEFORE, **(values | opening))
    registration = make_registration(birth_date=birth, claims=claims, state=state)
    said = turn.eligibility_of(registration, now=NOW)
    asked = Registration.objects.filter(turn.is_turn("pk", now=NOW), pk=registration.pk).exists()
    assert asked == said.may_reserve
    best = next((rule for rule in said.rules if rule.invites(NOW)), None)
    kept = grounds_of_a_confirmation(registration)
    assert (kept.rule and kept.rule.group) == (best and best.group)
    assert kept.claim_state == ("" if best is None or best.is_by_age else claims[best.group.code])
