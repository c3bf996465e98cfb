"""To which sites a person comes when they are called, and in how many minutes."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from registration.applying.preferred_sites import NeededSites
from reservation.substitutes.agreeing import MOST_SITES

WAYS = (15, 30, 45, 60, 90, 120)


def _ways() -> list[tuple[int, str]]:
    """Named when they are shown, in the language of the page."""
    return [
        (way, ngettext("within %(count)d minute", "within %(count)d minutes", way) % {"count": way}) for way in WAYS
    ]


class AgreementForm(NeededSites):
    """To which sites the person comes, and in how many minutes."""

    minutes = forms.TypedChoiceField(
        label=_("How soon can you be there?"),
        choices=_ways,
        coerce=int,
        widget=forms.RadioSelect,
        help_text=_("From the moment when you read the SMS. We ask you only if you can be there in time."),
        error_messages={"required": _("Choose how soon you can be there.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sites"].label = _("Vaccination sites to which you can come")

    @classmethod
    def typed(cls, data: QueryDict) -> dict[str, Any]:
        """What stands in the form while region and district are chosen, for an unchecked form."""
        return cls.typed_places(data) | {"minutes": data.get("minutes", "")[:200]}

    def agreement(self) -> dict[str, Any]:
        """The checked sites and minutes."""
        return {"sites": self.cleaned_data["sites"], "minutes": self.cleaned_data["minutes"]}

    def clean(self) -> dict[str, Any]:
        """One to five sites."""
        cleaned = super().clean()
        if len(cleaned.get("sites", ())) > MOST_SITES:
            self.add_error("sites", _("Choose five vaccination sites at most."))
        return cleaned
