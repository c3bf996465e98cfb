"""Regions, districts and vaccination sites."""

import uuid
from collections.abc import Collection
from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from stdnum.cz import dic

# Of a code of a health facility in the register of providers (NRPZS).
FACILITY_CODE_DIGITS = 11


def region_of_site(site: str = "") -> Coalesce:
    """The code of the region of a site, to which the lookup `site` leads, as `in_regions` says it."""
    return Coalesce(f"{site}district__region", f"{site}region")


class RegionQuerySet(models.QuerySet["Region"]):
    """Questions about regions."""

    def of_site(self, site: uuid.UUID) -> "RegionQuerySet":
        """The region in which the site with this key lies."""
        return self.filter(pk__in=VaccinationSite.objects.filter(pk=site).values(code=region_of_site()))


class Region(models.Model):
    """One of the 14 regions (kraj)."""

    code = models.CharField(_("NUTS3 code"), max_length=5, primary_key=True, help_text=_("NUTS3, such as CZ064."))
    name = models.CharField(_("name"), max_length=60)

    objects = RegionQuerySet.as_manager()

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


class Outline(models.Model):
    """The border of a region or a district as a path of SVG, for maps that the server draws.

    From open data of RÚIAN (© ČÚZK), simplified when it was imported.
    """

    region = models.OneToOneField(
        Region, models.CASCADE, related_name="outline", verbose_name=_("region"), null=True, blank=True
    )
    district = models.OneToOneField(
        District, models.CASCADE, related_name="outline", verbose_name=_("district"), null=True, blank=True
    )
    path: Any = models.TextField(_("path"), help_text=_("Commands of an SVG path, in the units of the map."))
    left = models.IntegerField(_("left edge"))
    top = models.IntegerField(_("upper edge"))
    right = models.IntegerField(_("right edge"))
    bottom = models.IntegerField(_("lower edge"))
    label_x = models.IntegerField(_("label, across"))
    label_y = models.IntegerField(_("label, down"))
    valid_on = models.DateField(_("valid on"), help_text=_("The day of the data; it stands beside the map."))

    class Meta:
        verbose_name = _("outline")
        verbose_name_plural = _("outlines")
        constraints = [
            models.CheckConstraint(
                condition=Q(region__isnull=True, district__isnull=False)
                | Q(region__isnull=False, district__isnull=True),
                name="outline_is_of_one_area",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region_id or self.district_id}"


class VaccinationSiteQuerySet(models.QuerySet["VaccinationSite"]):
    """Questions about vaccination sites."""

    def open(self) -> "VaccinationSiteQuerySet":
        """Sites to which people may come."""
        return self.filter(state=VaccinationSite.State.OPEN)

    def public(self) -> "VaccinationSiteQuerySet":
        """Sites that have a page for everybody: public ones, except those in preparation."""
        return self.filter(is_public=True).exclude(state=VaccinationSite.State.PREPARING)

    def in_region(self, code: str) -> "VaccinationSiteQuerySet":
        """Sites of the region with the NUTS3 code `code`."""
        return self.in_regions([code])

    def in_regions(self, codes: "Collection[str] | models.QuerySet[Any, Any]") -> "VaccinationSiteQuerySet":
        """Sites of the regions with these NUTS3 codes, or with those that a query finds.

        The site's district says its region; where the district is not known, the site says it itself.
        """
        every = VaccinationSite.objects.order_by().values("pk")
        # Two subqueries, not OR over a join: so each finds its few sites by an index.
        return self.filter(pk__in=every.filter(district__region__in=codes).union(every.filter(region__in=codes)))


def check_company_number(value: str) -> None:
    """Raise ValidationError unless `value` is an IČO: 8 digits, the last of which checks the others (mod 11)."""
    if len(value) != 8 or not dic.is_valid(value):
        raise ValidationError(_("This is not an IČO: it has 8 digits, and the last one must fit the others."))


@pghistory.track()
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
        """Whether people may come; the transitions stand in docs/states.md."""

        PREPARING = "PREPARING", pgettext_lazy("vaccination site", "in preparation")
        OPEN = "OPEN", pgettext_lazy("vaccination site", "open")
        PAUSED = "PAUSED", pgettext_lazy("vaccination site", "paused")
        CLOSED = "CLOSED", pgettext_lazy("vaccination site", "closed")

    class Language(models.TextChoices):
        """A language that the staff of a site speak (ISO 639)."""

        CZECH = "cs", _("Czech")
        ENGLISH = "en", _("English")
        SLOVAK = "sk", _("Slovak")
        UKRAINIAN = "uk", _("Ukrainian")
        RUSSIAN = "ru", _("Russian")
        VIETNAMESE = "vi", _("Vietnamese")
        GERMAN = "de", _("German")
        POLISH = "pl", _("Polish")
        ROMANI = "rom", _("Romani")

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, help_text=_("The site's identifier in the ministry's open data.")
    )
    name = models.CharField(_("name"), max_length=200)
    district = models.ForeignKey(
        District, models.PROTECT, related_name="sites", verbose_name=_("district"), null=True, blank=True
    )
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        related_name="sites_without_district",
        verbose_name=_("region"),
        null=True,
        blank=True,
        help_text=_("Only where the district is not known; else the district says it."),
    )
    address = models.CharField(_("address"), max_length=300, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=7, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=10, decimal_places=7, null=True, blank=True)
    kind = models.CharField(
        _("type"), max_length=20, choices=Kind, default=Kind.STANDARD, blank=True, help_text=_("Empty means unknown.")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    is_public = models.BooleanField(
        _("public"), default=True, help_text=_("Whether the site has a page for everybody and stands in the lists.")
    )
    facility_code = models.CharField(
        _("facility code"),
        max_length=14,
        blank=True,
        help_text=_("NRPZS code of the health facility, 11 digits, zero-padded."),
    )
    company_number = models.CharField(
        _("IČO"),
        max_length=8,
        blank=True,
        validators=[check_company_number],
        help_text=_("Identification number of the provider, 8 digits."),
    )
    minimal_capacity = models.PositiveIntegerField(
        _("minimal capacity"), default=0, help_text=_("Doses a day that the site can give at least.")
    )
    daily_capacity = models.PositiveIntegerField(
        _("daily capacity"), null=True, blank=True, help_text=_("Doses a day that the site can give at most.")
    )
    is_step_free = models.BooleanField(_("step-free"), null=True, blank=True, help_text=_("Empty means unknown."))
    opens_at = models.TimeField(_("opens at"), default="08:00")
    closes_at = models.TimeField(_("closes at"), default="16:00")
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    link = models.URLField(_("web page"), blank=True)
    description = models.TextField(_("description"), blank=True, help_text=_("What people should know of the site."))
    vaccines = models.ManyToManyField("logistics.Vaccine", related_name="sites", verbose_name=_("vaccines"), blank=True)
    youngest_age = models.PositiveSmallIntegerField(_("from the age of"), null=True, blank=True)
    oldest_age = models.PositiveSmallIntegerField(_("up to the age of"), null=True, blank=True)
    languages = ArrayField(
        models.CharField(max_length=3, choices=Language), verbose_name=_("languages"), default=list, blank=True
    )
    has_parking = models.BooleanField(_("parking"), null=True, blank=True, help_text=_("Empty means unknown."))
    is_drive_in = models.BooleanField(_("drive-in"), default=False)
    has_mobile_team = models.BooleanField(
        _("mobile team"), default=False, help_text=_("Whether a team of the site goes to people who cannot come.")
    )
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
            models.CheckConstraint(
                condition=Q(district__isnull=False, region__isnull=True)
                | Q(district__isnull=True, region__isnull=False),
                name="site_lies_in_one_region",
                violation_error_message=_("Choose a district; or a region where the district is not known."),
            ),
            models.CheckConstraint(
                condition=Q(youngest_age__isnull=True)
                | Q(oldest_age__isnull=True)
                | Q(youngest_age__lte=F("oldest_age")),
                name="site_ages_are_ordered",
                violation_error_message=_("The ages must rise: from, up to."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def lies_in(self) -> Region:
        """The site's region; reads the district and its region if they are not loaded."""
        region = self.region or (self.district.region if self.district else None)
        assert region is not None, "site_lies_in_one_region"  # noqa: S101 (a constraint of the database)
        return region


class WeekdayHours(models.Model):
    """The opening hours of a weekday that differ from the site's usual ones."""

    class Weekday(models.IntegerChoices):
        """The weekday as Python's `date.weekday()` numbers it."""

        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    site = models.ForeignKey(VaccinationSite, models.CASCADE, related_name="weekday_hours", verbose_name=_("site"))
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday)
    opens_at = models.TimeField(_("opens at"), null=True, blank=True, help_text=_("Empty means closed on this day."))
    closes_at = models.TimeField(_("closes at"), null=True, blank=True)

    class Meta:
        verbose_name = _("opening hours of a weekday")
        verbose_name_plural = _("opening hours of weekdays")
        ordering = ("site", "weekday")
        constraints = [
            models.UniqueConstraint("site", "weekday", name="weekday_has_hours_once"),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True, closes_at__isnull=True) | Q(opens_at__lt=F("closes_at")),
                name="weekday_opens_before_it_closes",
                violation_error_message=_("A site must open before it closes; leave both empty where it is closed."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens_at or '–'}–{self.closes_at or '–'}"


class SiteContact(models.Model):
    """A person to call at a site; for staff, never for the public page."""

    class Role(models.TextChoices):
        """The part of the site for which the person answers."""

        HEAD = "HEAD", _("head of the site")
        COORDINATOR = "COORDINATOR", _("coordinator")
        IT = "IT", _("IT")
        PHARMACY = "PHARMACY", _("pharmacy")

    site = models.ForeignKey(VaccinationSite, models.CASCADE, related_name="contacts", verbose_name=_("site"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    name = models.CharField(_("name and surname"), max_length=120)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("site", "role", "name")
        constraints = [
            models.CheckConstraint(
                condition=~Q(phone="", email=""),
                name="contact_can_be_reached",
                violation_error_message=_("Give a telephone number or an e-mail address."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.name}"
