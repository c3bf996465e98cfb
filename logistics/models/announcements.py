"""Deliveries that were announced to a store."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crs.typed_moment import written_day
from logistics.models.stores import Store
from logistics.models.vaccines import Vaccine


class AnnouncedDeliveryQuerySet(models.QuerySet["AnnouncedDelivery"]):
    """Questions about announced deliveries."""

    def awaited(self) -> "AnnouncedDeliveryQuerySet":
        """Deliveries that neither came nor were withdrawn."""
        return self.filter(arrived_at=None, withdrawn_at=None)


class AnnouncedDelivery(models.Model):
    """Vaccine that a store was promised: so many doses on a day. It moves no stock; the receipt or dispatch does."""

    sender = models.ForeignKey(Store, models.PROTECT, related_name="+", verbose_name=_("announced by the store"))
    store = models.ForeignKey(Store, models.PROTECT, related_name="announced", verbose_name=_("store"))
    vaccine = models.ForeignKey(Vaccine, models.PROTECT, related_name="+", verbose_name=_("vaccine"))
    doses = models.PositiveIntegerField(_("doses"))
    came = models.PositiveIntegerField(
        _("came of it"), default=0, help_text=_("Doses of receipts and deliveries that were counted towards it.")
    )
    expected_on = models.DateField(_("expected on"))
    announced_at = models.DateTimeField(_("announced at"))
    announced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("announced by")
    )
    arrived_at = models.DateTimeField(_("arrived at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = AnnouncedDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("announced delivery")
        verbose_name_plural = _("announced deliveries")
        ordering = ("expected_on", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(doses__gt=0), name="announced_delivery_has_doses"),
            models.CheckConstraint(
                condition=Q(came__lt=F("doses")) | Q(came=F("doses"), arrived_at__isnull=False),
                name="delivery_arrived_when_all_came",
            ),
            models.CheckConstraint(condition=~Q(store=F("sender")), name="delivery_is_announced_to_another_store"),
            models.CheckConstraint(
                condition=Q(arrived_at=None) | Q(withdrawn_at=None), name="delivery_arrived_or_was_withdrawn"
            ),
        ]
        indexes = [
            models.Index(
                fields=["store", "expected_on"],
                name="deliveries_awaited",
                condition=Q(arrived_at=None, withdrawn_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.store} {self.vaccine_id} {written_day(self.expected_on)}"
