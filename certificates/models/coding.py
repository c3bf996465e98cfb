"""How vaccines and doses are written in a certificate: dated data, for the EU changed both while the campaign ran."""

from datetime import date
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from logistics.models import Vaccine


class ValueSetEntry(models.Model):
    """A code of an EU value set and its name; a code that is not here is shown raw."""

    class ValueSet(models.TextChoices):
        """The value sets that vaccinations use, by their EU names."""

        DISEASE = "disease-agent-targeted", _("disease")
        PROPHYLAXIS = "sct-vaccines-covid-19", _("kind of vaccine in the EU")
        PRODUCT = "vaccines-covid-19-names", _("medicinal product")
        HOLDER = "vaccines-covid-19-auth-holders", _("marketing authorisation holder")

    value_set = models.CharField(_("value set"), max_length=40, choices=ValueSet)
    code = models.CharField(_("code"), max_length=80)
    display = models.CharField(_("name"), max_length=200, help_text=_("In English, as the EU writes it."))

    class Meta:
        verbose_name = _("code of a value set")
        verbose_name_plural = _("codes of value sets")
        ordering = ("value_set", "code")
        constraints = [models.UniqueConstraint("value_set", "code", name="value_set_code_is_unique")]

    def __str__(self) -> str:
        return f"{self.code} {self.display}"


class DatedCode(models.Model):
    """Codes as of a day. Certificates tell by them whether they are still true, so what has begun stays as it is."""

    valid_from = models.DateField(_("valid from"), help_text=_("For certificates issued from this day on."))

    class Meta:
        abstract = True

    @property
    def of(self) -> dict[str, Any]:
        """What is coded, as columns: of the rows of one thing the newest that has begun counts."""
        raise NotImplementedError

    @property
    def has_begun(self) -> bool:
        """Whether certificates may have been issued by it."""
        return self.pk is not None and self.valid_from <= timezone.localdate()

    def clean(self) -> None:
        """Change nothing that was issued: new codes begin tomorrow or later, but for the first ones."""
        super().clean()
        today = timezone.localdate()
        if self.valid_from is None or self.valid_from > today:
            return
        before = type(self)._default_manager.filter(**self.of, valid_from__lte=today)
        if before.exclude(pk=self.pk).exists():
            raise ValidationError(
                {"valid_from": _("There are codes for today already. New ones begin tomorrow or later.")}
            )


class VaccineCodingQuerySet(models.QuerySet["VaccineCoding"]):
    """Questions about codes of vaccines."""

    def valid_on(self, day: date) -> "VaccineCodingQuerySet":
        """The codes valid on `day`: of each vaccine the newest that had begun; filter it by vaccine only."""
        return self.filter(valid_from__lte=day).order_by("vaccine_id", "-valid_from").distinct("vaccine_id")


@pghistory.track()
class VaccineCoding(DatedCode):
    """The EU codes of a vaccine for certificates issued from a day on (EU value sets)."""

    vaccine = models.ForeignKey(Vaccine, models.CASCADE, related_name="codings", verbose_name=_("vaccine"))
    prophylaxis = models.CharField("vp", max_length=80, help_text=_("Code of the kind of vaccine (vp)."))
    product = models.CharField("mp", max_length=80, help_text=_("Code of the medicinal product (mp)."))
    holder = models.CharField("ma", max_length=80, help_text=_("Code of the marketing authorisation holder (ma)."))

    objects = VaccineCodingQuerySet.as_manager()

    class Meta:
        verbose_name = _("EU codes of a vaccine")
        verbose_name_plural = _("EU codes of vaccines")
        ordering = ("vaccine", "valid_from")
        constraints = [models.UniqueConstraint("vaccine", "valid_from", name="vaccine_coding_is_unique")]

    def __str__(self) -> str:
        return f"{self.vaccine_id} {self.product}"

    @property
    def of(self) -> dict[str, Any]:
        """The vaccine."""
        return {"vaccine": self.vaccine_id}


class SeriesCodingQuerySet(models.QuerySet["SeriesCoding"]):
    """Questions about the coding of doses."""

    def valid_on(self, day: date) -> "SeriesCodingQuerySet":
        """The codings valid on `day`, one row a series and dose; filter it by these two only."""
        newest_first = self.filter(valid_from__lte=day).order_by("series_doses", "number", "-valid_from")
        return newest_first.distinct("series_doses", "number")


@pghistory.track()
class SeriesCoding(DatedCode):
    """How a dose is written, such as 3/3 or 2/1 (Decision (EU) 2021/2014; boosters as of 1 February 2022)."""

    series_doses = models.PositiveSmallIntegerField(
        _("doses in the basic series"), help_text=_("After how many doses the person's series was complete.")
    )
    number = models.PositiveSmallIntegerField(_("dose"), help_text=_("The number of the person's dose."))
    dose_number = models.PositiveSmallIntegerField("dn", help_text=_("Number of the dose as written (dn)."))
    total_doses = models.PositiveSmallIntegerField("sd", help_text=_("Number of doses as written (sd)."))

    objects = SeriesCodingQuerySet.as_manager()

    class Meta:
        verbose_name = _("coding of a dose")
        verbose_name_plural = _("codings of doses")
        ordering = ("series_doses", "number", "valid_from")
        constraints = [
            models.UniqueConstraint("series_doses", "number", "valid_from", name="series_coding_is_unique"),
            models.CheckConstraint(
                condition=Q(series_doses__gte=1, number__gte=1, dose_number__gte=1, total_doses__gte=1),
                name="series_coding_is_positive",
            ),
        ]

    def __str__(self) -> str:
        return pgettext_lazy("dose as written", "%(number)d/%(total)d") % {
            "number": self.dose_number,
            "total": self.total_doses,
        }

    @property
    def of(self) -> dict[str, Any]:
        """The dose in its series."""
        return {"series_doses": self.series_doses, "number": self.number}
