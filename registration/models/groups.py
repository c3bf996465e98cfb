"""Priority groups."""

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


@pghistory.track()
class PriorityGroup(models.Model):
    """A group of people whose turn comes together (slides: priorities; scores from the ministry's table)."""

    class Basis(models.TextChoices):
        """Why a person belongs to the group."""

        AGE = "AGE", _("age")
        PROFESSION = "PROFESSION", _("profession")
        HEALTH = "HEALTH", _("health")

    code = models.SlugField(_("code"), max_length=40, primary_key=True)
    name_cs = models.CharField(_("name in Czech"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    basis = models.CharField(_("basis"), max_length=10, choices=Basis)
    score = models.PositiveSmallIntegerField(_("score"), help_text=_("1 to 14; the higher is invited first."))
    min_age = models.PositiveSmallIntegerField(
        _("lowest age"), null=True, blank=True, help_text=_("Groups by age only: years on the day of registration.")
    )
    is_open = models.BooleanField(
        _("open"), default=False, help_text=_("Whether people of the group are being invited.")
    )

    class Meta:
        verbose_name = _("priority group")
        verbose_name_plural = _("priority groups")
        ordering = ("-score", "code")
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=1, score__lte=14), name="group_score_in_range"),
            models.CheckConstraint(
                condition=Q(basis="AGE", min_age__isnull=False) | (~Q(basis="AGE") & Q(min_age=None)),
                name="group_by_age_has_an_age",
            ),
        ]

    def __str__(self) -> str:
        from django.utils.translation import get_language

        return self.name_en if (get_language() or "cs").startswith("en") else self.name_cs
