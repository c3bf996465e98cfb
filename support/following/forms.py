"""Forms of a site's staff about their tickets."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.several_files import FilesField
from crs.typed import LinesField, PlainField
from support.models import Category

LONGEST_TEXT = 20_000


class MessageForm(forms.Form):
    """Something more to a ticket."""

    text = LinesField(
        label=_("What you want to write to the help desk"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"rows": 8}),
        error_messages={
            "required": _("Write at least a few words, so that the help desk knows what you need."),
            "max_length": _("The text has more than 20,000 characters. Send it in parts, or as a file."),
        },
    )
    files = FilesField(  # type: ignore[assignment]
        label=_("Files"),
        required=False,
        help_text=_("Such as a picture of the screen. 10 files and 10 MB at most."),
    )


class NewTicketForm(MessageForm):
    """A new ticket."""

    subject = PlainField(
        label=_("What it is about"),
        max_length=200,
        help_text=_("In a few words, without names and insured numbers, such as: Nejde tisk certifikátu."),
        error_messages={"required": _("Write in a few words what it is about.")},
    )
    category = forms.ModelChoiceField(
        Category.objects.filter(is_active=True),
        label=_("Category"),
        required=False,
        empty_label=pgettext_lazy("category", "– I do not know –"),
    )

    field_order = ("subject", "category", "text", "files")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("What happened, or what you need")
        self.fields["text"].help_text = _(
            "What you did, what you saw, since when. Say of whom you write by the number of their reservation."
        )
