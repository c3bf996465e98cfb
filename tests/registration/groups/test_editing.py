"""Rules are planned, replaced and withdrawn, never edited; and two editors do not pass each other by."""

import threading
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import translation

from crs.sent_forms import Sending
from registration.groups import editing, errors, overview
from registration.groups.editing import GroupText, RuleText
from registration.groups.rules import Rule, rules_at
from registration.models import GroupRule, PriorityGroup
from tests.factories import NOW, make_account
from tests.race import race, tally

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(days=1)
TINY = timedelta(microseconds=1)
CLOSED = RuleText(score=7, min_age=70)


@pytest.fixture
def eva(db: None) -> User:
    """She edits for the ministry."""
    return make_account("eva")


def _plan(by: User, **changes: Any) -> GroupRule:
    values: dict[str, Any] = {"group": PriorityGroup(code="age-70"), "text": CLOSED, "valid_from": SOON}
    values |= {"reason": "doses are missing", "by": by, "seen": editing.version(), "now": NOW}
    return editing.plan_rule(**values | changes)


def _at(moment: Any) -> Rule:
    return next(rule for rule in rules_at(moment) if rule.group.code == "age-70")


def _contexts(label: str) -> list[dict[str, Any]]:
    events = GroupRule.events.rel.related_model.objects.filter(pgh_label=label)  # type: ignore[attr-defined]
    return [event.pgh_context.metadata for event in events.exclude(pgh_context=None).order_by("pgh_id")]


def test_a_planned_rule_takes_effect_at_its_moment_and_history_knows_who_and_why(eva: User) -> None:
    rule = _plan(eva)
    assert _at(SOON - TINY).registers(SOON - TINY)
    assert not _at(SOON).registers(SOON)
    assert (rule.made_by, rule.reason, rule.made_at) == (eva, "doses are missing", NOW)
    assert _contexts("insert") == [
        {"operation": "registration.edit_rule", "user": eva.pk, "reason": "doses are missing"}
    ]


def test_without_a_moment_it_holds_at_once(eva: User) -> None:
    assert _plan(eva, valid_from=None).valid_from == NOW
    assert not _at(NOW).registers(NOW)


def test_nothing_is_planned_for_the_past_or_twice_for_one_moment(eva: User) -> None:
    with pytest.raises(errors.RuleBegins):
        _plan(eva, valid_from=NOW - TINY)
    _plan(eva)
    with pytest.raises(errors.RuleAtThatMoment):
        _plan(eva, text=RuleText(score=8, min_age=70))
    assert GroupRule.objects.filter(group="age-70").count() == 2


def test_a_rule_that_says_what_holds_anyway_is_not_saved(eva: User) -> None:
    _plan(eva)
    with pytest.raises(errors.RuleSaysNothingNew):
        _plan(eva, valid_from=SOON + timedelta(days=1))


def test_a_planned_rule_is_replaced_by_another(eva: User) -> None:
    first = _plan(eva)
    again = _plan(eva, replaces=first, text=RuleText(score=9, min_age=70), reason="a mistake")
    assert list(GroupRule.objects.filter(group="age-70", valid_from=SOON)) == [again]
    assert _at(SOON).score == 9
    gone = overview.withdrawn(first.group)
    assert [(one.rule.score, one.by, one.reason) for one in gone] == [(7, "eva", "a mistake")]


def test_a_withdrawn_rule_never_holds_and_history_keeps_it(eva: User) -> None:
    rule = _plan(eva)
    editing.withdraw_rule(rule=rule, reason="doses came", by=eva, seen=editing.version(), now=SOON - TINY)
    assert _at(SOON).registers(SOON)
    assert _contexts("delete")[-1]["reason"] == "doses came"
    assert overview.was_withdrawn(rule.pk, rule.group)


def test_what_holds_is_neither_withdrawn_nor_replaced(eva: User) -> None:
    rule = _plan(eva)
    with pytest.raises(errors.RuleBegins):
        editing.withdraw_rule(rule=rule, reason="x", by=eva, seen=editing.version(), now=SOON)
    with pytest.raises(errors.RuleBegins):
        _plan(eva, replaces=rule, text=RuleText(score=9), valid_from=None, now=SOON)
    assert GroupRule.objects.filter(pk=rule.pk).exists()


