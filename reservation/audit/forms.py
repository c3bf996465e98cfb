"""What an auditor asks: which reservations are drawn, and why one is opened."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.typed import LinesField
from crs.typed_moment import DayField, written_day
from crs.typed_numbers import WholeNumberField
from logistics.models import Region
from reservation.audit.sampling import LARGEST, LARGEST_SEED, Asked

USUAL_SIZE = 50
LONGEST_DAYS = 366
LONGEST_REASON = 500
_SHORTEST_REASON = 5


class SampleForm(forms.Form):
    """The question; its fields are those of the address, because whoever has it draws the same sample."""

    od = DayField(
        label=_("Confirmed from"),
        needs_year=True,
        error_messages={"required": _("Write the first day.")},
    )
    do = DayField(
        label=_("Confirmed until"),
        needs_year=True,
        help_text=_("A day that is over: no reservation is added to it, so anybody can draw the same sample again."),
        error_messages={"required": _("Write the last day.")},
    )
    kraj = forms.ModelChoiceField(
        label=_("Region"),
        queryset=Region.objects.order_by("name__czech"),
        required=False,
        empty_label=pgettext_lazy("regions", "all regions"),
    )
    pocet = WholeNumberField(
        label=_("How many reservations"),
        lowest=1,
        highest=LARGEST,
        error_messages={"required": _("Write how many reservations are drawn.")},
    )
    seed = WholeNumberField(
        label=_("Number of the draw"),
        lowest=1,
        highest=LARGEST_SEED,
        required=False,
        help_text=_(
            "Empty: the draw gets a new one. With the number of an earlier draw you see the same reservations."
        ),
    )

    @classmethod
    def usual(cls) -> dict[str, Any]:
        """What the empty form offers: the last seven days that are over."""
        today = timezone.localdate()
        first, last = today - timedelta(days=7), today - timedelta(days=1)
        return {"od": written_day(first), "do": written_day(last), "pocet": USUAL_SIZE}

    def clean(self) -> dict[str, Any]:
        """Days in their order, and over."""
        said: dict[str, Any] = super().clean() or {}
        first, last = said.get("od"), said.get("do")
        if last is not None and last >= timezone.localdate():
            self.add_error("do", _("Choose a day that is over: today further reservations are still confirmed."))
        elif first is not None and last is not None:
            if first > last:
                self.add_error("do", _("The last day is before the first one."))
            elif (last - first).days >= LONGEST_DAYS:
                self.add_error("od", _("Choose a year at most."))
        return said

    def asked(self, seed: int) -> Asked:
        """The question of a valid form."""
        said = self.cleaned_data
        return Asked(said["pocet"], said["od"], said["do"], seed, said["kraj"])


class OpeningForm(forms.Form):
    """Why an auditor reads whose reservation it is; kept encrypted."""

    reason = LinesField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea({"rows": 3, "autocomplete": "off"}),
        help_text=_("Why you have to know whose reservation it is. It is kept encrypted, in the log of looks."),
        error_messages={"required": _("Please write the reason.")},
    )

    def clean_reason(self) -> str:
        """A sentence, not a dot."""
        reason: str = self.cleaned_data["reason"]
        if sum(one.isalnum() for one in reason) < _SHORTEST_REASON:
            raise forms.ValidationError(_("Please write the reason in words."))
        return reason
