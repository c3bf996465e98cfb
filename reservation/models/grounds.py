"""Why a person was allowed to reserve: kept with each reservation for whoever audits the order."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from logistics.models import Region
from registration.models import GroupRule, PriorityClaim
from reservation.models.invitations import Invitation
from reservation.models.reservations import Reservation


class ReservationGrounds(models.Model):
    """The rule, the evidence and the rank by which a person reserved, as they were when it was confirmed.

    A trigger writes the row in the transaction of the confirmation (`sql/grounds.sql`), whoever confirms; the rank is
    added with the next count of the people who wait (`inviting/ranks.py`). Nothing else changes it. Who arranged it,
    where staff did, and why, stands in the history of the reservation.
    """

    reservation = models.OneToOneField(
        Reservation, models.CASCADE, related_name="grounds", verbose_name=_("reservation"), primary_key=True
    )
    # Without a constraint in the database: everybody who confirms would lock the row of one rule. A rule that has begun
    # is never deleted.
    rule = models.ForeignKey(
        GroupRule,
        models.PROTECT,
        related_name="+",
        verbose_name=_("rule"),
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
        help_text=_("Of those that invited the person, the one with the highest score. Empty: none did."),
    )
    birth_date = models.DateField(_("date of birth"), help_text=_("As it was known then."))
    claim_state = models.CharField(
        pgettext_lazy("grounds", "proof of the reason"),
        max_length=10,
        choices=PriorityClaim.State,
        blank=True,
        help_text=_("Of the claim that the rule asks for. Empty: it goes by age."),
    )
    invitation = models.ForeignKey(
        Invitation,
        models.SET_NULL,
        related_name="+",
        verbose_name=_("invitation"),
        null=True,
        blank=True,
        db_index=False,
        help_text=_("The PIN2 that was out. Empty: there was none."),
    )
    # Without a constraint, as the rule.
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        related_name="+",
        verbose_name=_("region"),
        null=True,
        db_index=False,
        db_constraint=False,
        help_text=_("Where the first of its times was then, wherever it is now."),
    )
    decided_at = models.DateTimeField(_("decided at"), db_index=True)
    ahead = models.PositiveIntegerField(
        pgettext_lazy("grounds", "higher in the order"),
        null=True,
        blank=True,
        help_text=_("How many who rank higher, are invited and can go to the region still waited for PIN2."),
    )
    waiting = models.PositiveIntegerField(
        pgettext_lazy("grounds", "waiting"),
        null=True,
        blank=True,
        help_text=_("How many of the groups that are invited waited for PIN2 in the region at all."),
    )
    counted_at = models.DateTimeField(_("counted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("grounds of a reservation")
        verbose_name_plural = _("grounds of reservations")
        ordering = ("-decided_at",)

    def __str__(self) -> str:
        return str(self.reservation)
