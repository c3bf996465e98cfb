"""Substitutes: people who come in minutes for doses that are left in the evening, and the calls to them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.typed_moment import written
from logistics.models import VaccinationSite, Vaccine
from registration.models import Registration, RegistrationClaim
from reservation.models.reservations import Appointment
from reservation.models.slots import Slot


class SubstituteQuerySet(models.QuerySet["Substitute"]):
    """Questions about people who agreed."""

    def standing(self) -> "SubstituteQuerySet":
        """Those who have not taken it back."""
        return self.filter(withdrawn_at=None)

    def counting(self) -> "SubstituteQuerySet":
        """Those of them who have had no dose since: it holds for one."""
        last = F("registration__last_dose_on")
        return self.standing().filter(Q(registration__last_dose_on=None) | Q(agreed_at__date__gt=last))


class Substitute(models.Model):
    """A person who agreed to be called to a site when doses are left there; it holds for one dose.

    Of a claim to a registration it is only kept, so that the screen shows no difference; nobody is called by it.
    """

    registration = models.ForeignKey(
        Registration,
        models.CASCADE,
        related_name="substitute_for",
        verbose_name=_("registration"),
        null=True,
        blank=True,
    )
    claim = models.ForeignKey(
        RegistrationClaim,
        models.CASCADE,
        related_name="+",
        verbose_name=_("claim to a registration"),
        null=True,
        blank=True,
    )
    site = models.ForeignKey(
        VaccinationSite, models.CASCADE, related_name="substitutes", verbose_name=_("vaccination site")
    )
    minutes = models.PositiveSmallIntegerField(_("minutes to the site"))
    agreed_at = models.DateTimeField(_("agreed at"), default=timezone.now)
    agreed_with = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("agreed with"),
        null=True,
        blank=True,
        help_text=_("Who wrote it down at the telephone. Empty: the person themselves."),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = SubstituteQuerySet.as_manager()

    class Meta:
        verbose_name = _("substitute")
        verbose_name_plural = _("substitutes")
        ordering = ("site", "agreed_at")
        constraints = [
            models.UniqueConstraint(
                "registration", "site", condition=Q(withdrawn_at=None), name="person_is_once_a_substitute_of_a_site"
            ),
            models.CheckConstraint(
                condition=Q(registration=None) ^ Q(claim=None), name="substitute_is_of_a_registration_or_of_a_claim"
            ),
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=240), name="substitute_has_a_way"),
        ]

    def __str__(self) -> str:
        return f"{self.registration_id or self.claim_id} {self.site}"


class SubstituteCall(models.Model):
    """'5 doses, 45 minutes': a site calls substitutes for doses that would be lost."""

    site = models.ForeignKey(
        VaccinationSite, models.PROTECT, related_name="substitute_calls", verbose_name=_("vaccination site")
    )
    vaccine = models.ForeignKey(Vaccine, models.PROTECT, related_name="+", verbose_name=_("vaccine"))
    doses = models.PositiveSmallIntegerField(_("doses left"))
    come_by = models.DateTimeField(_("come by"))
    made_at = models.DateTimeField(pgettext_lazy("call to substitutes", "made at"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("call to substitutes", "made by"),
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("call to substitutes")
        verbose_name_plural = _("calls to substitutes")
        ordering = ("-made_at",)
        constraints = [
            models.UniqueConstraint(
                "site", "vaccine", condition=Q(ended_at=None), name="site_calls_substitutes_once_at_a_time"
            ),
            models.CheckConstraint(condition=Q(doses__gte=1), name="substitutes_are_called_for_doses"),
            models.CheckConstraint(condition=Q(come_by__gt=F("made_at")), name="substitutes_have_time_to_come"),
        ]

    def __str__(self) -> str:
        return f"{self.site} {written(self.made_at)}"


class SubstituteOffer(models.Model):
    """One substitute asked in a call: until when they could answer, and what they answered. Never deleted."""

    class Answer(models.TextChoices):
        """What came of it."""

        COMES = "COMES", _("comes")
        DECLINED = "DECLINED", pgettext_lazy("call to substitutes", "declined")
        IGNORED = "IGNORED", pgettext_lazy("call to substitutes", "not answered")
        TOO_LATE = "TOO_LATE", _("the doses were gone")

    call = models.ForeignKey(
        SubstituteCall, models.CASCADE, related_name="offers", verbose_name=_("call to substitutes")
    )
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="+", verbose_name=_("registration"))
    sent_at = models.DateTimeField(_("sent at"), default=timezone.now)
    answer_by = models.DateTimeField(_("answer by"))
    answer = models.CharField(pgettext_lazy("call to substitutes", "answer"), max_length=10, choices=Answer, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_with = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("answered with"),
        null=True,
        blank=True,
        help_text=_("Who wrote the answer down at the telephone. Empty: the person themselves, or nobody answered."),
    )
    appointment = models.ForeignKey(
        Appointment, models.SET_NULL, related_name="+", verbose_name=_("appointment"), null=True, blank=True
    )
    moved_from = models.ForeignKey(
        Slot,
        models.SET_NULL,
        related_name="+",
        verbose_name=_("moved from"),
        null=True,
        blank=True,
        help_text=_("The later time that the person had: it is given back to them if they cannot come after all."),
    )

    class Meta:
        verbose_name = _("offer to a substitute")
        verbose_name_plural = _("offers to substitutes")
        ordering = ("call", "sent_at", "pk")
        constraints = [
            models.UniqueConstraint("call", "registration", name="substitute_is_asked_once_in_a_call"),
            models.UniqueConstraint("registration", condition=Q(answer=""), name="substitute_has_one_open_offer"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="answered_call_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call} {self.registration}"
