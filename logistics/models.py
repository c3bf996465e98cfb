"""Regions, vaccination sites and vaccines."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Region(models.Model):
    """One of the 14 regions (kraj)."""

    code = models.CharField(_("NUTS3 code"), max_length=5, primary_key=True, help_text=_("NUTS3, such as CZ064."))
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class District(models.Model):
    """One of the 77 districts (okres, and Praha)."""

    code = models.CharField(
        _("LAU1 code"),
        max_length=6,
        primary_key=True,
        help_text=_("The region's NUTS3 code and one character, such as CZ020A."),
    )
    name = models.CharField(_("name"), max_length=60)
    region = models.ForeignKey(Region, models.PROTECT, related_name="districts", verbose_name=_("region"))

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class VaccinationSiteQuerySet(models.QuerySet["VaccinationSite"]):
    """Questions about vaccination sites."""

    def open(self) -> "VaccinationSiteQuerySet":
        """Sites to which people may come."""
        return self.filter(state=VaccinationSite.State.OPEN)


class VaccinationSite(models.Model):
    """A place where people are vaccinated (OČM)."""

    class Kind(models.TextChoices):
        """The ministry's types of site."""

        STANDARD = "STANDARD", _("vaccination site")
        LARGE = "LARGE", _("large-capacity site")
        DISTRIBUTION = "DISTRIBUTION", _("distribution site")
        SELF_PAYING = "SELF_PAYING", _("site for self-payers")
        ARMY = "ARMY", _("army site")
        UNIVERSITY = "UNIVERSITY", _("university site")

    class State(models.TextChoices):
        """Whether people may come."""

        OPEN = "OPEN", pgettext_lazy("vaccination site", "open")
        CLOSED = "CLOSED", pgettext_lazy("vaccination site", "closed")

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, help_text=_("The site's identifier in the ministry's open data.")
    )
    name = models.CharField(_("name"), max_length=200)
    district = models.ForeignKey(District, models.PROTECT, related_name="sites", verbose_name=_("district"))
    address = models.CharField(_("address"), max_length=300)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=7, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=10, decimal_places=7, null=True, blank=True)
    kind = models.CharField(
        _("type"), max_length=20, choices=Kind, default=Kind.STANDARD, blank=True, help_text=_("Empty means unknown.")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    facility_code = models.CharField(
        _("facility code"),
        max_length=14,
        blank=True,
        help_text=_("NRPZS code of the health facility, 11 digits, zero-padded."),
    )
    minimal_capacity = models.PositiveIntegerField(
        _("minimal capacity"), default=0, help_text=_("Doses a day that the site can give at least.")
    )
    is_step_free = models.BooleanField(_("step-free"), null=True, blank=True, help_text=_("Empty means unknown."))
    opens_at = models.TimeField(_("opens at"), default="08:00")
    closes_at = models.TimeField(_("closes at"), default="16:00")
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    notes = models.TextField(_("public notes"), blank=True, help_text=_("How to find the entrance, where to park."))

    objects = VaccinationSiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("vaccination site")
        verbose_name_plural = _("vaccination sites")
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")),
                name="site_opens_before_it_closes",
                violation_error_message=_("A site must open before it closes."),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="site_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Vaccine(models.Model):
    """A vaccine as a product."""

    code = models.SlugField(_("code"), max_length=30, primary_key=True)
    name = models.CharField(_("name"), max_length=60, help_text=_("The name people know, such as Comirnaty."))
    doses = models.PositiveSmallIntegerField(_("doses in the series"), default=2)

    class Meta:
        verbose_name = _("vaccine")
        verbose_name_plural = _("vaccines")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class DoseInterval(models.Model):
    """How many days after dose 1 dose 2 may come; the rule changed five times in 2021, so it is dated data."""

    vaccine = models.ForeignKey(Vaccine, models.CASCADE, related_name="intervals", verbose_name=_("vaccine"))
    valid_from = models.DateField(_("valid from"), help_text=_("For reservations made from this day on."))
    min_days = models.PositiveSmallIntegerField(_("at least (days)"))
    ideal_days = models.PositiveSmallIntegerField(_("ideal (days)"))
    max_days = models.PositiveSmallIntegerField(_("at most (days)"))

    class Meta:
        verbose_name = _("interval between doses")
        verbose_name_plural = _("intervals between doses")
        ordering = ("vaccine", "valid_from")
        constraints = [
            models.UniqueConstraint("vaccine", "valid_from", name="interval_is_unique"),
            models.CheckConstraint(
                condition=Q(min_days__gt=0, min_days__lte=F("ideal_days"), ideal_days__lte=F("max_days")),
                name="interval_is_ordered",
                violation_error_message=_("The days must rise: at least, ideal, at most."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vaccine_id} {self.valid_from}: {self.min_days}–{self.max_days}"
