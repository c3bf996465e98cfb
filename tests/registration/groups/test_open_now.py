"""The front page tells who may register now and who comes next, by the rules in the database and not by fixed words."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.utils import translation

from crs.breaker import Breaker
from registration.groups import open_now
from registration.models import GroupRule
from tests.factories import make_rule
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def told(moment: str) -> tuple[list[str], int, list[str], str]:
    """What is told at the moment (UTC): ages, how many other groups, what comes next, when."""
    cache.clear()
    with (
        time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=UTC), tick=False),
        translation.override("en"),
    ):
        part = open_now.front_page_part()
    assert part
    following = part["next"]
    names = [*following.ages, *following.groups] if following else []
    return part["now"].ages, len(part["now"].groups), names, f"{part['next_at']:%Y-%m-%d %H:%M}" if following else ""


@pytest.mark.parametrize(
    ("moment", "ages", "groups", "following", "at"),
    [
        ("2021-01-15 06:59", [], 0, ["people aged 80 and over"], "2021-01-15 07:00"),
        ("2021-01-15 07:00", ["people aged 80 and over"], 1, ["Health worker"], "2021-01-22 07:00"),
        ("2021-03-01 07:00", ["people aged 70 and over"], 9, ["Person with a serious"], "2021-03-24 07:00"),
        ("2021-06-04 06:00", ["people aged 16 and over"], 12, ["people aged 12 and over"], "2021-07-01 06:00"),
        ("2022-01-01 00:00", ["people aged 12 and over"], 12, [], ""),
    ],
)
def test_the_groups_of_2021_at_their_moments(
    moment: str, ages: list[str], groups: int, following: list[str], at: str
) -> None:
    now_ages, now_groups, names, when = told(moment)
    assert (now_ages, now_groups, when) == (ages, groups, at)
    assert [name for name in following if not any(one.startswith(name) for one in names)] == []


def test_what_the_ministry_changes_is_told_and_ages_that_do_not_touch_are_told_apart() -> None:
    day = datetime(2022, 1, 1, tzinfo=UTC)
    GroupRule.objects.filter(group__basis="AGE").exclude(group__in=("age-80", "age-16")).update(
        registers_from=None, invites_from=None
    )
    make_rule("age-16", valid_from=day, min_age=16, max_age=18)
    make_rule("age-5", valid_from=day.replace(month=3), registers_from=day.replace(month=2))
    ages, _groups, names, when = told("2022-01-02 00:00")
    assert ages == ["people aged 80 and over", "people aged 16 to 18"]
    assert (names, when) == (["people aged 5 and over"], "2022-03-01 00:00")


def test_an_opening_that_the_ministry_puts_off_by_a_later_rule_is_told_as_it_will_be() -> None:
    later = datetime(2021, 8, 1, 6, tzinfo=UTC)
    make_rule("age-12", valid_from=datetime(2021, 6, 20, tzinfo=UTC), registers_from=later, invites_from=later)
    _ages, _groups, names, when = told("2021-06-10 00:00")
    assert (names, when) == (["people aged 12 and over"], "2021-08-01 06:00")


@pytest.mark.parametrize(
    ("ages", "joined"),
    [
        ([(70, 79), (80, None), (60, 69)], [(60, None)]),
        ([(12, 15), (30, 39)], [(30, 39), (12, 15)]),
        ([(0, 4), (3, 10)], [(0, 10)]),
        ([], []),
    ],
)
def test_ages_that_touch_are_one(ages: list[open_now.Ages], joined: list[open_now.Ages]) -> None:
    assert open_now._joined(ages) == joined


def test_the_answer_waits_for_a_minute_and_never_past_the_next_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[float] = []
    monkeypatch.setattr(cache, "set", lambda key, value, seconds: kept.append(seconds))
    told("2021-01-15 06:00")
    told("2021-01-15 06:59:50")
    assert kept == [60, 10]


def test_the_front_page_tells_it_asks_once_and_does_without_the_database(
    client: Client, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.cookies["crs_language"] = "en"
    with time_machine.travel(datetime(2021, 3, 1, 7, tzinfo=UTC)):
        with django_assert_num_queries(2):
            said = text_of(client.get("/"))
        assert "Who may register now People aged 70 and over Also 9 groups" in said
        assert "From 24. 3. 2021, 8:00, these will follow:" in said
        with django_assert_num_queries(0):
            client.get("/")
        cache.clear()
        monkeypatch.setattr(open_now, "rules_at", _away)
        # Other tests of this process are to find the database.
        monkeypatch.setattr(open_now, "breaker_of", lambda url: Breaker("the database"))
        alone = client.get("/")
    assert alone.status_code == 200
    assert "Who may register now" not in text_of(alone)
    assert "I want to register" in text_of(alone)


def _away(*_: object) -> None:
    raise OperationalError("away")
