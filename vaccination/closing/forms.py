"""Forms about the end of a day. What is asked depends on how the day stands."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crs.typed import PlainField
from crs.typed_moment import written
from logistics.models import StockDocument
from vaccination.closing import errors
from vaccination.closing.day import DaySummary
from vaccination.vials.leftovers import Leftover

Reason = StockDocument.Reason

_REASONS = (Reason.LEFT_OVER, Reason.EXPIRED, Reason.SPOILED, Reason.BROKEN, Reason.COLD_CHAIN, Reason.BLOCKED)
# The field that answers a refusal; every other one stands above the form.
_ANSWERS: dict[type[errors.ClosingRefused], str] = {
    errors.StillExpected: "nobody_comes",
    errors.LeftoversNeedReason: "waste_reason",
    errors.DifferenceNeedsExplanation: "explanation",
}


class ClosingForm(forms.Form):
    """The answers of staff at the end of a day: nobody else comes, what becomes of opened doses, why doses differ."""

    nobody_comes = forms.BooleanField(label=gettext_lazy("Nobody else comes today"), required=False)
    kept = forms.MultipleChoiceField(
        label=gettext_lazy("Keep for the next day"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Only what may still be used then. Everything else is thrown away."),
    )
    waste_reason = forms.ChoiceField(
        label=gettext_lazy("Why the opened doses are thrown away"),
        required=False,
        choices=[("", gettext_lazy("choose …")), *((one.value, one.label) for one in _REASONS)],
    )
    explanation = PlainField(
        label=gettext_lazy("Explanation of the difference"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("What happened, in a sentence. No names of people."),
    )

    def __init__(self, data: Any = None, *, day: DaySummary, **kwargs: Any) -> None:
        all_are_over = bool(day.leftovers) and all(one.is_over for one in day.leftovers)
        initial = {"waste_reason": Reason.EXPIRED if all_are_over else ""}
        super().__init__(data, initial=initial, **kwargs)
        self._ask("nobody_comes", errors.StillExpected(people=len(day.still_expected)), if_=bool(day.still_expected))
        self._ask("explanation", errors.DifferenceNeedsExplanation(), if_=not day.figures.is_even)
        must_go = any(not one.may_be_kept for one in day.leftovers)
        self._ask("waste_reason", errors.LeftoversNeedReason(), if_=must_go)
        kept: Any = self.fields["kept"]
        kept.choices = [(str(one.item.pk), _in_words(one)) for one in day.leftovers if one.may_be_kept]

    def refuse(self, refusal: errors.ClosingRefused) -> None:
        """Show the refusal at the field that answers it."""
        self.add_error(_ANSWERS.get(type(refusal)), str(refusal))

    def _ask(self, name: str, refusal: errors.ClosingRefused, *, if_: bool) -> None:
        """Ask for the field where the operation would refuse without it, as the day stood just now."""
        self.fields[name].required = if_
        self.fields[name].error_messages["required"] = str(refusal)

    def kept_items(self) -> set[int]:
        """The keys of the items that are kept."""
        return {int(key) for key in self.cleaned_data["kept"]}


class ReopeningForm(forms.Form):
    """Why a day is opened again."""

    reason = PlainField(
        label=gettext_lazy("Why it is opened again"),
        max_length=300,
        help_text=gettext_lazy("Such as: a dose was not recorded. No names of people."),
        error_messages={"required": gettext_lazy("Write why the day is opened again.")},
    )


def _in_words(left: Leftover) -> str:
    doses = ngettext("%(count)d dose", "%(count)d doses", left.doses) % {"count": left.doses}
    if left.item.use_by is None:
        return f"{left.item.label}: {doses}"
    until = written(left.item.use_by)
    return f"{left.item.label}: {doses}, {_('use by %(time)s') % {'time': until}}"
