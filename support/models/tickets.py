"""Tickets, their notes, their clocks, and who takes part."""

import uuid
from typing import Any

import pghistory
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certificates.models import Certificate
from crs import languages
from crs.encryption import EncryptedTextField
from logistics.models import Batch, StockDocument, VaccinationSite
from registration.models import Person
from reservation.models import Reservation
from support.models.incidents import Incident


class Desk(models.TextChoices):
    """To whom people write (slides: two addresses)."""

    SITES = "SITES", pgettext_lazy("help desk", "vaccination sites")
    LINE = "LINE", pgettext_lazy("help desk", "line 1221")


class Level(models.IntegerChoices):
    """Who works on it (slides: L1 field team of the army, L2 dispatcher, L3 expert). The desk of the line has no L1."""

    L1 = 1, _("L1, field team")
    L2 = 2, _("L2, dispatcher")
    L3 = 3, _("L3, expert")


# Where tickets of a desk begin, and whose rule says when their first answer is due.
FIRST_LEVEL = {Desk.SITES: Level.L1, Desk.LINE: Level.L2}


class Category(models.Model):
    """What tickets are about; it says how long their letters are kept."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_cs = models.CharField(_("name in Czech"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    keeps_days = models.PositiveSmallIntegerField(
        _("days kept"),
        help_text=_("So many days after a ticket is closed its letters and files are erased; the ticket's facts stay."),
    )
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("category of tickets")
        verbose_name_plural = _("categories of tickets")
        ordering = ("position", "code")
        constraints = [models.CheckConstraint(condition=Q(keeps_days__gte=1), name="category_keeps_a_day")]

    def __str__(self) -> str:
        return self.name_cs if languages.of_two() == "cs" else self.name_en


class LevelRule(models.Model):
    """When a level works, and how soon it is to answer and to be done, in minutes of its working time."""

    level = models.PositiveSmallIntegerField(_("level"), choices=Level, unique=True)
    opens_at = models.TimeField(pgettext_lazy("working hours", "opens at"))
    closes_at = models.TimeField(
        pgettext_lazy("working hours", "closes at"), help_text=_("23:59 means until midnight.")
    )
    works_on_weekends = models.BooleanField(_("works on weekends"), default=False)
    works_on_holidays = models.BooleanField(_("works on public holidays"), default=False)
    answer_minutes = models.PositiveIntegerField(
        _("first answer within"), help_text=_("Minutes of working time; shorter for urgent tickets.")
    )
    stay_minutes = models.PositiveIntegerField(
        _("done within"), help_text=_("Minutes of working time at this level; shorter for urgent tickets.")
    )

    class Meta:
        verbose_name = _("working hours and targets of a level")
        verbose_name_plural = _("working hours and targets of levels")
        ordering = ("level",)
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=models.F("opens_at")), name="level_opens_before_it_closes"
            ),
            models.CheckConstraint(condition=Q(answer_minutes__gte=1, stay_minutes__gte=1), name="level_has_time"),
        ]

    def __str__(self) -> str:
        return str(self.get_level_display())


# The history holds no words and addresses of people: they go when the letters are erased.
@pghistory.track(exclude=["search", "subject", "requester_address", "requester_name"])
class Ticket(models.Model):
    """A question or a fault, from the first letter to the last."""

    class State(models.TextChoices):
        """docs/states.md, 'Ticket'."""

        NEW = "NEW", pgettext_lazy("ticket", "new")
        ASSIGNED = "ASSIGNED", pgettext_lazy("ticket", "in work")
        WAITING = "WAITING", pgettext_lazy("ticket", "waiting for the sender")
        REOPENED = "REOPENED", pgettext_lazy("ticket", "reopened")
        RESOLVED = "RESOLVED", pgettext_lazy("ticket", "resolved")
        CLOSED = "CLOSED", pgettext_lazy("ticket", "closed")
        MERGED = "MERGED", pgettext_lazy("ticket", "part of another ticket")

    class Priority(models.IntegerChoices):
        """A lower number goes first."""

        URGENT = 1, pgettext_lazy("ticket", "urgent")
        HIGH = 2, pgettext_lazy("ticket", "high")
        NORMAL = 3, pgettext_lazy("ticket", "normal")
        LOW = 4, pgettext_lazy("ticket", "low")

    class Way(models.TextChoices):
        """How it came."""

        LETTER = "LETTER", pgettext_lazy("ticket", "by e-mail")
        SITE_PAGE = "SITE_PAGE", pgettext_lazy("ticket", "on the pages of a site")
        DESK = "DESK", pgettext_lazy("ticket", "written down by the desk")

    desk = models.CharField(_("help desk"), max_length=5, choices=Desk)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NEW)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.NORMAL)
    way = models.CharField(_("how it came"), max_length=10, choices=Way, default=Way.LETTER)
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="tickets", verbose_name=_("category"), null=True, blank=True
    )
    site = models.ForeignKey(
        VaccinationSite, models.PROTECT, related_name="tickets", verbose_name=_("site"), null=True, blank=True
    )
    subject = models.CharField(
        _("subject"), max_length=300, blank=True, help_text=_("Insured numbers in it are covered; the letter has all.")
    )
    language = models.CharField(_("language"), max_length=5, help_text=_("In which the sender is answered."))
    requester_address = models.CharField(
        _("sender's e-mail"), max_length=320, blank=True, help_text=_("Empty: nobody can be answered.")
    )
    requester_name = models.CharField(_("sender's name"), max_length=200, blank=True)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("sender's login"),
        null=True,
        blank=True,
        help_text=_("Only of those who opened it on the pages of a site: an address in a letter proves nothing."),
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("assigned to"),
        null=True,
        blank=True,
    )
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("being worked on by"),
        null=True,
        blank=True,
    )
    claimed_until = models.DateTimeField(_("worked on until"), null=True, blank=True)
    incident = models.ForeignKey(
        Incident, models.SET_NULL, related_name="tickets", verbose_name=_("known problem"), null=True, blank=True
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, related_name="merged", verbose_name=_("part of"), null=True, blank=True
    )
    state_before_merge = models.CharField(
        _("state before it became a part"), max_length=10, choices=State, default="", blank=True
    )
    opened_at = models.DateTimeField(pgettext_lazy("ticket", "opened at"))
    changed_at = models.DateTimeField(_("last letter or act at"))
    answered_at = models.DateTimeField(_("first answered at"), null=True, blank=True)
    answer_due_at = models.DateTimeField(_("first answer due at"), null=True, blank=True)
    due_at = models.DateTimeField(
        pgettext_lazy("ticket", "due at"),
        null=True,
        blank=True,
        help_text=_("When its level is to be done with it; empty: it waits."),
    )
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    reopened_count = models.PositiveSmallIntegerField(_("times reopened"), default=0)
    erased_at = models.DateTimeField(_("letters erased at"), null=True, blank=True)
    search = SearchVectorField(null=True, help_text="Covered words of subject, letters and notes, without accents.")

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(condition=~Q(desk="LINE", level=1), name="line_has_no_first_level"),
            models.CheckConstraint(
                condition=Q(claimed_by=None, claimed_until=None)
                | Q(claimed_by__isnull=False, claimed_until__isnull=False),
                name="claim_has_its_end",
            ),
            models.CheckConstraint(
                condition=Q(state="MERGED", merged_into__isnull=False) | (~Q(state="MERGED") & Q(merged_into=None)),
                name="merged_ticket_names_the_other",
            ),
            models.CheckConstraint(condition=~Q(merged_into=models.F("id")), name="ticket_is_no_part_of_itself"),
            models.CheckConstraint(
                condition=~Q(state="CLOSED") | Q(closed_at__isnull=False), name="closed_ticket_has_its_time"
            ),
        ]
        indexes = [
            # The desks' lists: what is open, in the order of work.
            models.Index(
                fields=["desk", "level", "priority", "due_at"],
                name="tickets_open",
                condition=Q(state__in=("NEW", "ASSIGNED", "REOPENED", "WAITING")),
            ),
            models.Index(fields=["assignee", "state"], name="tickets_of_assignee"),
            models.Index(fields=["site", "-changed_at"], name="tickets_of_site"),
            models.Index(fields=["requester_address"], name="tickets_of_sender"),
            models.Index(fields=["closed_at"], name="tickets_to_erase", condition=Q(erased_at=None, state="CLOSED")),
            models.Index(fields=["opened_at"], name="tickets_by_opening"),
            GinIndex(fields=["search"], name="tickets_by_words"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """As people read it and say it on the telephone."""
        return f"CRS-{self.pk:06d}"


class Stay(models.Model):
    """A ticket's time at one level: its clock."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="stays", verbose_name=_("ticket"))
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    runs_since = models.DateTimeField(
        _("runs since"), null=True, blank=True, help_text=_("Empty: the clock stands, for the ticket waits or is done.")
    )
    spent = models.DurationField(_("spent"), help_text=_("Working time before that."))
    allowed_minutes = models.PositiveIntegerField(_("allowed"), help_text=_("Minutes of working time."))

    class Meta:
        verbose_name = _("stay at a level")
        verbose_name_plural = _("stays at levels")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint("ticket", condition=Q(until=None), name="ticket_is_at_one_level"),
            models.CheckConstraint(condition=Q(until=None) | Q(runs_since=None), name="ended_clock_stands"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} L{self.level}"


