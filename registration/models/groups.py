"""Priority groups, the rules that hold for them from a moment on, and who says that they belong to one."""

from typing import Any

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from crs.typed_moment import written


@pghistory.track()
class PriorityGroup(models.Model):
    """A group of people whose turn comes together (slides: priorities). When, and who, its rules say."""

    class Basis(models.TextChoices):
        """Why a person belongs to the group."""

        AGE = "AGE", _("age")
        PROFESSION = "PROFESSION", _("profession")
        HEALTH = "HEALTH", _("health")

    class Phase(models.TextChoices):
        """The phase of the campaign (slides: phases)."""

        IA = "IA", "IA"
        IB = "IB", "IB"
        II = "II", "II"

    code = models.SlugField(_("code"), max_length=40, primary_key=True)
    basis = models.CharField(_("basis"), max_length=10, choices=Basis)
    phase = models.CharField(_("phase"), max_length=2, choices=Phase)
    names: Any = models.JSONField(_("names"), help_text=_("By language code; Czech is always there."))
    hints: Any = models.JSONField(
        _("what people are to bring or know"), default=dict, blank=True, help_text=_("By language code.")
    )

    class Meta:
        verbose_name = _("priority group")
        verbose_name_plural = _("priority groups")
        ordering = ("code",)
        constraints = [models.CheckConstraint(condition=Q(names__has_key="cs"), name="group_has_a_czech_name")]

    def __str__(self) -> str:
        return self.in_language(self.names)

    @property
    def hint(self) -> str:
        """What people of the group are to bring or know; "" where there is nothing."""
        return self.in_language(self.hints)

    @staticmethod
    def in_language(texts: dict[str, str]) -> str:
        """The text in the language of the page, else in Czech."""
        language = (get_language() or "cs").partition("-")[0]
        return texts.get(language) or texts.get("cs", "")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class GroupRule(models.Model):
    """What holds for a group from `valid_from` on, until the next rule of the group.

    A rule is never edited: the next one takes its place at its moment; one that has not begun can be withdrawn.
    """

    class Proof(models.TextChoices):
        """What counts as a proof before the person stands at the site."""

        NONE = "NONE", pgettext_lazy("proof", "none: a confirmation is shown at the site")
        CODE = "CODE", pgettext_lazy("proof", "a code from the employer or doctor")
        REGISTER = "REGISTER", pgettext_lazy("proof", "the register of health workers")

    group = models.ForeignKey(PriorityGroup, models.PROTECT, related_name="rules", verbose_name=_("priority group"))
    valid_from = models.DateTimeField(_("valid from"))
    score = models.PositiveSmallIntegerField(_("score"), help_text=_("1 to 14; the higher is invited first."))
    min_age = models.PositiveSmallIntegerField(_("lowest age"), null=True, blank=True, help_text=_("In years."))
    max_age = models.PositiveSmallIntegerField(_("highest age"), null=True, blank=True, help_text=_("In years."))
    age_on = models.DateField(
        _("age on the day"), null=True, blank=True, help_text=_("Empty: on the day when somebody asks.")
    )
    proof = models.CharField(_("proof"), max_length=10, choices=Proof, default=Proof.NONE)
    registers_from = models.DateTimeField(
        _("registers from"), null=True, blank=True, help_text=_("Empty: the time is not known yet.")
    )
    invites_from = models.DateTimeField(
        _("invites from"), null=True, blank=True, help_text=_("Empty: the time is not known yet.")
    )
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by"), null=True, blank=True
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("rule of a group")
        verbose_name_plural = _("rules of groups")
        ordering = ("group", "-valid_from")
        constraints = [
            models.UniqueConstraint("group", "valid_from", name="group_has_one_rule_at_a_moment"),
            models.CheckConstraint(condition=Q(score__gte=1, score__lte=14), name="group_score_in_range"),
            models.CheckConstraint(
                condition=Q(min_age=None) | Q(max_age=None) | Q(min_age__lte=F("max_age")), name="rule_ages_in_order"
            ),
            models.CheckConstraint(
                condition=Q(invites_from=None) | Q(registers_from__lte=F("invites_from")),
                name="group_registers_before_it_invites",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {written(self.valid_from)}"


class OpeningReminder(models.Model):
    """A proven telephone wants an SMS when its group may register."""

    phone = PhoneNumberField(_("telephone"))
    group = models.ForeignKey(PriorityGroup, models.CASCADE, related_name="+", verbose_name=_("priority group"))
    language = models.CharField(_("language"), max_length=5)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reminder of an opening")
        verbose_name_plural = _("reminders of openings")
        constraints = [models.UniqueConstraint("phone", "group", name="one_reminder_a_telephone_and_group")]
        indexes = [models.Index(fields=["group"], name="reminder_waiting", condition=Q(sent_at=None))]

    def __str__(self) -> str:
        return f"{self.group_id} {written(self.created_at)}"
