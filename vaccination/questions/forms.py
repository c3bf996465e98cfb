"""The form of the questions: a choice and a few words for each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from crs.typed import PlainField
from vaccination.models import Question, Questionnaire
from vaccination.models.questions import Answer
from vaccination.questions.answers import Answered, Effect

LONGEST_WORDS = 200
# The button for all questions that were not marked: their answer is no.
REST_NO = "rest_no"


@dataclass(frozen=True)
class QuestionRow:
    """A question as the page shows it; `effect` is what the answer means that was given before."""

    question: Question
    answer: BoundField
    words: BoundField
    effect: Effect | None

    @property
    def invalid(self) -> str:
        """Whether the answer is missing, as the templates of fields say it."""
        return "true" if self.answer.errors else "false"


class QuestionsForm(forms.Form):
    """One version of the questions, with the answers given before, if there are any.

    The names of the fields end with the code of the question. Staff begin at the first question with the keyboard.
    """

    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        questionnaire: Questionnaire,
        given: Mapping[str, Answered] | None = None,
        effects: Mapping[str, Effect] | None = None,
        is_staff: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questionnaire = questionnaire
        self.questions = list(questionnaire.questions.all())
        self.given, self.effects = given or {}, effects or {}
        for index, question in enumerate(self.questions):
            before = self.given.get(question.code)
            self.fields[f"answer-{question.code}"] = forms.ChoiceField(
                label=question.text,
                help_text=question.help,
                choices=Answer.choices,
                initial=before.answer if before else None,
                widget=forms.RadioSelect({"data-focus": ""} if is_staff and index == 0 else {}),
                error_messages={"required": _("Please choose one of the three answers.")},
            )
            self.fields[f"words-{question.code}"] = PlainField(
                label=_("A few words to it"),
                required=False,
                max_length=LONGEST_WORDS,
                initial=before.words if before else "",
                widget=forms.TextInput({"autocomplete": "off"}),
            )
        if REST_NO in self.data:
            self._say_no_to_the_rest()

    def _say_no_to_the_rest(self) -> None:
        names = [f"answer-{question.code}" for question in self.questions]
        self.data = {**dict(self.data.items()), **{name: self.data.get(name) or Answer.NO for name in names}}

    @property
    def missing(self) -> list[BoundField]:
        """The questions without an answer, in their order."""
        return [self[name] for name in self.errors if self.has_error(name, "required")]

    @property
    def mistaken(self) -> list[BoundField]:
        """The other fields in which something is wrong."""
        return [self[name] for name in self.errors if name in self.fields and not self.has_error(name, "required")]

    def answers(self) -> dict[str, Answered]:
        """The answers by code of question; of a valid form only."""
        return {
            question.code: Answered(
                Answer(self.cleaned_data[f"answer-{question.code}"]), self.cleaned_data[f"words-{question.code}"]
            )
            for question in self.questions
        }

    def rows(self) -> Iterator[QuestionRow]:
        """The questions in their order, for the page."""
        for question in self.questions:
            answer, words = self[f"answer-{question.code}"], self[f"words-{question.code}"]
            yield QuestionRow(question, answer, words, self.effects.get(question.code))
