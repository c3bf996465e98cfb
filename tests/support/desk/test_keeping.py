"""Prepared answers and the keys: what the desk keeps for itself."""

from collections.abc import Callable

import pytest

from logistics.models import Role
from support.models import CannedAnswer
from tests.factories import make_ticket
from tests.pages import form_key, summary, text_of
from tests.support.desk.conftest import Agent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
ANSWERS = "/podpora/odpovedi/"


def test_the_lead_writes_prepared_answers_and_takes_them_off(agent: Callable[..., Agent]) -> None:
    lead = agent(Role.SUPPORT_LEAD)
    typed = {"title": "Tisk", "text_cs": "Dobrý den, {name}", "text_en": "", "desk": "", "is_active": "on"}
    assert "is saved" in text_of(lead.client.post(f"{ANSWERS}nova/", typed, follow=True))
    canned = CannedAnswer.objects.get()
    refused = lead.client.post(f"{ANSWERS}nova/", typed)
    assert "has an answer of this title already" in summary(refused)
    assert 'value="Tisk"' in refused.content.decode()
    assert CannedAnswer.objects.count() == 1
    nameless = lead.client.post(f"{ANSWERS}nova/", {**typed, "title": ""})
    assert "Write what the answer is to be called." in summary(nameless)
    assert "– none –" in text_of(nameless)
    wrong = lead.client.post(f"{ANSWERS}{canned.pk}/", {**typed, "text_cs": "Dobrý den, {jmeno}"})
    assert "{jmeno}" in text_of(wrong)
    assert "Nothing fills in {jmeno}" in text_of(wrong)
    lead.client.post(f"{ANSWERS}{canned.pk}/", {**typed, "is_active": ""})
    assert "not offered" in text_of(lead.client.get(ANSWERS))
    jana = agent(Role.SUPPORT_L2)
    assert "Tisk" not in text_of(jana.page(make_ticket("Jiné")))
    for address in (ANSWERS, f"{ANSWERS}nova/", f"{ANSWERS}{canned.pk}/"):
        assert jana.client.get(address).status_code == 404


def test_the_second_of_two_clicks_finds_the_answer_saved(agent: Callable[..., Agent]) -> None:
    lead = agent(Role.SUPPORT_LEAD)
    key = form_key(lead.client.get(f"{ANSWERS}nova/"))
    typed = {"title": "Tisk", "text_cs": "Dobrý den", "desk": "", "is_active": "on", "form_key": key}
    for _ in range(2):
        assert lead.client.post(f"{ANSWERS}nova/", typed)["Location"] == ANSWERS
    assert CannedAnswer.objects.count() == 1
    changed = lead.client.post(f"{ANSWERS}nova/", {**typed, "title": "Jiný"})
    assert "already sent once with something else" in summary(changed)


def test_keys_are_switched_off_in_one_browser(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    ticket = make_ticket()
    assert "support/desk.js" in jana.page(ticket).content.decode()
    jana.client.post("/podpora/klavesy/", {"keys": "off"})
    assert "desk.js" not in jana.page(ticket).content.decode()
    assert "The keys are off" in text_of(jana.client.get("/podpora/klavesy/"))
    jana.client.post("/podpora/klavesy/", {"keys": "on"})
    assert "The keys are on" in text_of(jana.client.get("/podpora/klavesy/"))
