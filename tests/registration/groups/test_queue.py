"""What the database answers about a rule is what the pure function decides, whoever is asked about."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registration.groups import queue
from registration.groups.eligibility import decide, facts_of
from registration.groups.rules import Rule
from registration.models import Person, PriorityClaim, PriorityGroup, Registration
from tests.factories import make_registration

NOW = datetime(2028, 2, 28, 23, 30, tzinfo=UTC)  # 29 February in Prague
DAYS = [date(1948, 2, 28), date(1948, 2, 29), date(1948, 3, 1), date(1963, 2, 28), date(1963, 3, 1)]
STATES = PriorityClaim.State.values
STANDING = [state for state in STATES if state not in ("REFUSED", "WITHDRAWN")]
CLAIMED = ["carers", "school-staff"]

births = st.sampled_from(DAYS) | st.dates(date(1920, 1, 1), date(2028, 2, 29))
ages = st.none() | st.integers(0, 110) | st.sampled_from([79, 80, 64, 65])


@st.composite
def _rules(draw: st.DrawFn) -> dict[str, Any]:
    days = st.none() | st.sampled_from([date(2027, 2, 28), date(2028, 2, 29), date(2028, 12, 31)])
    return {
        "score": 1,
        "min_age": draw(ages),
        "max_age": draw(ages),
        "age_on": draw(days),
        "proof": draw(st.sampled_from(["NONE", "CODE", "REGISTER"])),
    }


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(st.tuples(births, st.lists(st.sampled_from(STATES), max_size=2)), min_size=1, max_size=6),
    values=_rules(),
    minutes=st.integers(-60, 60),
)
def test_the_database_and_the_decision_agree(
    people: list[tuple[date, list[str]]], values: dict[str, Any], minutes: int
) -> None:
    now = NOW + timedelta(minutes=minutes)
    made = []
    for born, states in people:
        registration = make_registration(birth_date=born)
        made.append(registration.pk)
        for state in states:
            if state in ("REFUSED", "WITHDRAWN") or not registration.priority_claims.standing().exists():
                PriorityClaim.objects.create(registration=registration, group_id="carers", state=state)
    ours = Registration.objects.filter(pk__in=made).select_related("person")
    for code in ("age-65", "carers"):
        rule = Rule(PriorityGroup.objects.get(code=code), **values)
        found = set(ours.filter(queue.fitting([rule], now=now)))
        assert found == {one for one in ours if decide(facts_of(one), [rule], now=now).rules}


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(st.tuples(births, st.sampled_from(CLAIMED), st.sampled_from(STANDING)), min_size=1, max_size=4),
    rules=st.lists(st.tuples(st.sampled_from(["age-65", "age-80", *CLAIMED]), st.integers(1, 3), _rules()), max_size=6),
)
def test_of_several_rules_the_one_with_the_highest_score_counts(
    people: list[tuple[date, str, str]], rules: list[tuple[str, int, dict[str, Any]]]
) -> None:
    made = []
    for born, group, state in people:
        made.append(make_registration(birth_date=born, claims={group: state}).pk)
    groups = PriorityGroup.objects.in_bulk()
    asked = [Rule(groups[code], **(values | {"score": score})) for code, score, values in rules]
    ours = Registration.objects.filter(pk__in=made).select_related("person")
    scores = {one: [rule.score for rule in decide(facts_of(one), asked, now=NOW).rules] for one in ours}
    assert set(ours.filter(queue.fitting(asked, now=NOW))) == {one for one, fit in scores.items() if fit}
    found = dict(ours.annotate(score=queue.Score(asked, now=NOW)).values_list("pk", "score"))
    assert found == {one.pk: max(fit, default=0) for one, fit in scores.items()}


@pytest.mark.django_db
def test_whose_registration_is_over_both_say() -> None:
    other = make_registration().person
    for fields in ({}, {"state": "COMPLETED"}, {"state": "CANCELLED", "ending": "LEFT", "ended_at": NOW}):
        make_registration(**fields)
    for values in ({"died_on": date(2027, 1, 1)}, {"merged_into": other}):
        Person.objects.filter(pk=make_registration().person_id).update(**values)
    everybody = Registration.objects.select_related("person")
    assert len(everybody) == 6
    assert set(everybody.filter(queue.going_on())) == {one for one in everybody if not facts_of(one).is_over}
