"""Sums of seats, kept beside the slots' counters, so that nobody has to sum slots (docs/adr/0048-free-seats.md)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from logistics.models import VaccinationSite, Vaccine
from reservation.models.slots import OLDEST, YOUNGEST, Slot


class _SeatsOfADay(models.Model):
    """The key of a sum: one site, vaccine and day, the doses and the ages that its slots are for."""

    site = models.ForeignKey(
        VaccinationSite, models.CASCADE, related_name="+", verbose_name=_("vaccination site"), db_index=False
    )
    vaccine = models.ForeignKey(Vaccine, models.CASCADE, related_name="+", verbose_name=_("vaccine"), db_index=False)
    day = models.DateField(_("day"))
    for_doses = models.CharField(_("for"), max_length=10, choices=Slot.Doses)
    youngest_age = models.PositiveSmallIntegerField(_("from the age of"), default=YOUNGEST)
    oldest_age = models.PositiveSmallIntegerField(_("up to the age of"), default=OLDEST)

    class Meta:
        abstract = True


class DaySeats(_SeatsOfADay):
    """The seats of a day, summed over its slots when the changes up to then were folded in."""

    capacity = models.IntegerField(_("capacity"), default=0)
    booked = models.IntegerField(_("booked"), default=0)
    begun = models.IntegerField(
        _("free in slots that have begun"), default=0, help_text=_("Of today: nobody books them any more.")
    )

    class Meta:
        verbose_name = _("seats of a day")
        verbose_name_plural = _("seats of days")
        ordering = ("site", "day", "vaccine", "for_doses")
        constraints = [
            models.UniqueConstraint(
                "site", "vaccine", "day", "for_doses", "youngest_age", "oldest_age", name="day_has_one_sum"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.day} {self.for_doses}"


class SeatChange(_SeatsOfADay):
    """A change of a slot's counters, written in its transaction and folded into the day's sum a little later.

    A row of its own and no lock: people who book different times of a day do not wait for each other.
    """

    capacity = models.IntegerField(_("capacity"))
    booked = models.IntegerField(_("booked"))

    class Meta:
        verbose_name = _("change of seats")
        verbose_name_plural = _("changes of seats")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.site_id} {self.day} {self.capacity:+} {self.booked:+}"


class SiteOffer(models.Model):
    """What a site offers of a vaccine to people of some ages: first doses that have their later ones, too."""

    site = models.ForeignKey(
        VaccinationSite, models.CASCADE, related_name="offers", verbose_name=_("vaccination site"), db_index=False
    )
    vaccine = models.ForeignKey(Vaccine, models.CASCADE, related_name="+", verbose_name=_("vaccine"), db_index=False)
    youngest_age = models.PositiveSmallIntegerField(_("from the age of"), default=YOUNGEST)
    oldest_age = models.PositiveSmallIntegerField(_("up to the age of"), default=OLDEST)
    next_day = models.DateField(_("next free day"), null=True, blank=True)
    free = models.PositiveIntegerField(_("free seats"), help_text=_("For first doses, on all days to come."))
    free_7 = models.PositiveIntegerField(_("free in 7 days"))
    free_14 = models.PositiveIntegerField(_("free in 14 days"))
    free_30 = models.PositiveIntegerField(_("free in 30 days"))
    pairs = models.PositiveIntegerField(_("people with all doses"), help_text=_("As many can reserve together."))
    computed_at = models.DateTimeField(_("computed at"))

    class Meta:
        verbose_name = _("offer of a site")
        verbose_name_plural = _("offers of sites")
        ordering = ("site", "vaccine", "youngest_age")
        constraints = [
            models.UniqueConstraint("site", "vaccine", "youngest_age", "oldest_age", name="site_has_one_offer"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.vaccine_id} {self.free}"
