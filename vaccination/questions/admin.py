"""The ministry's screens of the questions. CONTRIBUTING.md says how a version or an effect is added."""

from datetime import date, timedelta

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from logistics.staff.admin_screens import StaffAdmin, StaffInline
from logistics.staff.permissions import Act
from vaccination.models import AnswerEffect, Question, Questionnaire
from vaccination.questions import questionnaire_versions


class QuestionInline(StaffInline):
    """The questions of a version."""

    model = Question
    show_change_link = True
    fields = ("position", "code", "text_cs", "text_en", "help_cs", "help_en")


@admin.register(Questionnaire)
class QuestionnaireAdmin(StaffAdmin):
    """Versions; one that somebody answered is only shown."""

    see = Act.EDIT_PRODUCTS
    add = change = delete = Act.EDIT_PRODUCTS
    list_display = ("number", "valid_from", "is_answered")
    inlines = (QuestionInline,)
    actions = ("copy_version",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_answered(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_answered(obj)

    def has_copy_permission(self, request: HttpRequest) -> bool:
        """Let everybody copy a version who may add one."""
        return self.has_add_permission(request)

    @admin.display(description=_("answered"), boolean=True)
    def is_answered(self, questionnaire: Questionnaire) -> bool:
        return questionnaire_versions.is_answered(questionnaire)

    @admin.action(description=_("Copy as a new version, valid from next week"), permissions=["copy"])
    def copy_version(self, request: HttpRequest, queryset: QuerySet[Questionnaire]) -> None:
        """Copy one version; its day and its questions are then edited."""
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            self.message_user(request, _("Choose one version."), messages.ERROR)
            return
        made = questionnaire_versions.copy(questionnaire=chosen[0], valid_from=timezone.localdate() + timedelta(days=7))
        text = _("Version %(number)d was made. Open it, and set its day and its questions.") % {"number": made.number}
        self.message_user(request, text, messages.SUCCESS)


class EffectForm(forms.ModelForm[AnswerEffect]):
    """An effect; for a version that people answered it may only begin in future: what was decided stays explained."""

    def clean_valid_from(self) -> date:
        day: date = self.cleaned_data["valid_from"]
        question = self.instance.question if self.instance.question_id else None
        if question and questionnaire_versions.question_is_answered(question) and day <= timezone.localdate():
            raise ValidationError(_("People have answered this question already. Choose a day from tomorrow on."))
        return day


class EffectInline(StaffInline):
    """The effects of answers; where the question was answered, new effects may be added and none is changed."""

    model = AnswerEffect
    form = EffectForm

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_answered(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_answered(obj)


@admin.register(Question)
class QuestionAdmin(StaffAdmin):
    """A question with what its answers mean."""

    see = Act.EDIT_PRODUCTS
    change = delete = Act.EDIT_PRODUCTS
    list_display = ("code", "questionnaire", "position", "text_cs")
    list_filter = ("questionnaire",)
    ordering = ("-questionnaire__number", "position")
    inlines = (EffectInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_answered(obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Question | None = None) -> tuple[str, ...]:
        texts = ("code", "position", "text_cs", "text_en", "help_cs", "help_en")
        return ("questionnaire", *texts) if _is_answered(obj) else ("questionnaire",)


def _is_answered(row: Model | None) -> bool:
    if isinstance(row, Question):
        return questionnaire_versions.question_is_answered(row)
    return isinstance(row, Questionnaire) and questionnaire_versions.is_answered(row)
