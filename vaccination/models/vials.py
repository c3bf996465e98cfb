"""Vial sessions: the vial that is open at a station."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.typed_moment import written
from logistics.models import StockDocument, StockItem
from vaccination.models.team import Station


class VialSessionQuerySet(models.QuerySet["VialSession"]):
    """Questions about vial sessions."""

    def open(self) -> "VialSessionQuerySet":
        """Vials from which doses are drawn now, whatever their clock says."""
        return self.filter(ended_at=None)

    def with_rest(self) -> "VialSessionQuerySet":
        """Vials with doses in them, open or ended."""
        return self.filter(doses__gt=F("given") + F("wasted"))


class VialSession(models.Model):
    """A vial that one scan opened at a station; each dose given there takes from it."""

    class End(models.TextChoices):
        """How it ended."""

        EMPTY = "EMPTY", pgettext_lazy("vial", "empty")
        OUT_OF_TIME = "OUT_OF_TIME", pgettext_lazy("vial", "its time was over")
        WASTED = "WASTED", pgettext_lazy("vial", "the rest was thrown away")
        PUT_ASIDE = "PUT_ASIDE", pgettext_lazy("vial", "put aside with doses in it")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    station = models.ForeignKey(Station, models.PROTECT, related_name="vials", verbose_name=_("station"))
    item = models.ForeignKey(
        StockItem, models.PROTECT, related_name="vial_sessions", verbose_name=_("opened doses in the stock")
    )
    opening = models.OneToOneField(
        StockDocument, models.PROTECT, related_name="vial_session", verbose_name=_("opening of the vial")
    )
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("opened by"), null=True
    )
    doses = models.PositiveSmallIntegerField(_("doses in it"), help_text=_("As drawn; an extra dose counts."))
    given = models.PositiveSmallIntegerField(_("doses given from it"), default=0)
    wasted = models.PositiveSmallIntegerField(_("doses of it thrown away"), default=0)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end = models.CharField(_("end"), max_length=20, choices=End, blank=True)

    objects = VialSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("vial session")
        verbose_name_plural = _("vial sessions")
        ordering = ("-opened_at",)
        constraints = [
            models.UniqueConstraint("station", name="station_has_one_open_vial", condition=Q(ended_at=None)),
            models.CheckConstraint(condition=Q(doses__gte=F("given") + F("wasted")), name="vial_gives_what_it_holds"),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | (Q(ended_at__isnull=False) & ~Q(end="")),
                name="ended_vial_has_its_end",
            ),
        ]

    def __str__(self) -> str:
        return written(self.opened_at)

    @property
    def left(self) -> int:
        """Doses that are still in it."""
        return self.doses - self.given - self.wasted

    @property
    def use_by(self) -> datetime | None:
        """The last moment in which it may be used; None: no clock is known. Reads the item if it is not loaded."""
        return self.item.use_by

    def is_out_of_time(self, now: datetime) -> bool:
        """Whether its clock has run out at `now`."""
        return self.item.use_by is not None and self.item.use_by < now


class VialWaste(models.Model):
    """Doses of a vial that were thrown away by a document; the closing of a day throws away many vials by one."""

    vial = models.ForeignKey(VialSession, models.PROTECT, related_name="wastes", verbose_name=_("vial session"))
    document = models.ForeignKey(
        StockDocument, models.PROTECT, related_name="vial_wastes", verbose_name=_("stock document")
    )
    doses = models.PositiveSmallIntegerField(_("doses"))

    class Meta:
        verbose_name = _("waste of a vial")
        verbose_name_plural = _("wastes of vials")
        ordering = ("document", "vial")
        constraints = [
            models.UniqueConstraint("vial", "document", name="vial_is_wasted_once_by_a_document"),
            models.CheckConstraint(condition=Q(doses__gt=0), name="waste_of_a_vial_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.vial} {self.doses}"
