"""What floor 0 keeps: the forms that were sent, and counts of tries."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crs.typed_moment import written


class SentForm(models.Model):
    """A form that was acted on. Its key is unique, so the same form acts once (crs/sent_forms.py)."""

    key = models.UUIDField(_("key"), primary_key=True, help_text=_("Random; made when the page was shown."))
    contents = models.CharField(
        _("contents"), max_length=64, help_text=_("Keyed hash of the address and of all that was typed.")
    )
    outcome = models.JSONField(_("outcome"), default=dict, help_text=_("Where it led; keys of rows, nothing personal."))
    sent_at = models.DateTimeField(_("sent at"), default=timezone.now)

    class Meta:
        verbose_name = _("sent form")
        verbose_name_plural = _("sent forms")
        indexes = [models.Index(fields=["sent_at"], name="sent_form_by_time")]

    def __str__(self) -> str:
        return written(self.sent_at)


class Tries(models.Model):
    """How often something was tried lately (`crs/tries.py`)."""

    key = models.CharField(
        _("key"), max_length=64, primary_key=True, help_text=_("Keyed hash of what was tried and by whom.")
    )
    count = models.PositiveIntegerField(_("count"))
    ends_at = models.DateTimeField(_("ends at"), db_index=True, help_text=_("From then on the count means nothing."))

    class Meta:
        verbose_name = _("tries")
        verbose_name_plural = _("tries")

    def __str__(self) -> str:
        return str(self.count)
