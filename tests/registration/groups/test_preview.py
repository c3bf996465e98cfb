"""What a rule would do is told before it is saved: to whom, where, and what the editor may not have meant."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from registration.groups import editing, preview, reminders
from registration.groups.editing import RuleText
from registration.groups.preview import Figures, Preview, Waiting
from registration.models import GroupRule, PriorityGroup
from tests.factories import NOW, make_rule

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(days=10)
PRAGUE, SOUTH = "CZ010", "CZ031"
NOBODY: frozenset[tuple[str, str]] = frozenset()


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Sequence[date]]]:
    """Gives figures to the preview; returns the lists of cuts for which it asked."""

    def give(*waiting: Waiting, **free_pairs: int) -> list[Sequence[date]]:
        asked: list[Sequence[date]] = []

        def source(cuts: Sequence[date], now: datetime) -> Figures:
            asked.append(cuts)
            return Figures(waiting, free_pairs, now)

        monkeypatch.setattr(preview, "_source", source)
        return asked

    return give


def _previewed(code: str = "age-70", *, valid_from: datetime = NOW, like: str = "", **changes: Any) -> Preview:
    group = PriorityGroup.objects.get(code=code)
    holds = RuleText.of(group.rules.latest("valid_from"))
    text = RuleText(**{name: getattr(holds, name) for name in RuleText.names()} | changes)
    return preview.of_change(adds=editing.drafted(group, text, valid_from=valid_from), removes=None, now=NOW)


def _people(
    born: date, people: int = 100, region: str = PRAGUE, claims: frozenset[tuple[str, str]] = NOBODY
) -> Waiting:
    return Waiting(born, claims, region, people)


def _close(*codes: str) -> None:
    for code in codes:
        make_rule(code, valid_from=NOW - timedelta(days=1), invites_from=None)


def test_people_who_come_to_be_invited_are_counted_by_region_against_free_pairs(figures: Callable[..., Any]) -> None:
    _close(*(f"age-{age}" for age in (70, 65, 60, 55, 50, 45, 40, 35, 30, 16, 12)))
    figures(
        _people(date(1955, 1, 1), 100),
        _people(date(1955, 1, 1), 30, ""),
        _people(date(1930, 1, 1), 7),
        _people(date(1990, 1, 1), 900, SOUTH),
        CZ010=90,
        CZ031=5,
    )
    told = _previewed(invites_from=NOW)
    effect = told.effects[0]
    assert (effect.at, effect.newly, effect.no_more, effect.invited) == (NOW, 130, 0, 137)
    found = {row.region: (row.newly, row.invited, row.free_pairs) for row in effect.regions}
    assert found == {"": (30, 30, 0), PRAGUE: (100, 107, 90), SOUTH: (0, 0, 5)}
    assert effect.regions[1].name == "Hlavní město Praha"
    assert "More people are invited then than there are free pairs of times now." in told.warnings


def test_a_lower_group_before_a_higher_one_is_warned_of(figures: Callable[..., Any]) -> None:
    _close("age-70", "age-65")
    figures()
    warnings = " ".join(_previewed("age-65", invites_from=NOW).warnings)
    assert "higher score are not" in warnings
    assert "Age 70–79" in warnings
    assert "higher score" not in " ".join(_previewed("age-70", invites_from=NOW).warnings)


def test_closing_tells_how_many_stop_being_invited_and_what_becomes_of_pin2(figures: Callable[..., Any]) -> None:
    _close(*(f"age-{age}" for age in (65, 60, 55, 50, 45, 40, 35, 30, 16, 12)))
    figures(_people(date(1955, 1, 1), 40))
    told = _previewed(invites_from=None, registers_from=None)
    assert told.effects[0].no_more == 40
    assert "Some people who wait stop being invited. Those of them who have PIN2 already cannot reserve with it." in (
        told.warnings
    )
    assert "From then on nobody can register by this group." in told.warnings


def test_another_score_moves_people_to_another_group_and_a_higher_age_leaves_some_without_one(
    figures: Callable[..., Any],
) -> None:
    carers = frozenset({("carers", "PROVEN")})
    figures(_people(date(1960, 1, 1), 3), _people(date(1990, 1, 1), 5, claims=carers), _people(date(2013, 1, 1), 11))
    assert _previewed("carers", score=1).effects[0].other_group == 5
    GroupRule.objects.filter(group="age-5").update(min_age=90)
    assert _previewed("age-12", min_age=16).effects[0].without_group == 11


def test_a_time_to_come_has_an_effect_of_its_own(figures: Callable[..., Any]) -> None:
    _close("age-5")
    figures(_people(date(2018, 6, 1), 12))
    told = _previewed("age-5", registers_from=SOON, invites_from=SOON)
    assert [(effect.at, effect.newly) for effect in told.effects] == [(NOW, 0), (SOON, 12)]


def test_putting_off_an_opening_tells_the_gap(figures: Callable[..., Any]) -> None:
    make_rule("age-5", valid_from=NOW - timedelta(days=1), registers_from=NOW, invites_from=NOW + timedelta(days=2))
    figures(_people(date(2018, 6, 1), 12))
    told = _previewed("age-5", invites_from=SOON)
    assert [(effect.at, effect.no_more) for effect in told.effects] == [(NOW, 0), (NOW + timedelta(days=2), 12)]


def test_it_holds_until_the_next_planned_rule_and_says_so(figures: Callable[..., Any]) -> None:
    figures(_people(date(1955, 1, 1), 40))
    make_rule("age-70", valid_from=NOW + timedelta(days=5), score=8)
    told = _previewed(invites_from=SOON)
    assert "It holds only until" in told.warnings[0]
    assert SOON not in [effect.at for effect in told.effects]


def test_withdrawing_a_planned_rule_is_previewed_too(figures: Callable[..., Any]) -> None:
    _close("age-5")
    planned = make_rule("age-5", valid_from=SOON, registers_from=SOON, invites_from=SOON)
    figures(_people(date(2018, 6, 1), 12))
    told = preview.of_change(adds=None, removes=planned, now=NOW)
    assert [(effect.at, effect.no_more) for effect in told.effects] == [(SOON, 12)]


def test_what_the_editor_may_not_have_meant_is_said(figures: Callable[..., Any]) -> None:
    figures()
    reminders.remind(phone="+420601234567", group=PriorityGroup.objects.get(code="age-5"), language="cs", now=NOW)
    told = _previewed("age-5", min_age=None, age_on=date(2027, 12, 31), registers_from=NOW).warnings
    assert "The rule names no lowest age: it takes small children, too." in told
    assert "1 telephone gets the SMS that it asked for, as soon as the group registers." in told
    assert any("nobody comes into the group or leaves it by a birthday" in one for one in told)
    assert (
        "Nobody can register by this group, but those who have registered are invited."
        in _previewed(registers_from=None).warnings
    )


def test_without_figures_it_says_so_and_nothing_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "_source", None)
    told = _previewed(invites_from=None)
    assert told.computed_at is None
    assert not told.effects[0].moves_people


def test_the_cuts_part_people_of_whom_a_rule_says_different_things(figures: Callable[..., Any]) -> None:
    asked = figures()
    _previewed(max_age=79, age_on=date(2027, 12, 31))
    cuts = asked[0]
    assert list(cuts) == sorted(set(cuts))
    assert date(1958, 1, 1) in cuts  # too young on the day
    assert date(1948, 1, 1) in cuts  # the first one who is not too old
    assert date(1957, 1, 12) in cuts  # too young by the rule before
    assert len(cuts) < 40


def test_a_million_people_who_are_alike_in_thousands_of_rows_take_no_time(figures: Callable[..., Any]) -> None:
    claims = [NOBODY, *(frozenset({(code, state)}) for code in ("carers", "school-staff") for state in ("PROVEN",))]
    days = [date(1925, 1, 1) + timedelta(days=900 * number) for number in range(40)]
    rows = [_people(day, 100, f"CZ0{region}", kind) for day in days for region in range(10, 25) for kind in claims]
    figures(*rows * 4)
    begun = time.process_time()
    assert _previewed("age-5", invites_from=NOW).effects[0].invited == 720_000
    assert time.process_time() - begun < 1
