"""Vaccines as products: packs, storage conditions and the clocks they start, days between doses, batches."""

import re
from datetime import date

import pghistory
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Vaccine(models.Model):
    """A vaccine as a product."""

    class Platform(models.TextChoices):
        """How it works; some answers of people stop one kind only."""

        MRNA = "MRNA", _("mRNA")
        VECTOR = "VECTOR", _("viral vector")
        PROTEIN = "PROTEIN", _("protein")

    code = models.SlugField(_("code"), max_length=30, primary_key=True)
    name = models.CharField(_("name"), max_length=60, help_text=_("The name people know, such as Comirnaty."))
    doses = models.PositiveSmallIntegerField(_("doses in the series"), default=2)
    manufacturer = models.CharField(_("manufacturer"), max_length=60, blank=True)
    published_name = models.CharField(
        _("name in open data"),
        max_length=60,
        blank=True,
        help_text=_("As the ministry writes it in its files, such as COVID-19 Vaccine Moderna."),
    )
    platform = models.CharField(_("kind of vaccine"), max_length=10, choices=Platform, blank=True)
    youngest_age = models.PositiveSmallIntegerField(_("from the age of"), default=18)
    diluent = models.CharField(
        _("dilution"), max_length=60, blank=True, help_text=_("Such as 1.8 ml NaCl 0.9 %; empty where none is needed.")
    )
    dose_millilitres = models.DecimalField(_("dose (ml)"), max_digits=4, decimal_places=2, default="0.5")
    booster_millilitres = models.DecimalField(
        _("booster (ml)"),
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Where it is less than a dose of the series, so that a vial gives more of them; else empty."),
    )

    class Meta:
        verbose_name = _("vaccine")
        verbose_name_plural = _("vaccines")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class DoseIntervalQuerySet(models.QuerySet["DoseInterval"]):
    """Questions about intervals between doses."""

    def valid_on(self, day: date) -> "DoseIntervalQuerySet":
        """The rules valid on `day`: of each vaccine and dose the newest that had begun, one row each.

        Filter the answer by vaccine and dose only, as `StorageRuleQuerySet.valid_on` says.
        """
        newest_first = self.filter(valid_from__lte=day).order_by("vaccine_id", "dose_number", "-valid_from")
        return newest_first.distinct("vaccine_id", "dose_number")


