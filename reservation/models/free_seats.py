"""Sums of seats, kept beside the slots' counters, so that nobody has to sum slots (docs/adr/0048-free-seats.md)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crs.typed_moment import written, written_day
from logistics.models import VaccinationSite, Vaccine
from reservation.models.slots import OLDEST, YOUNGEST, Slot


class _SeatsOfADay(models.Model):
    """The key of a sum: one site, vaccine and day, the doses and the ages that its slots are for.

    The database does not look for the site and the vaccine: the slots have done so, and a booking would pay for it.
    """

    site = models.ForeignKey(
        VaccinationSite,
        models.CASCADE,
        related_name="+",
        verbose_name=_("vaccination site"),
        db_index=False,
        db_constraint=False,
    )
    vaccine = models.ForeignKey(
        Vaccine,
        models.CASCADE,
        related_name="+",
        verbose_name=_("vaccine"),
        db_index=False,
        db_constraint=False,
    )
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
        return f"{self.site} {written_day(self.day)} {self.for_doses}"


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
        indexes = [models.Index("site", name="changes_of_a_site")]

    def __str__(self) -> str:
        return f"{self.site} {written_day(self.day)} {self.capacity:+} {self.booked:+}"


class SiteOffer(models.Model):
    """What a site offers of a vaccine to people of some ages: first doses that have their later ones, too.

    The ages are those of the slots, and no younger than the vaccine is given. A person fits the rows around their age,
    and no seat stands in two rows, so rows may be added up.
    """

    site = models.ForeignKey(
        VaccinationSite, models.CASCADE, related_name="offers", verbose_name=_("vaccination site"), db_index=False
    )
    vaccine = models.ForeignKey(Vaccine, models.CASCADE, related_name="+", verbose_name=_("vaccine"), db_index=False)
    youngest_age = models.PositiveSmallIntegerField(_("from the age of"), default=YOUNGEST)
    oldest_age = models.PositiveSmallIntegerField(_("up to the age of"), default=OLDEST)
    next_day = models.DateField(_("next free day"), null=True, blank=True)
    free = models.PositiveIntegerField(_("free seats"), default=0, help_text=_("For first doses, on all days to come."))
    free_7 = models.PositiveIntegerField(_("free in 7 days"), default=0)
    free_14 = models.PositiveIntegerField(_("free in 14 days"), default=0)
    free_30 = models.PositiveIntegerField(_("free in 30 days"), default=0)
    pairs = models.PositiveIntegerField(
        _("people with all doses"), default=0, help_text=_("As many can reserve together.")
    )
    next_later_day = models.DateField(_("next free day for a later dose"), null=True, blank=True)
    later = models.PositiveIntegerField(
        _("free for later doses"), default=0, help_text=_("For second and later doses, on all days to come.")
    )
    spare = models.PositiveIntegerField(
        _("spare for later doses"), default=0, help_text=_("Those that no free first dose needs.")
    )
    grew_at = models.DateTimeField(
        _("more free at"), null=True, blank=True, help_text=_("When there were last more free seats than before.")
    )
    stale_since = models.DateTimeField(
        _("to compute since"), null=True, blank=True, help_text=_("Since when seats of the site have changed.")
    )

    class Meta:
        verbose_name = _("offer of a site")
        verbose_name_plural = _("offers of sites")
        ordering = ("site", "vaccine", "youngest_age")
        constraints = [
            models.UniqueConstraint("site", "vaccine", "youngest_age", "oldest_age", name="site_has_one_offer"),
        ]
        indexes = [
            models.Index("stale_since", name="offers_to_compute", condition=models.Q(stale_since__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.vaccine_id} {self.free}"


class OffersState(models.Model):
    """What is true of all offers together; one row."""

    folded_at = models.DateTimeField(
        _("folded at"), null=True, blank=True, help_text=_("All changes of seats up to then are in the offers.")
    )
    changed_at = models.DateTimeField(
        _("changed at"), null=True, blank=True, help_text=_("When an offer last became another one.")
    )
    begun_at = models.DateTimeField(
        _("begun at"), null=True, blank=True, help_text=_("For which minute slots that have begun were last looked at.")
    )
    rules = models.CharField(
        _("rules"), max_length=64, blank=True, help_text=_("A fingerprint of the intervals and ages they stand on.")
    )

    class Meta:
        verbose_name = _("state of the offers")
        verbose_name_plural = _("states of the offers")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="offers_have_one_state")]

    def __str__(self) -> str:
        return written(self.folded_at) if self.folded_at else "–"
