"""Whose turn it is, and in which words it is refused."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from crs.no_break import breakable
from registration.groups import eligibility, errors
from registration.groups.eligibility import Eligibility, Facts, decide
from registration.groups.rules import Rule
from registration.models import PriorityGroup
from tests.factories import NOW, make_registration

LATER = NOW + timedelta(days=30)
BORN_1960, BORN_2025 = date(1960, 1, 1), date(2025, 1, 1)


def _rule(code: str = "65", basis: str = "AGE", **values: Any) -> Rule:
    times = {"registers_from": NOW, "invites_from": NOW}
    return Rule(
        PriorityGroup(code=code, basis=basis, names={"cs": f"Skupina {code}"}), **{"score": 3, **times, **values}
    )


CARERS = _rule("carers", "HEALTH", score=4, proof="CODE")
WORKERS = _rule("workers", "PROFESSION", score=11, proof="REGISTER")


def _asked(*rules: Rule, born: date = BORN_1960, **facts: Any) -> Eligibility:
    return decide(Facts(born, **facts), rules, now=NOW)


def test_a_group_that_is_invited_lets_people_register_and_reserve() -> None:
    asked = _asked(_rule(min_age=65))
    assert (asked.may_register, asked.may_reserve) == (True, True)
    assert (asked.registering_refusal, asked.refusal) == (None, None)


def test_before_the_time_the_refusal_names_it_and_without_a_time_it_says_so() -> None:
    with translation.override("en"):
        later = _asked(_rule(registers_from=LATER, invites_from=LATER))
        assert later.registers_from == later.invites_from == LATER
        assert "10 February 2027" in breakable(str(later.registering_refusal))
        assert str(LATER.year) in str(later.refusal)
        never = _asked(_rule(registers_from=None, invites_from=None))
        assert "not known" in str(never.registering_refusal)
        assert "we will write" in str(never.refusal)


def test_the_first_of_several_groups_counts_for_the_time_and_the_best_score_for_the_place() -> None:
    asked = _asked(_rule("70", score=7, registers_from=LATER, invites_from=LATER), _rule("60", score=2))
    assert asked.best is not None
    assert asked.best.group.code == "70"
    assert asked.may_register
    assert asked.registers_from == NOW


@pytest.mark.parametrize(
    ("rule", "state", "counts"),
    [
        (CARERS, "PENDING", False),
        (CARERS, "PROVEN", True),
        (CARERS, "DISPUTED", False),
        (WORKERS, "PENDING", True),
        (WORKERS, "PROVEN", True),
        (WORKERS, "DISPUTED", False),
    ],
)
def test_a_code_has_to_come_first_and_a_register_may_answer_later(rule: Rule, state: str, counts: bool) -> None:
    assert _asked(rule, claims={rule.group.code: state}).may_reserve == counts


def test_an_unproven_claim_tells_how_it_is_proven() -> None:
    later = _rule("60", registers_from=LATER, invites_from=LATER)
    asked = _asked(CARERS, later, claims={"carers": "PENDING"})
    for refusal in (asked.refusal, asked.registering_refusal):
        assert isinstance(refusal, errors.ClaimNotProven)
        assert "Skupina carers" in str(refusal)
        assert str(refusal).count("1221") == 1


def test_a_disputed_claim_refuses_nothing_and_says_that_people_decide() -> None:
    asked = _asked(WORKERS, claims={"workers": "DISPUTED"})
    assert isinstance(asked.refusal, errors.ClaimDisputed)
    assert "Skupina workers" in str(asked.refusal)
    other_way = _asked(WORKERS, _rule("60"), claims={"workers": "DISPUTED"})
    assert other_way.may_reserve


def test_a_claim_to_a_group_that_waits_too_is_no_reason_while_another_group_fits() -> None:
    waiting = _rule("carers", "HEALTH", proof="CODE", registers_from=LATER, invites_from=LATER)
    asked = _asked(waiting, _rule("60", registers_from=LATER, invites_from=LATER), claims={"carers": "PENDING"})
    assert isinstance(asked.refusal, errors.NotYetInvited)


@pytest.mark.parametrize(
    ("rules", "born", "expected"),
    [
        ([_rule(min_age=16)], BORN_2025, errors.TooYoung),
        ([_rule(min_age=16, max_age=50)], BORN_1960, errors.NoGroupOfThisAge),
        ([_rule(min_age=16, max_age=50), _rule("80", min_age=80)], BORN_1960, errors.NoGroupOfThisAge),
        ([], BORN_1960, errors.NoGroupOfThisAge),
    ],
)
def test_ages_that_no_group_takes_are_told_apart(rules: list[Rule], born: date, expected: type) -> None:
    asked = _asked(*rules, born=born)
    assert asked.best is None
    assert isinstance(asked.refusal, expected)
    assert isinstance(asked.registering_refusal, expected)
    assert "1221" in str(asked.refusal)


def test_whoever_does_not_wait_any_more_is_refused_whatever_the_rules_say() -> None:
    asked = _asked(_rule(), is_over=True)
    assert not asked.may_register
    assert not asked.may_reserve
    assert isinstance(asked.refusal, errors.RegistrationIsOver)
    assert asked.best is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "is_over"),
    [({}, False), ({"state": "COMPLETED"}, True), ({"died_on": date(2027, 1, 1)}, True)],
)
def test_the_facts_of_a_registration(changes: dict[str, Any], is_over: bool) -> None:
    registration = make_registration(claims={"carers": "PROVEN", "school-staff": "WITHDRAWN"})
    for name, value in changes.items():
        row = registration if hasattr(registration, name) else registration.person
        setattr(row, name, value)
    assert eligibility.facts_of(registration) == Facts(date(1940, 5, 1), {"carers": "PROVEN"}, is_over)


@pytest.mark.django_db
def test_a_withdrawn_claim_hides_no_standing_one() -> None:
    registration = make_registration(claims={"carers": "PROVEN"})
    registration.priority_claims.create(group_id="carers", state="WITHDRAWN")
    assert eligibility.facts_of(registration).claims == {"carers": "PROVEN"}


@pytest.mark.django_db
def test_a_registered_person_is_asked_about_in_three_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    registration = type(make_registration()).objects.latest("pk")
    with django_assert_num_queries(3):
        assert eligibility.of_registration(registration, now=NOW).may_reserve


@pytest.mark.django_db
def test_whoever_wants_to_register_too_early_is_refused_in_the_words_of_the_decision() -> None:
    with pytest.raises(errors.TooYoung):
        eligibility.require_registration(Facts(date(2026, 1, 1)), now=NOW)
    assert eligibility.require_registration(Facts(BORN_1960), now=NOW).best
