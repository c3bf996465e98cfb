"""The ministry's screens of the questions."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from logistics.models import Role
from tests import pages
from tests.factories import NOW, make_registration, make_staff
from tests.pages import Page, log_in, text_of
from vaccination.models import AnswerEffect, FilledQuestionnaire, Question, Questionnaire
from vaccination.questions import questionnaire_versions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LIST = "/admin/vaccination/questionnaire/"


@pytest.fixture
def ministry() -> Client:
    return pages.english(log_in(Client(), make_staff(Role.MINISTRY)))


@pytest.fixture
def version() -> Questionnaire:
    return Questionnaire.objects.get()


def answered(version: Questionnaire) -> None:
    FilledQuestionnaire.objects.create(
        registration=make_registration(), questionnaire=version, dose_number=1, answers="{}", filled_at=NOW
    )


def question_page(client: Client, question: Question, **changes: Any) -> Page:
    """Send the screen of a question as a browser sends it, with one new effect."""
    address = f"/admin/vaccination/question/{question.pk}/change/"
    page = client.get(address)
    formset = page.context["inline_admin_formsets"][0].formset
    values = {bound.html_name: bound.value() for bound in formset.management_form}
    for form in [page.context["adminform"].form, *formset.forms]:
        values |= {bound.html_name: bound.value() for bound in form if bound.value() is not None}
    return client.post(address, values | changes)


def test_a_copy_has_all_questions_and_effects(ministry: Client, version: Questionnaire) -> None:
    page = ministry.post(LIST, {"action": "copy_version", "_selected_action": version.pk}, follow=True)
    assert "Version 2 was made" in text_of(page)
    copy = Questionnaire.objects.get(number=2)
    assert copy.valid_from == date(2027, 1, 18)
    assert copy.questions.count() == version.questions.count()
    effects = AnswerEffect.objects.filter
    assert effects(question__questionnaire=copy).count() == effects(question__questionnaire=version).count() > 0
    assert Questionnaire.objects.valid_on(date(2027, 1, 17)) == version
    assert Questionnaire.objects.valid_on(date(2027, 1, 18)) == copy


def test_an_answered_version_is_only_shown(ministry: Client, version: Questionnaire) -> None:
    address = f"{LIST}{version.pk}/change/"
    assert 'name="_save"' in ministry.get(address).content.decode()
    answered(version)
    assert questionnaire_versions.is_answered(version)
    assert 'name="_save"' not in ministry.get(address).content.decode()
    assert ministry.post(address, {"number": 9}).status_code == 403
    assert ministry.post(f"{LIST}{version.pk}/delete/", {"post": "yes"}).status_code == 403


def test_an_answered_question_takes_new_effects_from_tomorrow_on(ministry: Client, version: Questionnaire) -> None:
    answered(version)
    question = version.questions.get(code="vaccinated")
    new = {"effects-TOTAL_FORMS": 1, "effects-0-question": question.pk, "effects-0-answer": "YES"}
    new |= {"effects-0-kind": "WARN", "effects-0-advice_cs": "Zeptejte se.", "text_cs": "Jiný text?"}
    page = question_page(ministry, question, **new, **{"effects-0-valid_from": "2027-01-11"})
    assert "Choose a day from tomorrow on" in text_of(page)
    assert question_page(ministry, question, **new, **{"effects-0-valid_from": "2027-01-12"}).status_code == 302
    assert question.effects.get().valid_from == date(2027, 1, 12)
    question.refresh_from_db()
    assert question.text_cs != "Jiný text?"


@pytest.mark.parametrize("role", [Role.REGION, Role.DISTRIBUTOR])
def test_nobody_else_sees_the_screens(role: Role) -> None:
    client = log_in(Client(), make_staff(role, region="CZ031" if role == Role.REGION else None))
    assert client.get(LIST).status_code in (302, 403, 404)
