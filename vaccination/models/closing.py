"""The end of a site's day."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crs.typed_moment import written_day
from logistics.models import VaccinationSite
from reservation.models import Appointment, Reservation
from vaccination.models.doses import Dose
from vaccination.models.visits import Visit

# Days that were left unclosed are spoken of for so long.
REMEMBERED_FOR = timedelta(days=60)


class DayClosingQuerySet(models.QuerySet["DayClosing"]):
    """Questions about closings."""

    def standing(self) -> "DayClosingQuerySet":
        """Closings that were not reopened."""
        return self.filter(reopened_at=None)

    def is_closed(self, site: VaccinationSite, day: date) -> bool:
        """Whether the day is closed at the site."""
        return self.standing().filter(site=site, day=day).exists()

    def unclosed_days(self, site: VaccinationSite, today: date) -> list[date]:
        """The days before `today` with people or doses that nobody closed, oldest first; of 60 days, two queries."""
        between = (today - REMEMBERED_FOR, today - timedelta(days=1))
        days = working_days(site, *between)
        closed = self.standing().filter(site=site, day__range=between).values_list("day", flat=True)
        return sorted(days - set(closed))


def working_days(site: VaccinationSite, first: date, last: date) -> set[date]:
    """The days from `first` to `last` on which somebody was expected or came to the site, or got a dose; one query."""
    # Seats of holds and of cancelled reservations are nobody's; a missed first dose ends the reservation, too.
    counts = Q(reservation__state=Reservation.State.CONFIRMED) | ~Q(state=Appointment.State.BOOKED)
    expected = Appointment.objects.filter(counts, slot__site=site, slot__day__range=(first, last))
    came = Visit.objects.exclude(state=Visit.State.UNDONE).filter(site=site, day__range=(first, last))
    given = Dose.objects.valid().filter(site=site, given_on__range=(first, last))
    # `order_by` takes the models' own orders away, which a union does not bear.
    days = (
        expected.order_by()
        .values_list("slot__day", flat=True)
        .union(came.order_by().values_list("day", flat=True), given.order_by().values_list("given_on", flat=True))
    )
    return set(days)


class DayClosing(models.Model):
    """A closed day of a site: doses given against doses taken from the ledger, and who says so."""

    site = models.ForeignKey(
        VaccinationSite, models.PROTECT, related_name="closings", verbose_name=_("vaccination site")
    )
    day = models.DateField(_("day"))
    closed_at = models.DateTimeField(_("closed at"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("closed by"), null=True
    )
    expected = models.PositiveIntegerField(_("people expected"))
    vaccinated = models.PositiveIntegerField(_("people vaccinated"))
    missed = models.PositiveIntegerField(_("people who did not come"))
    doses_given = models.PositiveIntegerField(_("doses given"))
    doses_consumed = models.PositiveIntegerField(_("doses taken from the stock"))
    doses_wasted = models.PositiveIntegerField(_("doses thrown away"))
    explanation = models.CharField(_("explanation of the difference"), max_length=300, blank=True)
    reopened_at = models.DateTimeField(_("reopened at"), null=True, blank=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("reopened by"), null=True, blank=True
    )
    reopening_reason = models.CharField(_("why it was reopened"), max_length=300, blank=True)

    objects = DayClosingQuerySet.as_manager()

    class Meta:
        verbose_name = _("closing of a day")
        verbose_name_plural = _("closings of days")
        ordering = ("-day", "-closed_at")
        constraints = [
            models.UniqueConstraint("site", "day", name="day_is_closed_once", condition=Q(reopened_at=None)),
            models.CheckConstraint(
                condition=Q(doses_given=F("doses_consumed")) | ~Q(explanation=""), name="difference_is_explained"
            ),
            models.CheckConstraint(
                condition=Q(reopened_at=None, reopening_reason="")
                | (Q(reopened_at__isnull=False) & ~Q(reopening_reason="")),
                name="reopening_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site} {written_day(self.day)}"
