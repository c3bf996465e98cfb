"""New versions of the questions: a version that somebody answered is never changed, so a copy is edited instead."""

from datetime import date

from django.db import transaction
from django.db.models import Max

from vaccination.models import AnswerEffect, Question, Questionnaire


@transaction.atomic
def copy(*, questionnaire: Questionnaire, valid_from: date) -> Questionnaire:
    """A new version with the questions and effects of this one, asked from `valid_from` on."""
    # Two copies at once would take the same number: they wait for each other here.
    Questionnaire.objects.select_for_update(no_key=True).order_by("pk").first()
    last = Questionnaire.objects.aggregate(last=Max("number"))["last"] or 0
    made: Questionnaire = Questionnaire.objects.create(number=last + 1, valid_from=valid_from)
    for question in questionnaire.questions.prefetch_related("effects"):
        effects = list(question.effects.all())
        question.pk, question.questionnaire = None, made
        question.save(force_insert=True)
        for effect in effects:
            effect.pk, effect.question = None, question
        AnswerEffect.objects.bulk_create(effects)
    return made


def is_answered(questionnaire: Questionnaire) -> bool:
    """Whether somebody answered the version, which is then never changed."""
    return questionnaire.filled.exists()


def question_is_answered(question: Question) -> bool:
    """Whether the version of the question was answered."""
    return is_answered(question.questionnaire)
