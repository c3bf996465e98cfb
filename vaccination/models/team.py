"""The team of a site: health workers as the registers know them, and the stations at which people are vaccinated."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from logistics.models import VaccinationSite


class HealthWorkerQuerySet(models.QuerySet["HealthWorker"]):
    """Questions about health workers."""

    def working(self) -> "HealthWorkerQuerySet":
        """The health workers who can be named at a new dose."""
        return self.filter(ended_at=None)


class HealthWorker(models.Model):
    """A person who gives doses or answers for them, at one site, as a dose names them (DOMAIN 5.1).

    A row is never edited: a new number or name makes a new row and ends this one, so a dose keeps what was true.
    """

    site = models.ForeignKey(
        VaccinationSite, models.PROTECT, related_name="health_workers", verbose_name=_("vaccination site")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="health_workers",
        verbose_name=_("account"),
        null=True,
        blank=True,
        help_text=_("Empty: the person does not log in."),
    )
    name = models.CharField(
        pgettext_lazy("person", "name"), max_length=120, help_text=_("With titles, as it is printed.")
    )
    register_number = models.CharField(
        _("number in the register of health workers"),
        max_length=9,
        validators=[RegexValidator(r"^[0-9]{9}$", _("The number has nine digits."))],
        help_text=_("NRZP, nine digits."),
    )
    facility_part = models.CharField(
        _("part of the facility"),
        max_length=3,
        validators=[RegexValidator(r"^[0-9]{3}$", _("PČZ has three digits."))],
        help_text=_("PČZ, three digits."),
    )
    is_doctor = models.BooleanField(_("doctor"), default=False, help_text=_("Doctors answer for doses."))
    began_at = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)

    objects = HealthWorkerQuerySet.as_manager()

    class Meta:
        verbose_name = _("health worker")
        verbose_name_plural = _("health workers")
        ordering = ("name__czech", "pk")
        constraints = [
            models.UniqueConstraint(
                "site", "register_number", name="worker_works_once_at_a_site", condition=Q(ended_at=None)
            ),
            models.UniqueConstraint(
                "site", "user", name="account_is_one_worker_at_a_site", condition=Q(ended_at=None, user__isnull=False)
            ),
            models.CheckConstraint(condition=~Q(name=""), name="worker_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Station(models.Model):
    """A table at which people are vaccinated; each has a vial of its own."""

    site = models.ForeignKey(
        VaccinationSite, models.PROTECT, related_name="stations", verbose_name=_("vaccination site")
    )
    name = models.CharField(_("name"), max_length=40, help_text=_("As it stands on the door, such as 1 or A."))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True, help_text=_("Not used any more."))

    class Meta:
        verbose_name = _("station")
        verbose_name_plural = _("stations")
        ordering = ("site", "name__czech")
        constraints = [
            models.UniqueConstraint("site", "name", name="station_is_unique", condition=Q(closed_at=None)),
            models.CheckConstraint(condition=~Q(name=""), name="station_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
