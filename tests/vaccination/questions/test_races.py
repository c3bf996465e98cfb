"""Two tabs of one person, two colleagues, and a site that confirms what is just being changed, on real PostgreSQL."""

import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.db.models.signals import pre_save

from logistics.stock.ledger import EntryContext
from registration.models import Registration
from tests.factories import NOW, make_registration, make_reservation, make_site, make_visit
from tests.race import race
from vaccination.models import FilledQuestionnaire, Questionnaire
from vaccination.models.questions import Answer
from vaccination.questions import answers
from vaccination.questions.answers import Answered

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]

HOME = EntryContext(by=None, now=NOW)


@pytest.fixture
def marie() -> Registration:
    with transaction.atomic():  # a reservation has both its doses at the commit
        registration = make_registration()
        make_reservation(registration, site=make_site())
    return registration


def fill(marie: Registration, seconds: int) -> FilledQuestionnaire:
    version = Questionnaire.objects.get()
    said = {question.code: Answered(Answer.NO) for question in version.questions.all()}
    context = replace(HOME, now=NOW + timedelta(seconds=seconds))
    return answers.fill_at_home(registration=marie, questionnaire=version, answers=said, context=context)


def test_tabs_that_save_at_once_keep_one_set_of_answers(marie: Registration) -> None:
    outcome = race(*(partial(fill, marie, second) for second in range(7)))
    assert len({one.pk for one in outcome}) == FilledQuestionnaire.objects.count() == 1


def test_without_the_lock_two_tabs_leave_two_sets(marie: Registration, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_lock", lambda registration: None)
    both_looked = threading.Barrier(2, timeout=20)

    def wait(**_signal: Any) -> None:
        both_looked.wait()

    pre_save.connect(wait, sender=FilledQuestionnaire)
    try:
        race(partial(fill, marie, 1), partial(fill, marie, 2))
    finally:
        pre_save.disconnect(wait, sender=FilledQuestionnaire)
    assert FilledQuestionnaire.objects.count() == 2


def test_two_colleagues_who_confirm_at_once_confirm_once(marie: Registration) -> None:
    filled = fill(marie, 0)
    with transaction.atomic():
        visit = make_visit(marie, site=marie.reservations.get().appointments.all()[0].slot.site)
    outcome = race(*(partial(answers.confirm, filled=filled, visit=visit, context=HOME) for _ in range(5)))
    assert {one.pk for one in outcome} == {filled.pk}
    assert FilledQuestionnaire.objects.get().visit == visit