class Note(models.Model):
    """Words inside the desk; the sender never reads them."""

    class Kind(models.TextChoices):
        """What they go with."""

        NOTE = "NOTE", pgettext_lazy("ticket", "note")
        ESCALATION = "ESCALATION", pgettext_lazy("ticket", "passed to a higher level")
        HAND_BACK = "HAND_BACK", pgettext_lazy("ticket", "handed back")
        MERGE = "MERGE", pgettext_lazy("ticket", "merged")
        TAKE_APART = "TAKE_APART", pgettext_lazy("ticket", "taken apart")
        MAIL = "MAIL", pgettext_lazy("ticket", "what happened to a letter")

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="notes", verbose_name=_("ticket"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.NOTE)
    text: Any = EncryptedTextField(_("text"), null=True, blank=True, help_text=_("Encrypted; empty once erased."))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), null=True, blank=True
    )
    at = models.DateTimeField(_("at"))
    from_level = models.PositiveSmallIntegerField(_("from level"), choices=Level, null=True, blank=True)
    to_level = models.PositiveSmallIntegerField(_("to level"), choices=Level, null=True, blank=True)

    class Meta:
        verbose_name = _("note at a ticket")
        verbose_name_plural = _("notes at tickets")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.kind}"


class Participant(models.Model):
    """Somebody else who wrote into a ticket. They are not answered, and are never its sender."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="participants", verbose_name=_("ticket"))
    address = models.CharField(_("e-mail"), max_length=320)
    name = models.CharField(pgettext_lazy("person", "name"), max_length=200, blank=True)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("participant in a ticket")
        verbose_name_plural = _("participants in tickets")
        ordering = ("since", "id")
        constraints = [models.UniqueConstraint("ticket", "address", name="participant_joins_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.pk}"


class TicketNumber(models.Model):
    """An insured number in a ticket's letters, files or notes, by which the ticket is found."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="numbers", verbose_name=_("ticket"))
    number_hash = models.CharField(_("keyed hash of the insured number"), max_length=64)

    class Meta:
        verbose_name = _("insured number in a ticket")
        verbose_name_plural = _("insured numbers in tickets")
        ordering = ("id",)
        # The hash comes first, for tickets are found by it.
        constraints = [models.UniqueConstraint("number_hash", "ticket", name="number_is_kept_once_a_ticket")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.pk}"