def test_whoever_saw_other_rules_is_refused_in_clear_words(eva: User) -> None:
    seen = editing.version()
    first = _plan(eva)
    with pytest.raises(errors.RulesChanged) as refusal:
        _plan(eva, seen=seen, valid_from=SOON + timedelta(days=1))
    with translation.override("en"):
        assert "Somebody else" in str(refusal.value)
    with pytest.raises(errors.RulesChanged):
        editing.withdraw_rule(rule=first, reason="x", by=eva, seen=seen, now=NOW)


def test_the_version_tells_every_change_apart(eva: User) -> None:
    seen = [editing.version()]
    rule = _plan(eva)
    seen.append(editing.version())
    rule = _plan(eva, replaces=rule, text=RuleText(score=9))
    seen.append(editing.version())
    assert len(set(seen)) == 3
    editing.withdraw_rule(rule=rule, reason="x", by=eva, seen=seen[-1], now=NOW)
    assert editing.version() == seen[0]  # nothing differs from then


def test_a_second_click_plans_nothing_more(eva: User) -> None:
    form, seen = Sending(uuid4(), "typed"), editing.version()
    assert _plan(eva, form=form, seen=seen) == _plan(eva, form=form, seen=seen)
    assert _plan(eva, form=Sending(None, ""), valid_from=None, text=RuleText(score=1)).score == 1


def test_texts_are_changed_at_once_and_only_by_whoever_saw_the_last_ones(eva: User) -> None:
    group = PriorityGroup.objects.get(code="carers")
    text = GroupText(phase="IA", names={"cs": "Pečující", "en": "Carers"}, hints={"cs": "Vezměte si potvrzení."})
    seen = editing.version_of_texts(group)
    editing.edit_group(group=group, text=text, reason="a shorter name", by=eva, seen=seen)
    group.refresh_from_db()
    assert (str(group), group.hint, group.phase) == ("Pečující", "Vezměte si potvrzení.", "IA")
    with translation.override("en"):
        assert (str(group), group.hint) == ("Carers", "Vezměte si potvrzení.")
    with pytest.raises(errors.RulesChanged):
        editing.edit_group(group=group, text=text, reason="x", by=eva, seen=seen)


def test_a_new_group_has_nobody_until_its_first_rule(eva: User) -> None:
    text = GroupText(phase="II", names={"cs": "Lesníci"}, hints={})
    added = editing.add_group(code="foresters", basis="PROFESSION", text=text, reason="a new group", by=eva)
    assert added not in {rule.group for rule in rules_at(NOW)}
    _plan(eva, group=added, text=RuleText(score=2, proof="CODE"), valid_from=None)
    assert added in {rule.group for rule in rules_at(NOW)}
    with pytest.raises(errors.GroupCodeTaken):
        editing.add_group(code="foresters", basis="AGE", text=text, reason="x", by=eva)


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_at_once_one_is_refused() -> None:
    eva, seen = make_account("eva"), editing.version()
    plans = [partial(_plan, eva, seen=seen, valid_from=SOON + timedelta(hours=hour)) for hour in (0, 1)]
    assert tally(race(*plans)) == {"GroupRule": 1, "RulesChanged": 1}


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would_save_what_neither_has_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control twin: both look before either writes."""
    eva, seen, version = make_account("eva"), editing.version(), editing.version
    both = threading.Barrier(2)

    def looked_at_together() -> str:
        found = version()
        both.wait(timeout=30)
        return found

    monkeypatch.setattr(editing, "take", lambda _lock: None)
    monkeypatch.setattr(editing, "version", looked_at_together)
    plans = [partial(_plan, eva, seen=seen, valid_from=SOON + timedelta(hours=hour)) for hour in (0, 1)]
    assert tally(race(*plans)) == {"GroupRule": 2}
