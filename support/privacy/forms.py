"""What is typed around links, and around a look at a timeline."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crs.typed import PlainField
from support.privacy.links import Kind, kinds_for

LONGEST_NUMBER = 200  # the code of a pack has up to a hundred characters


class LinkForm(forms.Form):
    """The kind and the number of what a ticket is about."""

    kind = forms.ChoiceField(label=_("What is it about?"), choices=())
    number = PlainField(
        label=_("Number"),
        max_length=LONGEST_NUMBER,
        error_messages={"required": _("Type or paste the number.")},
    )

    def __init__(self, *args: Any, sees_numbers: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds_for(sees_numbers=sees_numbers)  # type: ignore[attr-defined]
        self.fields["number"].widget.attrs["autocomplete"] = "off"

    def clean_kind(self) -> Kind:
        """One of those that are offered."""
        return Kind(self.cleaned_data["kind"])
