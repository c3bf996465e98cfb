"""Personal links: one tap in an SMS or an e-mail leads a person to the one thing that the message is about."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from registration.models import Registration


class PersonalLink(models.Model):
    """A link that was sent to one person for one purpose; its token is kept as a keyed hash only.

    It opens one page and proves no more than that the message was read: what it may do is said by its purpose.
    """

    class Purpose(models.TextChoices):
        """What the link is for; `reservation/walk/views/links.py` names the page of each."""

        CANNOT_COME = "CANNOT_COME", _("give an appointment back")
        SEAT_OFFER = "SEAT_OFFER", _("answer an offered time")
        REPLANNED = "REPLANNED", _("look at a time that was moved")
        SUBSTITUTE = "SUBSTITUTE", _("answer a call to substitutes")

    registration = models.ForeignKey(
        Registration, models.CASCADE, related_name="personal_links", verbose_name=_("registration")
    )
    purpose = models.CharField(_("purpose"), max_length=15, choices=Purpose)
    about = models.CharField(_("about"), max_length=40, help_text=_("The key of the row that the message is about."))
    token_hash = models.CharField(_("keyed hash of the token"), max_length=64, unique=True)
    is_by_phone = models.BooleanField(
        _("went to the telephone"),
        default=False,
        help_text=_("It came by SMS, so whoever opens it holds the telephone, as whoever knows PIN2 does."),
    )
    made_at = models.DateTimeField(pgettext_lazy("link", "made at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"))

    class Meta:
        verbose_name = _("personal link")
        verbose_name_plural = _("personal links")
        ordering = ("-made_at",)
        indexes = [models.Index("expires_at", name="personal_link_expires")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.about}"
