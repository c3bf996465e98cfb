"""The rules of 2021 let the right people come on the right day, at the second; ages are those that people count."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.age import age_on
from registration.groups.eligibility import Facts, decide
from registration.groups.rules import Rule, rules_at
from registration.models import PriorityGroup
from tests.factories import make_rule

TINY = timedelta(microseconds=1)
PROVEN = "PROVEN"

# Of each rule: who has just reached its age, or claims it; the moment in UTC at which it is 8:00 in Prague. Winter time
# until 28 March 2021, summer time from then.
OPENINGS: list[tuple[str, date, Mapping[str, str], datetime]] = [
    ("age-80", date(1941, 1, 15), {}, datetime(2021, 1, 15, 7, tzinfo=UTC)),
    ("care-home-clients", date(1990, 5, 1), {"care-home-clients": "PENDING"}, datetime(2021, 1, 15, 7, tzinfo=UTC)),
    ("health-workers", date(1990, 5, 1), {"health-workers": "PENDING"}, datetime(2021, 1, 22, 7, tzinfo=UTC)),
    ("covid-care-workers", date(1990, 5, 1), {"covid-care-workers": PROVEN}, datetime(2021, 1, 22, 7, tzinfo=UTC)),
    (
        "social-services-staff",
        date(1990, 5, 1),
        {"social-services-staff": PROVEN},
        datetime(2021, 1, 22, 7, tzinfo=UTC),
    ),
    (
        "health-administration",
        date(1990, 5, 1),
        {"health-administration": PROVEN},
        datetime(2021, 1, 22, 7, tzinfo=UTC),
    ),
    ("school-staff", date(1990, 5, 1), {"school-staff": PROVEN}, datetime(2021, 2, 27, 7, tzinfo=UTC)),
    (
        "critical-infrastructure",
        date(1990, 5, 1),
        {"critical-infrastructure": PROVEN},
        datetime(2021, 2, 27, 7, tzinfo=UTC),
    ),
    ("academic-staff", date(1990, 5, 1), {"academic-staff": PROVEN}, datetime(2021, 2, 27, 7, tzinfo=UTC)),
    ("defence-staff", date(1990, 5, 1), {"defence-staff": PROVEN}, datetime(2021, 2, 27, 7, tzinfo=UTC)),
    ("age-70", date(1951, 3, 1), {}, datetime(2021, 3, 1, 7, tzinfo=UTC)),
    ("chronic-first", date(1990, 5, 1), {"chronic-first": PROVEN}, datetime(2021, 3, 24, 7, tzinfo=UTC)),
    ("chronic-second", date(1990, 5, 1), {"chronic-second": PROVEN}, datetime(2021, 3, 24, 7, tzinfo=UTC)),
    ("carers", date(1990, 5, 1), {"carers": PROVEN}, datetime(2021, 3, 24, 7, tzinfo=UTC)),
    ("age-65", date(1956, 4, 14), {}, datetime(2021, 4, 14, 6, tzinfo=UTC)),
    ("age-60", date(1961, 4, 23), {}, datetime(2021, 4, 23, 6, tzinfo=UTC)),
    ("age-55", date(1966, 4, 28), {}, datetime(2021, 4, 28, 6, tzinfo=UTC)),
    ("age-50", date(1971, 5, 5), {}, datetime(2021, 5, 5, 6, tzinfo=UTC)),
    ("age-45", date(1976, 5, 11), {}, datetime(2021, 5, 11, 6, tzinfo=UTC)),
    ("age-40", date(1981, 5, 17), {}, datetime(2021, 5, 17, 6, tzinfo=UTC)),
    ("age-35", date(1986, 5, 24), {}, datetime(2021, 5, 24, 6, tzinfo=UTC)),
    ("age-30", date(1991, 5, 26), {}, datetime(2021, 5, 26, 6, tzinfo=UTC)),
    ("age-16", date(2005, 6, 4), {}, datetime(2021, 6, 4, 6, tzinfo=UTC)),
    ("age-12", date(2009, 7, 1), {}, datetime(2021, 7, 1, 6, tzinfo=UTC)),
]


@pytest.mark.django_db
def test_each_group_of_the_slides_opens_at_eight_in_prague_and_not_a_microsecond_before() -> None:
    for group, born, claims, opening in OPENINGS:
        before, then = (
            decide(Facts(born, claims), rules_at(moment), now=moment) for moment in (opening - TINY, opening)
        )
        assert (before.may_register, before.may_reserve) == (False, False), group
        assert (then.may_register, then.may_reserve) == (True, True), group
        came_by = next(rule for rule in then.rules if rule.registers(opening))
        assert came_by.group.code == group


@pytest.mark.django_db
def test_whoever_is_a_day_too_young_waits_for_the_next_group() -> None:
    for group, born, claims, opening in OPENINGS:
        if not claims:
            younger = decide(Facts(born + timedelta(days=1)), rules_at(opening), now=opening)
            assert not younger.may_register, group


@pytest.mark.django_db
def test_every_group_has_its_rule_from_the_beginning_and_none_before() -> None:
    beginning = datetime(2021, 1, 15, 7, tzinfo=UTC)
    assert rules_at(beginning - TINY) == ()
    assert {rule.group for rule in rules_at(beginning)} == set(PriorityGroup.objects.all())
    named = {group for group, *_rest in OPENINGS}
    # Children under 12 have no time yet; every other group stands above.
    assert {group.code for group in PriorityGroup.objects.all()} - named == {"age-5"}


@pytest.mark.django_db
def test_the_score_of_the_sources_decides_who_goes_first() -> None:
    order = [(rule.score, rule.group.code) for rule in rules_at(datetime(2021, 7, 1, tzinfo=UTC))]
    assert [score for score, _code in order] == sorted((score for score, _code in order), reverse=True)
    assert order[:3] == [(14, "care-home-clients"), (13, "age-80"), (11, "covid-care-workers")]
    assert [code for score, code in order if score == 5] == [
        "chronic-first",
        "critical-infrastructure",
        "health-administration",
        "social-services-staff",
    ]


@pytest.mark.django_db
def test_the_next_rule_takes_the_place_of_the_one_before_at_its_moment() -> None:
    moment = datetime(2021, 2, 1, 7, tzinfo=UTC)
    make_rule("age-80", valid_from=moment, min_age=85)
    of_80 = {at: next(rule for rule in rules_at(at) if rule.group.code == "age-80") for at in (moment - TINY, moment)}
    assert [rule.min_age for rule in of_80.values()] == [80, 85]


@pytest.mark.django_db
def test_rules_are_made_anew_only_where_the_database_says_something_new() -> None:
    moment = datetime(2021, 6, 1, 8, tzinfo=UTC)
    before = rules_at(moment)
    assert rules_at(moment + TINY) is before
    PriorityGroup.objects.filter(code="age-80").update(hints={"cs": "Vezměte si doklad."})
    group = next(rule.group for rule in rules_at(moment) if rule.group.code == "age-80")
    assert group.hints == {"cs": "Vezměte si doklad."}
    make_rule("age-80", valid_from=moment - TINY, min_age=85)
    assert next(rule.min_age for rule in rules_at(moment) if rule.group.code == "age-80") == 85


@given(
    born=st.dates(date(1900, 1, 1), date(2030, 12, 31)) | st.sampled_from([date(2000, 2, 29), date(2000, 3, 1)]),
    day=st.dates(date(2020, 1, 1), date(2040, 12, 31)) | st.sampled_from([date(2028, 2, 29), date(2027, 2, 28)]),
    lowest=st.none() | st.integers(0, 120),
    highest=st.none() | st.integers(0, 120),
)
def test_a_rule_has_the_ages_that_people_count(born: date, day: date, lowest: int | None, highest: int | None) -> None:
    rule = Rule(PriorityGroup(code="x", basis="AGE"), score=1, min_age=lowest, max_age=highest)
    age = age_on(day, birth_date=born)
    expected = (lowest is None or age >= lowest) and (highest is None or age <= highest)
    assert rule.has_age(born, today=day) == expected


def test_whoever_was_born_on_29_february_is_a_year_older_on_1_march() -> None:
    rule = Rule(PriorityGroup(code="x", basis="AGE"), score=1, min_age=65)
    born = date(1956, 2, 29)
    assert not rule.has_age(born, today=date(2021, 2, 28))
    assert rule.has_age(born, today=date(2021, 3, 1))


def test_on_a_fixed_day_no_birthday_brings_anybody_in() -> None:
    rule = Rule(PriorityGroup(code="x", basis="AGE"), score=1, min_age=65, max_age=69, age_on=date(2021, 12, 31))
    for today in (date(2021, 1, 1), date(2022, 6, 1)):
        assert rule.has_age(date(1956, 12, 31), today=today)
        assert not rule.has_age(date(1957, 1, 1), today=today)
        assert not rule.has_age(date(1951, 12, 31), today=today)
