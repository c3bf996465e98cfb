"""The questions before a vaccination, the effects of the answers, and what people answered."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs import languages
from crs.encryption import EncryptedTextField
from crs.typed_moment import written
from logistics.models import Vaccine
from registration.models import Registration
from vaccination.models.visits import Visit


class QuestionnaireQuerySet(models.QuerySet["Questionnaire"]):
    """Questions about questionnaires."""

    def valid_on(self, day: date) -> "Questionnaire | None":
        """The newest version that had begun on `day`."""
        return self.filter(valid_from__lte=day).order_by("-valid_from", "-number").first()


class Questionnaire(models.Model):
    """A version of the questions. A version that somebody answered is never changed: a new one is added."""

    number = models.PositiveSmallIntegerField(_("version"), unique=True)
    valid_from = models.DateField(_("valid from"))

    objects = QuestionnaireQuerySet.as_manager()

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")
        ordering = ("number",)

    def __str__(self) -> str:
        return str(self.number)


class Question(models.Model):
    """A question that is answered by yes or no (DOMAIN 10.1)."""

    questionnaire = models.ForeignKey(
        Questionnaire, models.CASCADE, related_name="questions", verbose_name=_("questionnaire")
    )
    code = models.SlugField(_("code"), max_length=40, help_text=_("The same in each version."))
    position = models.PositiveSmallIntegerField(_("position"))
    text_cs = models.CharField(_("text in Czech"), max_length=300)
    text_en = models.CharField(_("text in English"), max_length=300)
    help_cs = models.CharField(_("explanation in Czech"), max_length=300, blank=True)
    help_en = models.CharField(_("explanation in English"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ("questionnaire", "position")
        constraints = [models.UniqueConstraint("questionnaire", "code", name="question_is_asked_once")]

    def __str__(self) -> str:
        return self.code

    @property
    def text(self) -> str:
        """The question in the language of the page."""
        return self.text_cs if languages.of_two() == "cs" else self.text_en

    @property
    def help(self) -> str:
        """The explanation in the language of the page; may be empty."""
        return self.help_cs if languages.of_two() == "cs" else self.help_en


class Answer(models.TextChoices):
    """An answer that can be given."""

    YES = "YES", pgettext_lazy("answer", "yes")
    NO = "NO", pgettext_lazy("answer", "no")
    UNSURE = "UNSURE", pgettext_lazy("answer", "I do not know")


class AnswerEffect(models.Model):
    """The meaning of an answer to a question, from a day on (DOMAIN 10.1: effects are dated)."""

    class Kind(models.TextChoices):
        """How far it goes."""

        NONE = "NONE", pgettext_lazy("effect", "nothing")
        WARN = "WARN", pgettext_lazy("effect", "warning")
        STOP = "STOP", pgettext_lazy("effect", "stop")

    question = models.ForeignKey(Question, models.CASCADE, related_name="effects", verbose_name=_("question"))
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, default=Answer.YES)
    platform = models.CharField(
        _("kind of vaccine"), max_length=10, choices=Vaccine.Platform, blank=True, help_text=_("Empty: any.")
    )
    valid_from = models.DateField(_("valid from"))
    kind = models.CharField(_("effect"), max_length=10, choices=Kind)
    advice_cs = models.CharField(_("advice in Czech"), max_length=300, blank=True)
    advice_en = models.CharField(_("advice in English"), max_length=300, blank=True)
    observe_minutes = models.PositiveSmallIntegerField(
        _("observation (minutes)"), null=True, blank=True, help_text=_("At least; empty: the usual time.")
    )

    class Meta:
        verbose_name = _("effect of an answer")
        verbose_name_plural = _("effects of answers")
        ordering = ("question", "answer", "platform", "valid_from")
        constraints = [models.UniqueConstraint("question", "answer", "platform", "valid_from", name="effect_is_unique")]

    def __str__(self) -> str:
        return f"{self.question_id} {self.answer} {self.kind}"

    @property
    def advice(self) -> str:
        """The advice in the language of the page."""
        return self.advice_cs if languages.of_two() == "cs" else self.advice_en


class FilledQuestionnaire(models.Model):
    """A person's answers before one dose. The site confirms what was filled in at home, or fills it in itself.

    A row is not edited once it is confirmed: who asks again makes a new one.
    """

    registration = models.ForeignKey(
        Registration, models.PROTECT, related_name="filled_questionnaires", verbose_name=_("registration")
    )
    questionnaire = models.ForeignKey(
        Questionnaire, models.PROTECT, related_name="filled", verbose_name=_("questionnaire")
    )
    dose_number = models.PositiveSmallIntegerField(_("dose"))
    answers: Any = EncryptedTextField(_("answers"), help_text=_("JSON: code of the question to answer and words."))
    filled_at = models.DateTimeField(_("filled in at"))
    filled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("filled in by"),
        null=True,
        blank=True,
        help_text=_("Empty: the person at home."),
    )
    visit = models.ForeignKey(
        Visit,
        models.PROTECT,
        related_name="filled_questionnaires",
        verbose_name=_("visit"),
        null=True,
        blank=True,
        help_text=_("The visit in which it was confirmed."),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("confirmed by"),
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = _("filled questionnaire")
        verbose_name_plural = _("filled questionnaires")
        ordering = ("-filled_at",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(visit=None, confirmed_at=None)
                | models.Q(visit__isnull=False, confirmed_at__isnull=False),
                name="answers_are_confirmed_in_a_visit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration} {written(self.filled_at)}"
