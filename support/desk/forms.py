"""Forms of the desk. They check shape; the operations say whether something may be done."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.row_keys import row_key
from crs.several_files import FilesField
from crs.typed import LinesField, PlainField
from crs.typed_numbers import IntegerField
from logistics.models import VaccinationSite
from support.incidents import running
from support.letters.covering import has_numbers
from support.models import CannedAnswer, Category, Desk, Incident, Level, SavedView, Ticket
from support.tickets import canned, words

LONGEST_ANSWER = 20_000
LONGEST_NOTE = 8_000
_MOST_LETTERS = 1_000_000


def check_variables(text: str) -> None:
    """Raise ValidationError where words in braces stand in a prepared answer that nothing fills in."""
    if unknown := canned.unknown_in(text):
        raise forms.ValidationError(
            _("Nothing fills in %(unknown)s. Use only the words in braces that are listed above."),
            params={"unknown": _in_braces(unknown)},
        )


def check_that_all_is_said(text: str) -> None:
    """Raise ValidationError where the words in braces of a prepared answer still stand in an answer."""
    if left := canned.unfilled_in(text):
        raise forms.ValidationError(
            _("Write what belongs instead of %(left)s, or take it out: the ticket does not say it."),
            params={"left": _in_braces(left)},
        )


def _in_braces(names: list[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


class TicketForm(forms.Form):
    """A form of the page of a ticket; there are several, so each has ids of its own."""

    def __init__(self, data: Any = None, files: Any = None, *, ticket: Ticket, user: User) -> None:
        super().__init__(data, files, auto_id=f"id_{type(self).__name__.removesuffix('Form').lower()}_%s")
        self.ticket, self.user = ticket, user


class PlainActForm(TicketForm):
    """An act that asks for nothing: claim, release, reopen, take apart."""


class ReadForm(TicketForm):
    """An act of somebody who has read all that came: resolve, close, answer."""

    # How many letters the page showed: whoever wrote meanwhile is read first. The page writes it itself.
    seen = IntegerField(min_value=0, max_value=_MOST_LETTERS, required=False)


class AnswerForm(ReadForm):
    """What goes to the sender, and what happens to the ticket afterwards."""

    WAITS, RESOLVED, STAYS = "waits", "resolved", "stays"

    text = LinesField(
        label=_("Answer to the sender"),
        max_length=LONGEST_ANSWER,
        widget=forms.Textarea({"rows": 10, "data-key": "a"}),
        validators=[check_that_all_is_said],
        error_messages={
            "required": _("Write the answer."),
            "max_length": _("The answer has more than 20,000 characters. Send it in parts, or as a file."),
        },
    )
    then = forms.ChoiceField(
        label=_("After it is sent"),
        choices=[
            (WAITS, _("it waits for the sender (the clock stands)")),
            (RESOLVED, _("it is resolved")),
            (STAYS, _("it stays in my work (the clock runs)")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happens after the answer is sent.")},
    )
    enclosures = FilesField(
        label=_("Files"),
        required=False,
        help_text=_("10 files and 10 MB at most. They are sent by e-mail, which is no place for health data."),
    )


class SendAgainForm(TicketForm):
    """To which address a letter goes that did not arrive."""

    address = PlainField(
        label=_("E-mail address"),
        max_length=320,
        error_messages={"required": _("Write the address to which it is to go.")},
    )


class CannedForm(TicketForm):
    """Which prepared answer is put into the answer."""

    canned = forms.ModelChoiceField(
        CannedAnswer.objects.none(),
        label=_("Prepared answer"),
        required=False,
        empty_label=pgettext_lazy("prepared answer", "– choose –"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = CannedAnswer.objects.filter(is_active=True, desk__in=("", self.ticket.desk))
        self.fields["canned"].queryset = offered  # type: ignore[attr-defined]


class NoteForm(TicketForm):
    """Words inside the desk."""

    text = LinesField(
        label=_("Internal note"),
        max_length=LONGEST_NOTE,
        help_text=_("The sender never reads it."),
        widget=forms.Textarea({"rows": 4, "data-key": "n"}),
        error_messages={
            "required": _("Write the note."),
            "max_length": _("The note has more than 8,000 characters. Write it in parts."),
        },
    )


class ReasonForm(TicketForm):
    """Why a ticket goes to another level."""

    reason = LinesField(
        label=_("Reason"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea({"rows": 3}),
        error_messages={
            "required": _("Write the reason: whoever takes the ticket reads it first."),
            "max_length": _("The reason has more than 8,000 characters. Write it shorter."),
        },
    )
    key = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs["data-key"] = self.key


class EscalateForm(ReasonForm):
    """What the higher level needs to know."""

    key = "e"


class HandBackForm(ReasonForm):
    """What the lower level is to do."""

    key = "b"


class NameChoice(forms.ModelChoiceField[User]):
    """A choice of users by their names."""

    def label_from_instance(self, obj: Any) -> str:
        """The name, and with which login."""
        return f"{obj.get_full_name()} ({obj.get_username()})" if obj.get_full_name() else obj.get_username()


class AssignForm(TicketForm):
    """To whom the ticket is given."""

    to = NameChoice(
        User.objects.none(),
        label=_("Give it to"),
        error_messages={
            "required": _("Choose to whom you give it."),
            "invalid_choice": _("This colleague cannot work on the ticket. Choose somebody of its level or above."),
        },
    )

    def __init__(self, *args: Any, colleagues: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if colleagues is not None:
            self.fields["to"].queryset = colleagues  # type: ignore[attr-defined]


class SortForm(TicketForm):
    """What a ticket is about, and how soon it is wanted."""

    desk = forms.ChoiceField(label=_("Which help desk"), choices=Desk)
    category = forms.ModelChoiceField(
        Category.objects.none(),
        label=_("Category"),
        required=False,
        empty_label=pgettext_lazy("category", "– none –"),
    )
    priority = forms.TypedChoiceField(label=_("Priority"), choices=Ticket.Priority, coerce=int)
    site = forms.ModelChoiceField(
        VaccinationSite.objects.none(),
        label=_("Site"),
        required=False,
        empty_label=pgettext_lazy("site", "– none –"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Category.objects.filter(is_active=True) | Category.objects.filter(pk=self.ticket.category_id or 0)
        self.fields["category"].queryset = known  # type: ignore[attr-defined]
        self.fields["site"].queryset = VaccinationSite.objects.order_by("name__czech").only("name")  # type: ignore[attr-defined]
        for name in self.fields:
            value = getattr(self.ticket, name)
            self.fields[name].initial = getattr(value, "pk", value)


class MergeForm(TicketForm):
    """Into which ticket this one goes."""

    number = PlainField(
        label=_("Number of the other ticket"),
        max_length=40,
        help_text=_("Such as CRS-000123. You will see it before anything happens."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": _("Write the number of the ticket into which this one goes.")},
    )

    def clean_number(self) -> int:
        """The key of the other ticket."""
        key = key_of_number(self.cleaned_data["number"])
        if key is None:
            raise forms.ValidationError(_("This is no number of a ticket. It looks like CRS-000123."))
        if key == self.ticket.pk:
            raise forms.ValidationError(_("This is the number of this ticket. Write that of the other one."))
        return key


class IncidentForm(TicketForm):
    """Which known problem the ticket is about."""

    incident = forms.ModelChoiceField(
        Incident.objects.none(),
        label=_("Known problem"),
        required=False,
        empty_label=pgettext_lazy("known problem", "– none –"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = running.linkable(timezone.now()) | Incident.objects.filter(pk=self.ticket.incident_id or 0)
        self.fields["incident"].queryset = known  # type: ignore[attr-defined]
        self.fields["incident"].initial = self.ticket.incident_id


class WordsForm(forms.Form):
    """Words to look for, or the number of a ticket."""

    text = PlainField(label=_("Words, a name, or the number of a ticket"), max_length=200, required=False)

    def clean_text(self) -> str:
        """Words that the session may keep."""
        text: str = self.cleaned_data["text"]
        if has_numbers(text):
            raise forms.ValidationError(
                _(
                    "An insured number is not looked for here. Level 2 and above look for it under "
                    "“Search by an insured number”, and each such search is logged."
                )
            )
        if words.has_too_many(text):
            most = {"most": words.WORDS_OF_A_QUESTION}
            raise forms.ValidationError(_("Write fewer words to look for, %(most)d at most.") % most)
        return text


class InsuredNumberForm(forms.Form):
    """An insured number to look for."""

    insured_number = PlainField(
        label=_("Insured number"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"}),
        error_messages={"required": _("Write the insured number.")},
    )


class FilterForm(forms.Form):
    """Which tickets of a list are shown; empty: all. An address names what was chosen by these names and keys."""

    desk = forms.ChoiceField(
        label=_("Which help desk"), choices=[("", pgettext_lazy("help desk", "both")), *Desk.choices], required=False
    )
    level = forms.TypedChoiceField(
        label=pgettext_lazy("ticket", "Level"),
        choices=[("", pgettext_lazy("level", "all")), *Level.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )
    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("Category"), required=False, empty_label=pgettext_lazy("category", "all")
    )
    priority = forms.TypedChoiceField(
        label=_("Priority"),
        choices=[("", pgettext_lazy("priority", "all")), *Ticket.Priority.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )
    site = forms.ModelChoiceField(
        VaccinationSite.objects.order_by("name__czech").only("name"),
        label=_("Site"),
        required=False,
        empty_label=pgettext_lazy("site", "all"),
    )

    def chosen(self) -> dict[str, Any]:
        """What is chosen, as `Filters` take it; what is none of the choices is left out."""
        self.is_valid()
        keys = {name: getattr(value, "pk", value) for name, value in self.cleaned_data.items() if value}
        return {name: str(key) if isinstance(key, UUID) else key for name, key in keys.items()}


class CannedAnswerForm(forms.ModelForm[CannedAnswer]):
    """A prepared answer."""

    title = PlainField(
        label=pgettext_lazy("prepared answer", "Title"),
        max_length=120,
        error_messages={"required": _("Write what the answer is to be called.")},
    )
    text_cs = LinesField(
        label=_("Text in Czech"),
        max_length=8000,
        validators=[check_variables],
        error_messages={"required": _("Write the Czech text.")},
    )
    text_en = LinesField(
        label=_("Text in English"),
        max_length=8000,
        validators=[check_variables],
        required=False,
        help_text=_("Without it those who write in English get the Czech one."),
    )

    class Meta:
        model = CannedAnswer
        fields = ("title", "text_cs", "text_en", "desk", "category", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        both = [("", pgettext_lazy("help desk", "both")), *Desk.choices]
        self.fields["desk"] = forms.ChoiceField(label=_("Which help desk"), choices=both, required=False)
        self.fields["category"].required = False
        self.fields["category"].empty_label = pgettext_lazy("category", "– none –")  # type: ignore[attr-defined]

    def _get_validation_exclusions(self) -> set[str]:
        # That the title is taken the view says in words; Django would name the constraint.
        return {*super()._get_validation_exclusions(), "desk"}  # type: ignore[misc]


class SavedViewForm(forms.ModelForm[SavedView]):
    """What a saved view is called, and where it stands."""

    name = PlainField(
        label=pgettext_lazy("list", "Name"),
        max_length=80,
        error_messages={"required": _("Write what the view is to be called.")},
    )

    class Meta:
        model = SavedView
        fields = ("name", "position")
        field_classes = {"position": IntegerField}


def key_of_number(text: str) -> int | None:
    """The key in the number of a ticket as people write it: CRS-000123, crs 123, #123, 123."""
    digits = text.strip().lstrip("#").upper().removeprefix("CRS").lstrip(" -–—_.#").replace(" ", "")
    return row_key(digits) or None


def is_written_as_number(text: str) -> bool:
    """Whether it can be nothing but the number of a ticket; digits alone may be any number."""
    return text.strip().upper().startswith(("#", "CRS"))