class TicketLink(models.Model):
    """What a ticket is about: exactly one row of another room."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="links", verbose_name=_("ticket"))
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name=_("person"), null=True, blank=True
    )
    reservation = models.ForeignKey(
        Reservation, models.CASCADE, related_name="+", verbose_name=_("reservation"), null=True, blank=True
    )
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="+", verbose_name=_("batch"), null=True, blank=True)
    document = models.ForeignKey(
        StockDocument, models.CASCADE, related_name="+", verbose_name=_("document"), null=True, blank=True
    )
    certificate = models.ForeignKey(
        Certificate, models.CASCADE, related_name="+", verbose_name=_("certificate"), null=True, blank=True
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("link of a ticket")
        verbose_name_plural = _("links of tickets")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    models.lookups.Exact(
                        models.Func(
                            "person",
                            "reservation",
                            "batch",
                            "document",
                            "certificate",
                            function="num_nonnulls",
                            output_field=models.IntegerField(),
                        ),
                        1,
                    )
                ),
                name="link_has_one_end",
            ),
            models.UniqueConstraint(
                "ticket",
                "person",
                "reservation",
                "batch",
                "document",
                "certificate",
                name="link_is_made_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.pk}"


class CannedAnswer(models.Model):
    """An answer prepared: variables in braces are filled in when it is chosen."""

    title = models.CharField(_("title"), max_length=120)
    text_cs = models.TextField(_("text in Czech"), max_length=8000)
    text_en = models.TextField(_("text in English"), max_length=8000, blank=True)
    desk = models.CharField(
        _("help desk"), max_length=5, choices=Desk, default="", blank=True, help_text=_("Empty: for both.")
    )
    category = models.ForeignKey(
        Category, models.SET_NULL, related_name="+", verbose_name=_("category"), null=True, blank=True
    )
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("prepared answer")
        verbose_name_plural = _("prepared answers")
        ordering = ("title__czech",)
        constraints = [models.UniqueConstraint("title", "desk", name="canned_answer_has_its_title")]

    def __str__(self) -> str:
        return self.title


class SavedView(models.Model):
    """A list of tickets that somebody wants again: one's own, or everybody's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="+",
        verbose_name=_("owner"),
        null=True,
        blank=True,
        help_text=_("Empty: everybody has it."),
    )
    name = models.CharField(pgettext_lazy("list", "name"), max_length=80)
    filters = models.JSONField(_("what it shows"), default=dict)
    position = models.PositiveSmallIntegerField(_("position"), default=100)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("position", "name__czech")
        constraints = [models.UniqueConstraint("owner", "name", name="view_has_its_name", nulls_distinct=False)]

    def __str__(self) -> str:
        return self.name
