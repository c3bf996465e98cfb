"""Who looked at what, and why."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registration.models import Person
from support.models.letters import Attachment, Letter
from support.models.tickets import Ticket
from vaccination.models import TimelineOpening


class GlassBreak(models.Model):
    """An expert's leave to read a person's timeline, taken with a reason, for a short time."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("user"))
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="glass_breaks", verbose_name=_("ticket"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("person"))
    opening = models.OneToOneField(
        TimelineOpening,
        models.PROTECT,
        related_name="+",
        verbose_name=_("opening of the timeline"),
        help_text=_("It holds the reason, and the person in question will be able to read it."),
    )
    at = models.DateTimeField(_("at"))
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("leave to read a timeline")
        verbose_name_plural = _("leaves to read timelines")
        ordering = ("-at", "-id")
        constraints = [models.CheckConstraint(condition=Q(until__gt=models.F("at")), name="leave_ends_after_it_began")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.pk}"


class Look(models.Model):
    """One look of a member of staff at what is somebody's own."""

    class What(models.TextChoices):
        """What was looked at."""

        TICKET = "TICKET", pgettext_lazy("look", "a ticket with its letters")
        RAW = "RAW", pgettext_lazy("look", "a letter as it came")
        ATTACHMENT = "ATTACHMENT", pgettext_lazy("look", "a file of a letter")
        TIMELINE = "TIMELINE", pgettext_lazy("look", "a person's timeline")
        SEARCH = "SEARCH", pgettext_lazy("look", "a search by an insured number")

    what = models.CharField(_("what"), max_length=10, choices=What)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("user"))
    at = models.DateTimeField(_("at"))
    ticket = models.ForeignKey(
        Ticket, models.PROTECT, related_name="looks", verbose_name=_("ticket"), null=True, blank=True
    )
    letter = models.ForeignKey(
        Letter, models.SET_NULL, related_name="+", verbose_name=_("letter"), null=True, blank=True
    )
    attachment = models.ForeignKey(
        Attachment, models.SET_NULL, related_name="+", verbose_name=_("file"), null=True, blank=True
    )
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name=_("person"), null=True, blank=True
    )
    saw_numbers = models.BooleanField(_("saw insured numbers"), default=False)

    class Meta:
        verbose_name = _("look")
        verbose_name_plural = _("log of looks")
        ordering = ("-at", "-id")
        indexes = [
            models.Index(fields=["ticket", "-at"], name="looks_at_ticket"),
            models.Index(fields=["user", "-at"], name="looks_of_user"),
            models.Index(fields=["person", "-at"], name="looks_at_person", condition=Q(person__isnull=False)),
            models.Index(fields=["-at"], name="looks_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.pk}"
