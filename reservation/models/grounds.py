"""Why a person was allowed to reserve: kept with each reservation for whoever audits the order."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from registration.models import GroupRule
from reservation.models.reservations import Reservation


class ReservationGrounds(models.Model):
    """The rule, the evidence and the rank by which a person reserved, as they were when it was confirmed."""

    reservation = models.OneToOneField(
        Reservation, models.CASCADE, related_name="grounds", verbose_name=_("reservation"), primary_key=True
    )
    rule = models.ForeignKey(GroupRule, models.PROTECT, related_name="+", verbose_name=_("rule"), null=True, blank=True)
    score = models.PositiveSmallIntegerField(_("score"), null=True, blank=True)
    evidence: Any = models.JSONField(
        _("evidence"), default=dict, help_text=_("What the rule stood on: the age, claims and their proofs; no names.")
    )
    rank: Any = models.JSONField(
        _("rank"), default=dict, help_text=_("The place in the order at that moment, and of when it is.")
    )
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("grounds of a reservation")
        verbose_name_plural = _("grounds of reservations")
        ordering = ("-decided_at",)

    def __str__(self) -> str:
        return f"{self.reservation_id}"
