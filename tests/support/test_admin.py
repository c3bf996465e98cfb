"""The lead's screens: categories, and the hours of the levels."""

from datetime import timedelta

import pytest
from django.urls import reverse

from logistics.models import Role
from support.models import Category, LevelRule, Ticket
from tests.factories import NOW, make_agent, make_ticket
from tests.pages import browser, log_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_new_targets_of_a_level_hold_for_its_open_tickets_at_once() -> None:
    ticket = make_ticket()
    client = log_in(browser(), make_agent(Role.SUPPORT_LEAD))
    rule = LevelRule.objects.get(level=1)
    page = reverse("admin:support_levelrule_change", args=[rule.pk])
    hours = {"opens_at": "07:00", "closes_at": "19:00", "works_on_weekends": "on"}
    refused = client.post(page, {**hours, "closes_at": "06:00", "answer_minutes": 0, "stay_minutes": 60})
    assert refused.status_code == 200
    assert Ticket.objects.get().due_at == ticket.due_at
    assert client.post(page, {**hours, "answer_minutes": 30, "stay_minutes": 60}).status_code == 302
    changed = Ticket.objects.get()
    assert abs((changed.due_at or NOW) - NOW - timedelta(hours=1)) < timedelta(seconds=30)
    assert changed.answer_due_at == NOW + timedelta(minutes=30)


def test_a_category_is_added_and_taken_out_of_the_offer_but_not_deleted() -> None:
    client = log_in(browser(), make_agent(Role.SUPPORT_LEAD))
    values = {"code": "tests", "name_cs": "Testy", "name_en": "Tests", "position": 5, "keeps_days": 30}
    client.post(reverse("admin:support_category_add"), values)
    category = Category.objects.get(code="tests")
    page = reverse("admin:support_category_change", args=[category.pk])
    client.post(page, {**values, "code": "other-code", "is_active": ""})
    category.refresh_from_db()
    assert (category.code, category.is_active) == ("tests", False)
    assert "Testy" in text_of(client.get(reverse("admin:support_category_changelist")))
    assert client.get(reverse("admin:support_category_delete", args=[category.pk])).status_code == 403
