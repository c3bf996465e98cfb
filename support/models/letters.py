"""Letters in and out, as they came, and their files."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.encryption import EncryptedTextField, SealedBinaryField
from crs.messaging.models import Message
from support.models.tickets import Desk, Note, Ticket


class Letter(models.Model):
    """An e-mail to a desk or from it. One that came in is kept before anything reads it."""

    class Direction(models.TextChoices):
        """Which way it goes."""

        IN = "IN", pgettext_lazy("letter", "came in")
        OUT = "OUT", pgettext_lazy("letter", "went out")

    class State(models.TextChoices):
        """docs/states.md, 'Letter'."""

        RECEIVED = "RECEIVED", pgettext_lazy("letter", "kept, not yet at a ticket")
        FILED = "FILED", pgettext_lazy("letter", "at its ticket")
        UNREADABLE = "UNREADABLE", pgettext_lazy("letter", "at its ticket as it came: nothing could read it")

    class Kind(models.TextChoices):
        """What sort of letter it is; the first six came in."""

        HUMAN = "HUMAN", pgettext_lazy("letter", "letter")
        AUTO_REPLY = "AUTO_REPLY", pgettext_lazy("letter", "automatic reply")
        BOUNCE = "BOUNCE", pgettext_lazy("letter", "could not be delivered")
        LIST = "LIST", pgettext_lazy("letter", "from a mailing list")
        OWN = "OWN", pgettext_lazy("letter", "our own letter came back")
        PAGE = "PAGE", pgettext_lazy("letter", "written on the pages of a site")
        RECEIPT = "RECEIPT", pgettext_lazy("letter", "receipt")
        ANSWER = "ANSWER", pgettext_lazy("letter", "answer")
        CLOSING = "CLOSING", pgettext_lazy("letter", "closing")

    ticket = models.ForeignKey(
        Ticket, models.PROTECT, related_name="letters", verbose_name=_("ticket"), null=True, blank=True
    )
    desk = models.CharField(_("help desk"), max_length=5, choices=Desk)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.HUMAN)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    identity = models.CharField(
        _("identity"),
        max_length=64,
        blank=True,
        help_text=_("Hash of the letter without what servers added on its way: it is taken once a desk."),
    )
    message_id = models.CharField(_("Message-ID"), max_length=1000, blank=True)
    message_key = models.CharField(
        _("hash of the Message-ID"), max_length=64, blank=True, help_text=_("Answers are found by it.")
    )
    envelope_sender = models.CharField(_("sender on the envelope"), max_length=320, blank=True)
    envelope_recipient = models.CharField(_("recipient on the envelope"), max_length=320, blank=True)
    from_address = models.CharField(_("from"), max_length=320, blank=True)
    from_name = models.CharField(_("name of the sender"), max_length=200, blank=True)
    to_address = models.CharField(_("to"), max_length=320, blank=True, help_text=_("Of a letter that went out."))
    subject: Any = EncryptedTextField(_("subject"), null=True, blank=True, help_text=_("Encrypted."))
    text: Any = EncryptedTextField(
        _("text"), null=True, blank=True, help_text=_("Encrypted. What the person wrote; empty once erased.")
    )
    quoted: Any = EncryptedTextField(
        _("quoted text"), null=True, blank=True, help_text=_("Encrypted. What they quote below it.")
    )
    has_numbers = models.BooleanField(_("holds an insured number"), default=False)
    notices = models.JSONField(
        _("notices"), default=list, blank=True, help_text=_("Codes of what was found odd: support/letters/notices.py.")
    )
    written_at = models.DateTimeField(
        _("written at"), null=True, blank=True, help_text=_("As its sender's clock says; nothing is ordered by it.")
    )
    received_at = models.DateTimeField(_("received or sent at"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("written by"),
        null=True,
        blank=True,
        help_text=_("Of an answer, or of what was written on a page."),
    )
    outbox_message = models.OneToOneField(
        Message, models.SET_NULL, related_name="+", verbose_name=_("message in the outbox"), null=True, blank=True
    )
    refused_at = models.DateTimeField(
        _("refused at"), null=True, blank=True, help_text=_("A bounce said that it did not arrive.")
    )
    refusal = models.CharField(_("why refused"), max_length=300, blank=True)
    settled_at = models.DateTimeField(
        _("refusal settled at"), null=True, blank=True, help_text=_("The desk has seen that it did not arrive.")
    )
    tries = models.PositiveSmallIntegerField(_("tries to file it"), default=0)
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ("received_at", "id")
        constraints = [
            models.UniqueConstraint(
                "desk", "identity", name="letter_is_taken_once", condition=Q(direction="IN") & ~Q(identity="")
            ),
            models.CheckConstraint(
                condition=Q(state="RECEIVED", ticket=None) | (~Q(state="RECEIVED") & Q(ticket__isnull=False)),
                name="filed_letter_has_its_ticket",
            ),
            models.CheckConstraint(
                condition=Q(direction="IN") | Q(state="FILED"), name="letter_goes_out_from_a_ticket"
            ),
        ]
        indexes = [
            models.Index(fields=["message_key"], name="letters_by_message_id", condition=~Q(message_key="")),
            models.Index(fields=["received_at"], name="letters_to_file", condition=Q(state="RECEIVED")),
            models.Index(fields=["from_address", "received_at"], name="letters_of_sender"),
            models.Index(fields=["to_address", "received_at"], name="letters_to_address", condition=Q(direction="OUT")),
            models.Index(
                fields=["refused_at"], name="letters_refused", condition=Q(refused_at__isnull=False, settled_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.pk}"


class RawLetter(models.Model):
    """A letter as it came, byte by byte."""

    letter = models.OneToOneField(
        Letter, models.CASCADE, primary_key=True, related_name="raw", verbose_name=_("letter")
    )
    content: Any = SealedBinaryField(_("content"), help_text=_("Encrypted."))
    size = models.PositiveIntegerField(_("bytes"))

    class Meta:
        verbose_name = _("letter as it came")
        verbose_name_plural = _("letters as they came")

    def __str__(self) -> str:
        return str(self.letter_id)


class StoredFile(models.Model):
    """The bytes of a file, kept once however often people send it (pictures in signatures)."""

    digest = models.CharField(_("keyed hash"), max_length=64, unique=True)
    content: Any = SealedBinaryField(_("content"), help_text=_("Encrypted."))
    size = models.PositiveIntegerField(_("bytes"))

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")

    def __str__(self) -> str:
        return str(self.pk)


class Attachment(models.Model):
    """A file of a letter or a note."""

    letter = models.ForeignKey(
        Letter, models.CASCADE, related_name="attachments", verbose_name=_("letter"), null=True, blank=True
    )
    note = models.ForeignKey(
        Note, models.CASCADE, related_name="attachments", verbose_name=_("note"), null=True, blank=True
    )
    file = models.ForeignKey(
        StoredFile,
        models.PROTECT,
        related_name="attachments",
        verbose_name=_("file"),
        null=True,
        blank=True,
        help_text=_("Empty once erased."),
    )
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(pgettext_lazy("file", "name"), max_length=200)
    content_type = models.CharField(_("content type"), max_length=100)
    size = models.PositiveIntegerField(_("bytes"))
    is_inline = models.BooleanField(_("shown in the text"), default=False)
    has_numbers = models.BooleanField(_("holds an insured number"), default=False)
    summary: Any = EncryptedTextField(
        _("what it says"), null=True, blank=True, help_text=_("Encrypted. Of letters and invitations, as text.")
    )

    class Meta:
        verbose_name = _("file of a letter")
        verbose_name_plural = _("files of letters")
        ordering = ("position", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(letter=None, note__isnull=False) | Q(letter__isnull=False, note=None),
                name="file_is_of_a_letter_or_a_note",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
