"""What answers mean by vaccine and day, and whose they are."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection

from crs.sent_forms import Sending
from logistics.models import VaccinationSite, Vaccine
from logistics.stock.ledger import EntryContext
from registration.models import Registration
from tests.factories import NOW, make_registration, make_reservation, make_site, make_visit
from vaccination.models import FilledQuestionnaire, Question, Questionnaire
from vaccination.models.questions import Answer
from vaccination.questions import answers, errors
from vaccination.questions.answers import Answered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

HOME = EntryContext(by=None, now=NOW)
LATER = replace(HOME, now=NOW + timedelta(hours=1))


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


@pytest.fixture
def marie(site: VaccinationSite) -> Registration:
    registration = make_registration()
    make_reservation(registration, site=site)
    return registration


@pytest.fixture
def version() -> Questionnaire:
    return Questionnaire.objects.get(number=1)


def vaccine(platform: str = "MRNA") -> Vaccine:
    return Vaccine(code="x", name="X", platform=platform)


def all_no(version: Questionnaire, **changes: str) -> dict[str, Answered]:
    said = {question.code: Answered(Answer.NO) for question in version.questions.all()}
    return said | {code.replace("_", "-"): Answered(Answer(answer)) for code, answer in changes.items()}


def kinds(marie: Registration, version: Questionnaire, day: date, platform: str = "MRNA", **said: str) -> list[str]:
    filled = answers.fill_at_home(
        registration=marie, questionnaire=version, answers=all_no(version, **said), context=HOME
    )
    return [effect.kind.value for effect in answers.effects(filled, vaccine=vaccine(platform), day=day)]


# --- the data of the migration ------------------------------------------------------------------


def test_every_question_and_every_warning_has_words_in_both_languages() -> None:
    questions = list(Question.objects.prefetch_related("effects"))
    assert len(questions) == 13
    assert all([one.text_cs, one.text_en, one.help_cs, one.help_en] for one in questions)
    for one in questions:
        assert one.text_cs.endswith("?")
        assert one.text_en.endswith("?")
        assert one.help_cs
        assert one.help_en
        for effect in one.effects.all():
            assert bool(effect.advice_cs) == bool(effect.advice_en)
            assert effect.kind == "NONE" or effect.advice_cs


@pytest.mark.parametrize(
    ("code", "answer", "platform", "day", "expected"),
    [
        ("ill", "YES", "MRNA", "2027-01-11", ["STOP"]),
        ("ill", "UNSURE", "MRNA", "2027-01-11", ["WARN"]),
        ("ill", "NO", "MRNA", "2027-01-11", []),
        ("quarantine", "YES", "MRNA", "2027-01-11", ["STOP"]),
        ("had_covid", "YES", "MRNA", "2021-06-24", ["WARN"]),
        ("had_covid", "UNSURE", "MRNA", "2021-06-24", ["WARN"]),
        ("had_covid", "YES", "MRNA", "2021-06-25", []),
        ("had_covid", "UNSURE", "MRNA", "2021-06-25", []),
        ("had_covid", "YES", "MRNA", "2021-12-01", ["WARN"]),
        ("antibodies", "YES", "MRNA", "2027-01-11", ["WARN"]),
        ("vaccinated", "YES", "MRNA", "2027-01-11", []),
        ("severe_reaction", "YES", "VECTOR", "2027-01-11", ["STOP"]),
        ("component_allergy", "YES", "MRNA", "2027-01-11", ["STOP"]),
        ("component_allergy", "UNSURE", "MRNA", "2027-01-11", ["WARN"]),
        ("immediate_allergy", "YES", "MRNA", "2027-01-11", ["WARN"]),
        ("bleeding", "YES", "MRNA", "2027-01-11", ["WARN"]),
        ("immunity", "YES", "MRNA", "2027-01-11", ["WARN"]),
        ("pregnant", "YES", "VECTOR", "2021-01-15", ["WARN"]),
        ("pregnant", "YES", "MRNA", "2021-06-03", ["WARN"]),
        ("pregnant", "YES", "VECTOR", "2021-06-02", ["WARN"]),
        ("pregnant", "YES", "VECTOR", "2021-06-03", ["STOP"]),
        ("pregnant", "UNSURE", "VECTOR", "2021-06-03", ["WARN"]),
        ("pregnant", "YES", "VECTOR", "2021-09-01", ["STOP"]),
        ("pregnant", "YES", "MRNA", "2021-09-01", []),
        ("pregnant", "YES", "PROTEIN", "2021-09-01", ["WARN"]),
        ("other_vaccine", "YES", "MRNA", "2021-05-31", ["WARN"]),
        ("other_vaccine", "YES", "MRNA", "2021-06-01", []),
        ("thrombosis", "YES", "VECTOR", "2027-01-11", ["STOP"]),
        ("thrombosis", "YES", "MRNA", "2027-01-11", []),
        ("thrombosis", "UNSURE", "VECTOR", "2027-01-11", ["WARN"]),
    ],
)
def test_an_answer_means_what_was_valid_that_day(
    marie: Registration, version: Questionnaire, code: str, answer: str, platform: str, day: str, expected: list[str]
) -> None:
    assert kinds(marie, version, date.fromisoformat(day), platform, **{code: answer}) == expected


def test_stops_come_first_and_allergies_are_observed_for_half_an_hour(
    marie: Registration, version: Questionnaire
) -> None:
    said = all_no(version, bleeding="YES", immediate_allergy="UNSURE", severe_reaction="YES")
    filled = answers.fill_at_home(registration=marie, questionnaire=version, answers=said, context=HOME)
    found = answers.effects(filled, vaccine=vaccine(), day=NOW.date())
    assert [(one.question.code, one.observe_minutes) for one in found] == [
        ("severe-reaction", 30),
        ("immediate-allergy", 30),
        ("bleeding", None),
    ]


# --- whose answers ------------------------------------------------------------------------------


def test_answers_rest_encrypted(marie: Registration, version: Questionnaire) -> None:
    answers.fill_at_home(registration=marie, questionnaire=version, answers=all_no(version), context=HOME)
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM vaccination_filledquestionnaire")
        assert "bleeding" not in cursor.fetchone()[0]


def test_what_was_filled_in_at_home_becomes_the_visits(
    marie: Registration, version: Questionnaire, site: VaccinationSite
) -> None:
    filled = answers.fill_at_home(registration=marie, questionnaire=version, answers=all_no(version), context=HOME)
    visit = make_visit(marie, site=site)
    found = answers.latest(visit)
    assert found == filled
    assert not answers.is_confirmed(found, visit)
    confirmed = answers.confirm(filled=filled, visit=visit, context=LATER)
    assert answers.is_confirmed(confirmed, visit)
    assert (confirmed.filled_at, confirmed.confirmed_at) == (HOME.now, LATER.now)
    assert answers.confirm(filled=confirmed, visit=visit, context=LATER) == confirmed
    assert FilledQuestionnaire.objects.count() == 1


def test_answers_that_changed_after_they_were_shown_are_not_confirmed(
    marie: Registration, version: Questionnaire, site: VaccinationSite
) -> None:
    fill = partial(answers.fill_at_home, registration=marie, questionnaire=version)
    shown = fill(answers=all_no(version), context=HOME)
    fill(answers=all_no(version, ill="YES"), context=LATER)
    with pytest.raises(errors.AnswersChanged):
        answers.confirm(filled=shown, visit=make_visit(marie, site=site), context=LATER)


def test_answers_of_a_check_in_that_was_taken_back_wait_for_the_next(
    marie: Registration, version: Questionnaire, site: VaccinationSite
) -> None:
    first = make_visit(marie, site=site)
    said = answers.fill(visit=first, questionnaire=version, answers=all_no(version, bleeding="YES"), context=HOME)
    first.state = "UNDONE"
    first.save()
    with pytest.raises(errors.NotHere):
        answers.fill(visit=first, questionnaire=version, answers=all_no(version), context=LATER)
    second = make_visit(marie, site=site)
    waiting = answers.latest(second)
    assert waiting == said
    copied = answers.confirm(filled=said, visit=second, context=LATER)
    assert copied != said
    assert answers.read(copied) == answers.read(said)


def test_a_new_version_is_asked_although_the_old_one_was_answered_at_home(
    marie: Registration, version: Questionnaire, site: VaccinationSite
) -> None:
    filled = answers.fill_at_home(registration=marie, questionnaire=version, answers=all_no(version), context=HOME)
    newer = Questionnaire.objects.create(number=2, valid_from=NOW.date())
    for code in ("ill", "travel"):
        Question.objects.create(questionnaire=newer, code=code, position=1, text_cs="?", text_en="?")
    visit = make_visit(marie, site=site)
    assert answers.latest(visit) == filled
    assert [one.code for one in answers.unanswered(filled, day=visit.day)] == ["travel"]
    with pytest.raises(errors.QuestionsChanged):
        answers.confirm(filled=filled, visit=visit, context=LATER)
    with pytest.raises(errors.QuestionsChanged):
        answers.fill(visit=visit, questionnaire=version, answers=all_no(version), context=LATER)
    assert answers.fill(visit=visit, questionnaire=newer, answers=all_no(newer), context=LATER).questionnaire == newer


def test_a_question_means_what_the_version_of_the_day_says(marie: Registration, version: Questionnaire) -> None:
    said = all_no(version, ill="YES", bleeding="YES")
    filled = answers.fill_at_home(registration=marie, questionnaire=version, answers=said, context=HOME)
    newer = Questionnaire.objects.create(number=2, valid_from=NOW.date())
    Question.objects.create(questionnaire=newer, code="ill", position=1, text_cs="?", text_en="?")
    found = answers.effects(filled, vaccine=vaccine(), day=NOW.date())
    assert [one.question.code for one in found] == ["bleeding"]
    assert len(answers.effects(filled, vaccine=vaccine(), day=NOW.date() - timedelta(days=1))) == 2


def test_a_question_without_an_answer_is_refused(
    marie: Registration, version: Questionnaire, site: VaccinationSite
) -> None:
    said = all_no(version)
    del said["ill"]
    with pytest.raises(errors.AnswersMissing):
        answers.fill_at_home(registration=marie, questionnaire=version, answers=said, context=HOME)


def test_a_double_click_keeps_the_answers_once(
    marie: Registration, version: Questionnaire, site: VaccinationSite
) -> None:
    visit = make_visit(marie, site=site)
    context = replace(HOME, form=Sending(uuid4(), "x"))
    rows = {
        answers.fill(visit=visit, questionnaire=version, answers=all_no(version), context=context).pk for _ in range(2)
    }
    assert len(rows) == FilledQuestionnaire.objects.count() == 1


def test_before_the_first_version_there_is_nothing_to_ask() -> None:
    with pytest.raises(errors.NoQuestions):
        answers.valid_on(date(2020, 1, 1))
