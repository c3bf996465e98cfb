"""Stores, and what they count: vials of a batch, opened doses, materials."""

from collections.abc import Collection

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from crs import languages
from logistics.models.sites import Region, VaccinationSite
from logistics.models.vaccines import Batch, StorageCondition

# The key of the region in which a store lies, as `Store.lies_in` says it; NULL of a distributor.
STORES_REGION = Coalesce("region", "site__region", "site__district__region")


class StoreQuerySet(models.QuerySet["Store"]):
    """Questions about stores."""

    def in_region(self, code: str) -> "StoreQuerySet":
        """The own store of the region with the NUTS3 code `code`, and those of the sites in it."""
        return self.in_regions([code])

    def in_regions(self, codes: Collection[str]) -> "StoreQuerySet":
        """The own stores of the regions with these NUTS3 codes, and those of the sites in them."""
        return self.filter(Q(region__in=codes) | Q(site__in=VaccinationSite.objects.in_regions(codes)))

    def distributors_to_call(self, batch: Batch) -> "StoreQuerySet":
        """The distributors who sent or took in the batch and have a telephone."""
        had = self.filter(kind=Store.Kind.DISTRIBUTOR, documents__movements__item__batch=batch)
        return had.exclude(phone="").distinct()


class Store(models.Model):
    """A store: the distributor's, a region's or a site's."""

    class Kind(models.TextChoices):
        """The owner of the store."""

        DISTRIBUTOR = "DISTRIBUTOR", _("distributor")
        REGION = "REGION", _("region")
        SITE = "SITE", _("vaccination site")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    name = models.CharField(_("name"), max_length=200)
    site = models.OneToOneField(
        VaccinationSite, models.PROTECT, related_name="store", verbose_name=_("site"), null=True, blank=True
    )
    region = models.OneToOneField(
        Region, models.PROTECT, related_name="store", verbose_name=_("region"), null=True, blank=True
    )
    phone = models.CharField(
        _("telephone"),
        max_length=40,
        blank=True,
        help_text=_("Whom other stores call. A distributor's stands in the e-mail about a blocked batch."),
    )

    objects = StoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        ordering = ("name__czech",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="SITE", site__isnull=False, region__isnull=True)
                | Q(kind="REGION", site__isnull=True, region__isnull=False)
                | Q(kind="DISTRIBUTOR", site__isnull=True, region__isnull=True),
                name="store_has_its_place",
            ),
            models.UniqueConstraint("name", name="distributor_is_unique", condition=Q(kind="DISTRIBUTOR")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def lies_in(self) -> Region | None:
        """The region of the store or of its site; None of a distributor. Reads the site's if it is not loaded."""
        return self.site.lies_in if self.site else self.region


class Material(models.Model):
    """A material, counted in pieces: syringes, needles, diluent, swabs, cards."""

    code = models.SlugField(_("code"), max_length=30, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    name_cs = models.CharField(_("Czech name"), max_length=60)

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name_cs if languages.of_two() == "cs" else self.name


# A vial of six gives seven with the right syringe, sometimes eight; more is a mistake in typing.
EXTRA_DOSES_A_VIAL = 2


class StockItem(models.Model):
    """A kind of thing that stores count: vials of a batch in one storage condition with one use-by, or a material.

    A vial that is thawed or opened becomes another item, with a use-by of its own. Closed vials are counted in vials,
    opened ones (`StorageCondition.OPEN`) in doses, a material in pieces.
    """

    batch = models.ForeignKey(
        Batch, models.PROTECT, related_name="items", verbose_name=_("batch"), null=True, blank=True
    )
    doses_per_vial = models.PositiveSmallIntegerField(
        _("doses a vial"), null=True, blank=True, help_text=_("As delivered: the same batch came with 5 and with 6.")
    )
    storage = models.CharField(_("storage condition"), max_length=10, choices=StorageCondition, blank=True)
    use_by = models.DateTimeField(
        _("use by"), null=True, blank=True, help_text=_("The end of the clock that thawing or opening started.")
    )
    material = models.ForeignKey(
        Material, models.PROTECT, related_name="items", verbose_name=_("material"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("stock item")
        verbose_name_plural = _("stock items")
        ordering = ("batch", "doses_per_vial", "storage", "use_by", "material")
        constraints = [
            models.UniqueConstraint(
                "batch",
                "doses_per_vial",
                "storage",
                "use_by",
                name="vaccine_item_is_unique",
                condition=Q(batch__isnull=False),
                nulls_distinct=False,
            ),
            models.UniqueConstraint("material", name="material_item_is_unique", condition=Q(material__isnull=False)),
            models.CheckConstraint(
                # A check that is NULL passes, so it says that the doses are there.
                condition=(
                    Q(batch__isnull=False, doses_per_vial__isnull=False, doses_per_vial__gt=0, material__isnull=True)
                    & ~Q(storage="")
                )
                | Q(
                    batch__isnull=True,
                    doses_per_vial__isnull=True,
                    storage="",
                    use_by__isnull=True,
                    material__isnull=False,
                ),
                name="item_is_a_vaccine_or_a_material",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name that people use, such as 'Comirnaty EJ6797'; reads batch and vaccine if they are not loaded."""
        return f"{self.batch.vaccine.name} {self.batch}" if self.batch else str(self.material)

    @property
    def is_open(self) -> bool:
        """Whether the item is opened vials, counted in doses."""
        return self.storage == StorageCondition.OPEN

    def doses_in(self, quantity: int) -> int:
        """Doses in `quantity` of the item: closed vials as delivered for, opened ones as counted; 0 of a material."""
        return quantity * (1 if self.is_open else self.doses_per_vial or 0)

    def most_doses_in(self, vials: int) -> int:
        """The most doses that can be drawn from so many closed vials of the item; 0 of a material.

        Where a booster takes less than a dose of the series, it is the boosters. Reads batch and vaccine if they are
        not loaded.
        """
        if self.batch is None or not self.doses_per_vial:
            return 0
        vaccine, doses = self.batch.vaccine, self.doses_per_vial
        if vaccine.booster_millilitres:
            doses = max(doses, int(doses * vaccine.dose_millilitres / vaccine.booster_millilitres))
        return vials * (doses + EXTRA_DOSES_A_VIAL)
