"""The outbox: every SMS, e-mail and letter that CRS sends, before, while and after it is sent."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.encryption import EncryptedTextField
from crs.typed_moment import written


class LetterBatch(models.Model):
    """Letters that are printed as one file and posted together (docs/adr/0041-letters.md)."""

    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    printed_at = models.DateTimeField(
        _("printed at"), null=True, blank=True, help_text=_("When somebody first took its file.")
    )
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("printed by"), null=True, blank=True
    )
    prints = models.PositiveSmallIntegerField(
        _("prints"), db_default=0, default=0, help_text=_("More than one where a print was spoilt.")
    )
    posted_at = models.DateTimeField(_("posted at"), null=True, blank=True)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("posted by"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("batch of letters")
        verbose_name_plural = _("batches of letters")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(printed_at=None, printed_by=None, prints=0)
                | Q(printed_at__isnull=False, printed_by__isnull=False, prints__gte=1),
                name="printed_batch_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(posted_at=None, posted_by=None)
                | Q(posted_at__isnull=False, posted_by__isnull=False, printed_at__isnull=False),
                name="posted_batch_was_printed",
            ),
        ]

    def __str__(self) -> str:
        return f"{written(self.made_at)} ({self.pk})"


class Message(models.Model):
    """One SMS, e-mail or letter, written in the transaction that makes it due and delivered after it."""

    class Channel(models.TextChoices):
        """How it travels."""

        SMS = "SMS", _("SMS")
        EMAIL = "EMAIL", _("e-mail")
        LETTER = "LETTER", pgettext_lazy("on paper", "letter")

    class Lane(models.IntegerChoices):
        """The order of sending: a lower lane is always emptied before a higher one."""

        PIN = 1, _("PIN")
        PERSONAL = 2, _("personal")
        BULK = 3, _("bulk")

    class State(models.TextChoices):
        """docs/states.md, 'Message'."""

        PREPARING = "PREPARING", _("waiting for its attachments")
        QUEUED = "QUEUED", _("waiting to be sent")
        SENDING = "SENDING", _("being sent")
        SENT = "SENT", _("sent")
        DELIVERED = "DELIVERED", _("delivered")
        FAILED = "FAILED", _("failed")
        CANCELLED = "CANCELLED", pgettext_lazy("message", "cancelled before it was sent")
        PRINTED = "PRINTED", pgettext_lazy("letter", "printed")
        POSTED = "POSTED", pgettext_lazy("letter", "posted")

    class Cancellation(models.TextChoices):
        """Why it is not to go out any more."""

        NEWER = "NEWER", _("something newer took its place")
        VOID = "VOID", _("what it is about is not valid any more")

    channel = models.CharField(_("channel"), max_length=6, choices=Channel)
    lane = models.PositiveSmallIntegerField(_("lane"), choices=Lane, default=Lane.PERSONAL)
    recipient = models.CharField(
        _("recipient"),
        max_length=254,
        blank=True,
        help_text=_("Telephone number (E.164) or e-mail address; of a letter empty."),
    )
    address: Any = EncryptedTextField(
        _("address"), null=True, blank=True, help_text=_("The lines of the envelope. Letters only. Encrypted.")
    )
    letter_batch = models.ForeignKey(
        LetterBatch,
        models.PROTECT,
        related_name="letters",
        verbose_name=_("batch of letters"),
        null=True,
        blank=True,
        help_text=_("With which it is printed."),
        db_index=False,  # most messages have none: the index below is of the others
    )
    owner = models.CharField(
        _("owner"),
        max_length=12,
        blank=True,
        db_default="",
        default="",
        help_text=_("Letters only: the registration number of whoever gets it."),
    )
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("returned by"),
        null=True,
        blank=True,
        help_text=_("Who marked the letter as brought back by the post."),
        db_index=False,
    )
    template = models.CharField(
        _("template"), max_length=80, help_text=_("Name of the template, such as reservation/confirmed.")
    )
    language = models.CharField(_("language"), max_length=5)
    subject = models.CharField(
        _("subject"), max_length=200, blank=True, help_text=_("E-mail, and the heading of a letter.")
    )
    text: Any = EncryptedTextField(
        _("text"), null=True, blank=True, help_text=_("Encrypted. A secret text is erased once the provider has it.")
    )
    headers = models.JSONField(
        _("headers"),
        default=dict,
        db_default={},
        blank=True,
        help_text=_("E-mail only: from whom, where answers go, what it answers (crs/messaging/headers.py)."),
    )
    is_secret = models.BooleanField(_("secret"), default=False, help_text=_("The text holds a PIN or a password."))
    reference = models.CharField(
        _("reference"),
        max_length=64,
        blank=True,
        db_index=True,
        help_text=_("What it is about, for the maker of attachments."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    cancellation = models.CharField(
        _("why cancelled"),
        max_length=10,
        choices=Cancellation,
        default="",
        db_default="",
        blank=True,
        help_text=_(
            "What a worker is sending meanwhile goes out, or is cancelled where it would wait for another try."
        ),
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due at"), default=timezone.now, help_text=_("Not sent before this time."))
    claimed_at = models.DateTimeField(
        _("claimed at"), null=True, blank=True, help_text=_("When a worker last took it.")
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    provider_id = models.CharField(_("provider's identifier"), max_length=64, blank=True, db_index=True)
    error = models.TextField(_("error"), blank=True, help_text=_("What the gateway said last."))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-id",)
        indexes = [
            # The order in which delivery takes messages; only what waits is in the index.
            models.Index(
                F("channel"), F("lane"), F("due_at"), F("id"), name="message_waiting", condition=Q(state="QUEUED")
            ),
            # The order in which files are made.
            models.Index(F("lane"), F("due_at"), F("id"), name="message_to_prepare", condition=Q(state="PREPARING")),
            models.Index(F("claimed_at"), name="message_in_work", condition=Q(state__in=("PREPARING", "SENDING"))),
            models.Index(F("id"), name="message_failed", condition=Q(state="FAILED")),  # staff look after them
            models.Index(F("sent_at"), name="message_pins_sent", condition=Q(lane=1, sent_at__isnull=False)),
            # Of e-mails that somebody waits for, those of the last minutes: how long they take (delay.py).
            models.Index(
                F("sent_at"),
                name="message_emails_sent",
                condition=Q(channel="EMAIL", lane__lt=3, sent_at__isnull=False),
            ),
            models.Index(F("recipient"), name="message_by_recipient"),  # staff and the 1221 line look for it
            models.Index(
                F("letter_batch"), F("id"), name="message_of_a_batch", condition=Q(letter_batch__isnull=False)
            ),
            models.Index(F("owner"), F("id"), name="message_letters_of", condition=~Q(owner="")),
        ]

        constraints = [
            models.CheckConstraint(
                condition=Q(channel="LETTER") ^ ~Q(recipient=""), name="only_a_letter_has_no_recipient"
            ),
            models.CheckConstraint(
                condition=Q(channel="LETTER")
                | Q(address=None, letter_batch=None) & ~Q(state__in=("PRINTED", "POSTED")),
                name="only_a_letter_is_printed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.template} ({self.pk})"


class ProviderReport(models.Model):
    """A provider's report on an identifier that no message has yet: its own answer is still on the way."""

    provider_id = models.CharField(_("provider's identifier"), max_length=64, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=Message.State)
    error = models.TextField(_("error"), blank=True)
    received_at = models.DateTimeField(_("received at"), db_index=True)

    class Meta:
        verbose_name = _("report of a provider")
        verbose_name_plural = _("reports of providers")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=("DELIVERED", "FAILED")), name="report_is_about_the_end"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id}: {self.state}"


class Attachment(models.Model):
    """A file that goes with an e-mail; removed once a real provider has it."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="attachments", verbose_name=_("message"))
    name = models.CharField(pgettext_lazy("file", "name"), max_length=100)
    content_type = models.CharField(_("content type"), max_length=100)
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [models.UniqueConstraint("message", "name", name="attachment_is_unique")]

    def __str__(self) -> str:
        return self.name