class DoseInterval(models.Model):
    """The days between a dose of the series and the one before, by which it is booked.

    A booster keeps to its `DoseRule`. The rule changed five times in 2021, so it is data with a date.
    """

    class AppliesTo(models.TextChoices):
        """Whose bookings the rule is for."""

        NEW = "NEW", _("new bookings")
        ALL = "ALL", _("existing and new bookings")

    vaccine = models.ForeignKey(Vaccine, models.CASCADE, related_name="intervals", verbose_name=_("vaccine"))
    dose_number = models.PositiveSmallIntegerField(_("dose"), default=2, db_default=2)
    valid_from = models.DateField(_("valid from"), help_text=_("For reservations made from this day on."))
    applies_to = models.CharField(
        _("applies to"), max_length=3, choices=AppliesTo, default=AppliesTo.NEW, db_default=AppliesTo.NEW
    )
    min_days = models.PositiveSmallIntegerField(_("at least (days)"))
    ideal_days = models.PositiveSmallIntegerField(_("ideal (days)"))
    max_days = models.PositiveSmallIntegerField(_("at most (days)"))

    objects = DoseIntervalQuerySet.as_manager()

    class Meta:
        verbose_name = _("interval between doses")
        verbose_name_plural = _("intervals between doses")
        ordering = ("vaccine", "dose_number", "valid_from")
        constraints = [
            models.UniqueConstraint("vaccine", "dose_number", "valid_from", name="interval_is_unique"),
            models.CheckConstraint(condition=Q(dose_number__gt=1), name="interval_is_before_a_later_dose"),
            models.CheckConstraint(
                condition=Q(min_days__gt=0, min_days__lte=F("ideal_days"), ideal_days__lte=F("max_days")),
                name="interval_is_ordered",
                violation_error_message=_("The days must rise: at least, ideal, at most."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vaccine_id} {self.valid_from}: {self.min_days}–{self.max_days}"


class DoseRuleQuerySet(models.QuerySet["DoseRule"]):
    """Questions about rules for giving a dose."""

    def valid_on(self, day: date) -> "DoseRuleQuerySet":
        """The rules valid on `day`: of each vaccine and dose the newest that had begun, one row each.

        Filter the answer by vaccine and dose only, as `StorageRuleQuerySet.valid_on` says.
        """
        newest_first = self.filter(valid_from__lte=day).order_by("vaccine_id", "dose_number", "-valid_from")
        return newest_first.distinct("vaccine_id", "dose_number")


class DoseRule(models.Model):
    """What must hold when a dose is given: age and days since the dose before (DOMAIN 10.6); dated.

    `DoseInterval` says when a later dose of the series is reserved; this says when a dose that is due may be given, and
    when a booster is reserved.
    """

    vaccine = models.ForeignKey(Vaccine, models.CASCADE, related_name="dose_rules", verbose_name=_("vaccine"))
    dose_number = models.PositiveSmallIntegerField(_("dose"))
    valid_from = models.DateField(_("valid from"))
    youngest_age = models.PositiveSmallIntegerField(_("from the age of"))
    min_days = models.PositiveSmallIntegerField(
        _("at least (days)"), null=True, blank=True, help_text=_("Since the dose before; empty for the first one.")
    )
    max_days = models.PositiveSmallIntegerField(
        _("at most (days)"), null=True, blank=True, help_text=_("Later it is still given, with a reason.")
    )
    may_follow_another = models.BooleanField(
        _("after another vaccine"), default=False, help_text=_("Whether the doses before may be of another vaccine.")
    )

    objects = DoseRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule of a dose")
        verbose_name_plural = _("rules of doses")
        ordering = ("vaccine", "dose_number", "valid_from")
        constraints = [
            models.UniqueConstraint("vaccine", "dose_number", "valid_from", name="dose_rule_is_unique"),
            models.CheckConstraint(
                # A check that is NULL passes, so it says that the days are there.
                condition=Q(dose_number=1, min_days=None, max_days=None)
                | Q(dose_number__gt=1, min_days__isnull=False, min_days__gt=0),
                name="dose_rule_has_its_days",
            ),
            models.CheckConstraint(
                condition=Q(max_days=None) | Q(max_days__gte=F("min_days")), name="dose_rule_is_ordered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vaccine_id} {self.dose_number} {self.valid_from}"


class Pack(models.Model):
    """A pack in which a vaccine is delivered, with the doses that a vial of it holds (product information of 2021)."""

    vaccine = models.ForeignKey(Vaccine, models.CASCADE, related_name="packs", verbose_name=_("vaccine"))
    doses_per_vial = models.PositiveSmallIntegerField(_("doses a vial"))
    vials = models.PositiveSmallIntegerField(_("vials in the pack"))
    gtin = models.CharField(
        _("GTIN"),
        max_length=14,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{14}$", _("A GTIN has 14 digits."))],
        help_text=_("From the code on the pack; a scanned code with it chooses the vaccine."),
    )

    class Meta:
        verbose_name = _("pack")
        verbose_name_plural = _("packs")
        ordering = ("vaccine", "doses_per_vial", "vials")
        constraints = [
            models.UniqueConstraint("gtin", name="gtin_is_unique", condition=~Q(gtin="")),
            models.CheckConstraint(condition=Q(doses_per_vial__gt=0, vials__gt=0), name="pack_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.vaccine_id}: {self.vials} × {self.doses_per_vial}"


class StorageCondition(models.TextChoices):
    """How a vial is kept. A change of it starts a clock; `StorageRule` says for how long."""

    STORED = "STORED", _("long storage")
    FREEZER = "FREEZER", _("freezer")
    THAWED = "THAWED", _("thawed, in the fridge")
    ROOM = "ROOM", _("out of the fridge")
    OPEN = "OPEN", _("opened")


class StorageRuleQuerySet(models.QuerySet["StorageRule"]):
    """Questions about storage rules."""

    def valid_on(self, day: date) -> "StorageRuleQuerySet":
        """The rules valid on `day`: of each vaccine and storage condition the newest that had begun, one row each.

        Filter the answer by vaccine and storage condition only. PostgreSQL applies a filter first, so any other would
        let an older rule come forward.
        """
        newest_first = self.filter(valid_from__lte=day).order_by("vaccine_id", "storage", "-valid_from")
        return newest_first.distinct("vaccine_id", "storage")


class StorageRule(models.Model):
    """How long a vial of a vaccine keeps in a storage condition; dated, because product information changes."""

    vaccine = models.ForeignKey(Vaccine, models.CASCADE, related_name="storage_rules", verbose_name=_("vaccine"))
    storage = models.CharField(_("storage condition"), max_length=10, choices=StorageCondition)
    valid_from = models.DateField(_("valid from"))
    min_celsius = models.SmallIntegerField(_("from (°C)"), null=True, blank=True)
    max_celsius = models.SmallIntegerField(_("up to (°C)"))
    keeps = models.DurationField(
        _("keeps for"), null=True, blank=True, help_text=_("Empty: until the expiry printed on the pack.")
    )

    objects = StorageRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("storage rule")
        verbose_name_plural = _("storage rules")
        ordering = ("vaccine", "storage", "valid_from")
        constraints = [models.UniqueConstraint("vaccine", "storage", "valid_from", name="storage_rule_is_unique")]

    def __str__(self) -> str:
        return f"{self.vaccine_id} {self.storage} {self.valid_from}"


# The number of a batch as printed on a vial, with its letters in capitals: what GS1 allows in a batch (field 10,
# character set 82 of its General Specifications), but for signs alone.
BATCH_NUMBER = re.compile(r'(?=.*[0-9A-Z])[!"%-?A-Z_]{1,20}')


class BatchQuerySet(models.QuerySet["Batch"]):
    """Questions about batches."""

    def published(self) -> "BatchQuerySet":
        """Real batches, without those that stand for 'batch not published'."""
        return self.exclude(number="")


@pghistory.track()
class Batch(models.Model):
    """A batch of a vaccine. Each vaccine has one without a number: it stands for stock published without batches."""

    vaccine = models.ForeignKey(Vaccine, models.PROTECT, related_name="batches", verbose_name=_("vaccine"))
    number = models.CharField(
        _("batch number"),
        max_length=20,
        blank=True,
        validators=[
            RegexValidator(f"^{BATCH_NUMBER.pattern}$", _("1 to 20 capital letters, digits or signs such as - / . _"))
        ],
        help_text=_("As printed on the vial. Empty: the batch is not published."),
    )
    expires_on = models.DateField(
        _("expiry"), null=True, blank=True, help_text=_("The last day on which it may be used, as printed or extended.")
    )
    blocked_at = models.DateTimeField(_("blocked at"), null=True, blank=True)
    block_reason = models.CharField(_("reason of the block"), max_length=300, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ("vaccine", "number")
        constraints = [
            models.UniqueConstraint("vaccine", "number", name="batch_is_unique"),
            models.CheckConstraint(
                condition=Q(number="", expires_on__isnull=True) | (~Q(number="") & Q(expires_on__isnull=False)),
                name="numbered_batch_expires",
            ),
            models.CheckConstraint(
                condition=Q(number="") | Q(number__regex=f"^{BATCH_NUMBER.pattern}$"), name="batch_number_as_gs1_allows"
            ),
            models.CheckConstraint(
                condition=Q(blocked_at__isnull=True, block_reason="")
                | (Q(blocked_at__isnull=False) & ~Q(block_reason="")),
                name="block_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number or str(_("batch not published"))

    @property
    def is_blocked(self) -> bool:
        """Whether nobody may use it."""
        return self.blocked_at is not None

    def is_expired(self, today: date) -> bool:
        """Whether `today` is after its last day."""
        return self.expires_on is not None and self.expires_on < today
