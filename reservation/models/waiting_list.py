"""The waiting list: people whose turn has come while no seat is free, and the times that are offered to them."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.typed_moment import written
from registration.models import Registration
from reservation.models.reservations import Reservation


class WaitingListQuerySet(models.QuerySet["WaitingListEntry"]):
    """Questions about places on the list."""

    def standing(self) -> "WaitingListQuerySet":
        """Those of people who stand on the list now."""
        return self.filter(left_at=None)


class WaitingListEntry(models.Model):
    """A person whose turn has come and who found no free time: the next seat is offered to them by the order."""

    registration = models.ForeignKey(
        Registration, models.CASCADE, related_name="waiting_list_entries", verbose_name=_("registration")
    )
    joined_at = models.DateTimeField(_("joined at"), default=timezone.now)
    left_at = models.DateTimeField(
        pgettext_lazy("waiting list", "left at"),
        null=True,
        blank=True,
        help_text=_("When the person reserved, or wanted no more offers."),
    )
    tried_at = models.DateTimeField(
        _("no time found at"),
        null=True,
        blank=True,
        help_text=_("When none of the free times was one for the person: until there are more, nobody waits for them."),
    )

    objects = WaitingListQuerySet.as_manager()

    class Meta:
        verbose_name = _("place on the waiting list")
        verbose_name_plural = _("places on the waiting list")
        ordering = ("joined_at",)
        constraints = [
            models.UniqueConstraint(
                "registration", condition=Q(left_at=None), name="person_stands_once_on_the_waiting_list"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration} {written(self.joined_at)}"


class SeatOffer(models.Model):
    """A time that was reserved for somebody on the waiting list, until they answer or `answer_by` passes."""

    class Answer(models.TextChoices):
        """What came of it."""

        ACCEPTED = "ACCEPTED", _("accepted")
        DECLINED = "DECLINED", _("declined")
        CHANGED = "CHANGED", _("another time was chosen")
        IGNORED = "IGNORED", _("not answered")
        VOID = "VOID", _("the time could not be kept")

    entry = models.ForeignKey(
        WaitingListEntry, models.CASCADE, related_name="offers", verbose_name=_("place on the waiting list")
    )
    reservation = models.OneToOneField(
        Reservation, models.CASCADE, related_name="seat_offer", verbose_name=_("reservation")
    )
    offered_at = models.DateTimeField(_("offered at"), default=timezone.now)
    answer_by = models.DateTimeField(_("answer by"))
    answer = models.CharField(pgettext_lazy("seat offer", "answer"), max_length=10, choices=Answer, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("offered time")
        verbose_name_plural = _("offered times")
        ordering = ("-offered_at",)
        constraints = [
            models.UniqueConstraint("entry", condition=Q(answer=""), name="entry_has_one_open_offer"),
            models.CheckConstraint(condition=Q(answer_by__gt=F("offered_at")), name="offer_leaves_time_to_answer"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="answered_offer_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {written(self.offered_at)}"
