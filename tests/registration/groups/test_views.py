"""The ministry plans rules of groups on pages of its own: overview, form, preview, and only then it is saved."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from logistics.models import Role
from registration.groups import editing, preview
from registration.groups.preview import Figures, Waiting
from registration.models import GroupRule, PriorityGroup
from tests.factories import NOW, make_rule, make_staff
from tests.pages import Page, english, form_key, log_in, summary, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
OVERVIEW = reverse("registration:groups")
PLAN = reverse("registration:plan_rule", args=["age-70"])
GROUP = reverse("registration:group", args=["age-70"])
TYPED = {
    "valid_from": "1. 3. 2027 8:00",
    "registers_from": "1. 3. 2021 8.00",
    "invites_from": "",
    "score": "8",
    "min_age": "70",
    "max_age": "79 ",
    "age_on": "",
    "reason": "Doses are missing",
}


@pytest.fixture
def ministry(client: Client) -> Client:
    """Somebody of the ministry, who reads English."""
    log_in(client, make_staff(Role.MINISTRY))
    return english(client)


def _hidden(page: Page) -> dict[str, str]:
    """What the page of the preview sends back."""
    return {field.html_name: field.value() or "" for field in page.context["form"]}


def _send(client: Client, path: str, **typed: str) -> Page:
    answer: Any = client.post(path, {"seen": editing.version()} | typed)
    return answer


def test_the_overview_shows_all_groups_by_score_and_what_is_planned(
    ministry: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_rule("age-5", valid_from=NOW + timedelta(days=3))
    PriorityGroup.objects.create(code="foresters", names={"cs": "Lesníci"}, basis="PROFESSION", phase="II")
    with django_assert_max_num_queries(12):
        page: Any = ministry.get(OVERVIEW)
    text = text_of(page)
    assert len(page.context["lines"]) == PriorityGroup.objects.count()
    assert text.index("Age 80+") < text.index("Age 70–79") < text.index("Age 5–11") < text.index("Lesníci")
    assert "yes, since 1. 3. 2021 8:00" in text
    assert "from 14. 1. 2027 9:00" in text
    assert "No rule holds yet" in text


def test_the_form_begins_with_what_holds_and_a_preview_comes_before_anything_is_saved(
    ministry: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def source(cuts: object, now: object) -> Figures:
        people = Waiting(NOW.date() - timedelta(days=75 * 366), frozenset(), "CZ010", 4_321)
        return Figures([people], {"CZ010": 12}, NOW)

    monkeypatch.setattr(preview, "_source", source)
    for age in (65, 60, 55, 50, 45, 40, 35, 30, 16, 12):
        make_rule(f"age-{age}", valid_from=NOW - timedelta(days=1), invites_from=None)
    form: Any = ministry.get(PLAN)
    assert form.context["form"]["registers_from"].value() == "1. 3. 2021 8:00"
    page = _send(ministry, PLAN, **TYPED)
    assert GroupRule.objects.filter(group="age-70").count() == 1
    text = text_of(page)
    assert "What would hold from Monday 1. 3. 2027 8:00" in text
    assert "stop being invited 4,321" in text
    assert "Hlavní město Praha" in text
    saved = _send(ministry, PLAN, **_hidden(page), step="save", form_key=form_key(page))
    assert saved.headers["Location"] == GROUP
    rule = GroupRule.objects.get(group="age-70", score=8)
    assert timezone.localtime(rule.valid_from).isoformat() == "2027-03-01T08:00:00+01:00"
    assert timezone.localtime(rule.registers_from).isoformat() == "2021-03-01T08:00:00+01:00"
    assert (rule.invites_from, rule.max_age, rule.reason) == (None, 79, "Doses are missing")
    assert "Doses are missing" in text_of(ministry.get(GROUP))


def test_back_to_the_form_keeps_what_was_typed(ministry: Client) -> None:
    page = _send(ministry, PLAN, **_hidden(_send(ministry, PLAN, **TYPED)), step="edit")
    assert page.context["form"]["reason"].value() == "Doses are missing"
    assert "Show the preview" in text_of(page)
    assert not GroupRule.objects.filter(score=8).exists()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"valid_from": "1. 3. 8:00"}, "Write day and time as"),
        ({"valid_from": "1. 3. 2026 8:00"}, "This time has passed"),
        ({"valid_from": "28. 3. 2027 2:30"}, "Write day and time as"),  # summer time leaves it out
        ({"score": "15"}, "Write a whole number from 1 to 14"),
        ({"score": ""}, "Write the score"),
        ({"min_age": "80", "max_age": "70"}, "The highest age is below"),
        ({"registers_from": "2. 3. 2027 8:00", "invites_from": "1. 3. 2027 8:00"}, "cannot be invited before"),
        ({"reason": "\u200b "}, "Write why you change it"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_stays_typed(ministry: Client, typed: dict[str, str], told: str) -> None:
    page = _send(ministry, PLAN, **TYPED | typed)
    assert told in summary(page)
    for name, value in typed.items():
        assert page.context["form"][name].value() == value


def test_two_editors_the_second_is_told_and_loses_nothing(ministry: Client) -> None:
    seen = editing.version()
    make_rule("age-65", valid_from=NOW + timedelta(days=3))
    for step in ("", "save"):
        page = _send(ministry, PLAN, **TYPED, seen=seen, step=step)
        assert "Somebody else has changed the groups" in summary(page)
        assert page.context["form"]["reason"].value() == "Doses are missing"
    assert _send(ministry, PLAN, **TYPED, seen=page.context["seen"], step="save").status_code == 302


def test_a_second_click_saves_one_rule(ministry: Client) -> None:
    page = _send(ministry, PLAN, **TYPED | {"valid_from": ""})
    typed = {**_hidden(page), "seen": page.context["seen"], "step": "save", "form_key": form_key(page)}
    assert [ministry.post(PLAN, typed).headers["Location"] for _ in range(2)] == [GROUP, GROUP]
    assert GroupRule.objects.filter(group="age-70", score=8).count() == 1


def test_a_planned_rule_is_changed_and_withdrawn_until_it_begins(ministry: Client) -> None:
    rule = make_rule("age-70", valid_from=NOW + timedelta(days=3), score=9)
    change = reverse("registration:change_rule", args=["age-70", rule.pk])
    assert "Change a planned rule" in text_of(ministry.get(change))
    _send(ministry, change, **TYPED, step="save")
    assert not GroupRule.objects.filter(pk=rule.pk).exists()
    gone = ministry.get(change, follow=True)
    assert "This planned rule was withdrawn or replaced." in text_of(gone)
    assert "Reason: Doses are missing" in text_of(gone)
    rule = GroupRule.objects.get(score=8)
    withdraw = reverse("registration:withdraw_rule", args=["age-70", rule.pk])
    assert "Write why you change it" in summary(_send(ministry, withdraw, reason=""))
    assert "Somebody else" in summary(_send(ministry, withdraw, reason="x", seen="0-0"))
    GroupRule.objects.filter(pk=rule.pk).update(valid_from=NOW)
    assert "This rule holds already." in text_of(ministry.get(withdraw, follow=True))
    GroupRule.objects.filter(pk=rule.pk).update(valid_from=rule.valid_from)
    page = _send(ministry, withdraw, reason="Doses came")
    assert page.headers["Location"] == GROUP
    assert not GroupRule.objects.filter(pk=rule.pk).exists()


def test_a_rule_of_another_group_and_one_that_never_was_are_not_found(ministry: Client) -> None:
    rule = make_rule("age-70", valid_from=NOW + timedelta(days=3))
    for code, key in (("age-65", rule.pk), ("age-70", 999_999), ("nobody", rule.pk)):
        for name in ("change_rule", "withdraw_rule"):
            assert ministry.get(reverse(f"registration:{name}", args=[code, key])).status_code == 404


def test_texts_are_changed_in_each_language(ministry: Client) -> None:
    path = reverse("registration:edit_group", args=["carers"])
    page: Any = ministry.get(path)
    typed = {**_hidden(page), "name_en": "Carers\u200b", "hint_cs": "Vezměte si potvrzení.", "reason": "shorter"}
    assert ministry.post(path, {**typed, "seen": "0"}).context["form"].errors
    assert ministry.post(path, {**typed, "name_cs": "", "seen": page.context["seen"]}).context["form"].errors
    assert ministry.post(path, {**typed, "seen": page.context["seen"]}).status_code == 302
    group = PriorityGroup.objects.get(code="carers")
    assert (group.names["en"], group.hints) == ("Carers", {"cs": "Vezměte si potvrzení."})
    assert "uk" in group.names


def test_a_group_is_added_and_gets_its_first_rule(ministry: Client) -> None:
    path = reverse("registration:add_group")
    typed = {"code": "Foresters", "basis": "PROFESSION", "phase": "II", "name_cs": "Lesníci", "reason": "new"}
    assert "Only small letters" in summary(_send(ministry, path, **typed | {"code": "lesní dělníci"}))
    assert "a group with this code already" in summary(_send(ministry, path, **typed | {"code": "carers"}))
    group = reverse("registration:group", args=["foresters"])
    assert _send(ministry, path, **typed).headers["Location"] == group
    assert "nobody belongs to the group" in text_of(ministry.get(group))
    plan = reverse("registration:plan_rule", args=["foresters"])
    first = TYPED | {"min_age": "", "max_age": "", "valid_from": "", "proof": "CODE"}
    assert "not one of the available choices" in summary(_send(ministry, plan, **first | {"proof": "x"}))
    assert _send(ministry, plan, **first, step="save").headers["Location"] == group
    assert "a code from the employer or doctor" in text_of(ministry.get(group))


def test_others_of_staff_find_no_such_page(client: Client) -> None:
    log_in(client, make_staff(Role.SUPPORT_LEAD))
    assert client.get(OVERVIEW).status_code == 404
    assert client.post(PLAN, TYPED).status_code == 404


def test_an_answer_without_a_body_is_given_too(ministry: Client) -> None:
    for path in (OVERVIEW, GROUP, PLAN, reverse("registration:add_group")):
        assert ministry.head(path).status_code == 200
