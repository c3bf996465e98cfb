"""One answer to all tickets of a known problem."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.encryption import EncryptedTextField
from support.models.incidents import Incident
from support.models.letters import Letter
from support.models.tickets import Ticket


class SharedAnswer(models.Model):
    """An answer that the lead wrote once for all tickets of a known problem; a worker sends it to each."""

    incident = models.ForeignKey(
        Incident, models.PROTECT, related_name="shared_answers", verbose_name=_("known problem")
    )
    text_cs: Any = EncryptedTextField(_("text in Czech"), help_text=_("Encrypted."))
    text_en: Any = EncryptedTextField(
        _("text in English"), null=True, blank=True, help_text=_("Encrypted. Empty: everybody gets the Czech text.")
    )
    resolves = models.BooleanField(_("resolves the tickets"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("answer to all tickets of a known problem")
        verbose_name_plural = _("answers to all tickets of known problems")
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.incident_id} {self.pk}"

    def text_in(self, language: str) -> str:
        """The text for somebody who is answered in this language."""
        text: str = self.text_cs if language == "cs" or not self.text_en else self.text_en  # an empty one is None
        return text


class SharedAnswerTicket(models.Model):
    """One ticket that a shared answer is for, and what became of it."""

    class State(models.TextChoices):
        """docs/states.md, 'SharedAnswerTicket'."""

        WAITING = "WAITING", pgettext_lazy("shared answer", "waits its turn")
        ANSWERED = "ANSWERED", pgettext_lazy("shared answer", "answered")
        SKIPPED = "SKIPPED", pgettext_lazy("shared answer", "skipped")

    class Reason(models.TextChoices):
        """Why it was skipped."""

        CLAIMED = "CLAIMED", _("somebody else works on it at present")
        DONE = "DONE", _("it was closed, resolved or merged meanwhile")
        UNLINKED = "UNLINKED", _("it is not linked to the problem any more")
        NO_ADDRESS = "NO_ADDRESS", _("its sender has no address that can be answered")
        REFUSED = "REFUSED", _("it cannot be answered now; open it to see why")

    answer = models.ForeignKey(SharedAnswer, models.CASCADE, related_name="tickets", verbose_name=_("shared answer"))
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+", verbose_name=_("ticket"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(_("why skipped"), max_length=10, choices=Reason, default="", blank=True)
    letter = models.ForeignKey(
        Letter, models.SET_NULL, related_name="+", verbose_name=_("letter"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("ticket of a shared answer")
        verbose_name_plural = _("tickets of shared answers")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint("answer", "ticket", name="shared_answer_reaches_a_ticket_once"),
            models.CheckConstraint(
                condition=Q(state="SKIPPED") & ~Q(reason="") | ~Q(state="SKIPPED") & Q(reason=""),
                name="skipped_ticket_has_its_reason",
            ),
        ]
        indexes = [models.Index(fields=["id"], name="shared_answers_to_send", condition=Q(state="WAITING"))]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.state}"
