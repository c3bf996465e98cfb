"""Who of the staff looked at a person, and who took lists of people out. Never edited or deleted."""

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crs.encryption import EncryptedTextField
from crs.typed_moment import written
from registration.models.people import Person
from registration.models.registrations import LineRequest

_PROTECT = pgtrigger.Protect(name="never_edited", operation=pgtrigger.Update | pgtrigger.Delete)


class PersonLook(models.Model):
    """A member of staff looked at somebody's record, or at a request of somebody who has none yet."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="looks", verbose_name=_("person"), null=True, blank=True
    )
    request = models.ForeignKey(
        LineRequest,
        models.PROTECT,
        related_name="looks",
        verbose_name=_("request to line 1221"),
        null=True,
        blank=True,
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("looked"))
    page = models.CharField(_("page"), max_length=80, help_text=_("The name of the address."))
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("look at a person")
        verbose_name_plural = _("looks at persons")
        ordering = ("-at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None, request__isnull=False) | Q(person__isnull=False, request=None),
                name="look_is_at_one",
            )
        ]
        indexes = [models.Index(fields=["person", "-at"], name="look_at_a_person")]
        triggers = [_PROTECT]

    def __str__(self) -> str:
        return written(self.at)


class RegistrationExport(models.Model):
    """A list of people left the system as a file or on paper."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("taken by"))
    at = models.DateTimeField(_("at"), default=timezone.now)
    what = models.CharField(_("what"), max_length=200)
    rows = models.PositiveIntegerField(_("rows"))
    reason: Any = EncryptedTextField(_("reason"), help_text=_("Encrypted."))

    class Meta:
        verbose_name = _("export of registrations")
        verbose_name_plural = _("exports of registrations")
        ordering = ("-at",)
        constraints = [models.CheckConstraint(condition=~Q(what=""), name="export_says_what")]
        triggers = [_PROTECT]

    def __str__(self) -> str:
        return f"{written(self.at)} {self.what}"
