"""Forms about vials: which one is opened, and how one ends."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.errors import DomainError
from crs.sometimes_needed import sometimes_needed
from crs.typed_moment import DayField, TimeField, moment_of
from crs.typed_numbers import WholeNumberField
from logistics.models import StockDocument
from logistics.stock.on_hand import Holding
from vaccination.models import VialSession
from vaccination.vials.choosing import chosen_by

Reason = StockDocument.Reason
End = VialSession.End

# The reasons to throw away what is left in a vial, and those to throw away one dose of it.
_REST_REASONS = (Reason.LEFT_OVER, Reason.EXPIRED, Reason.SPOILED, Reason.BROKEN, Reason.COLD_CHAIN, Reason.BLOCKED)
_DOSE_REASONS = (Reason.SPOILED, Reason.BROKEN, Reason.LOST, Reason.MISTAKE)


class OpenVialForm(forms.Form):
    """The vial to open: a scan or a number chooses it, or the list does; a scan alone is enough."""

    scan = sometimes_needed(
        typed.ScanField(
            label=_("Code or batch number on the vial"),
            required=False,
            strip=False,
            max_length=500,
            help_text=_("Scan it, or write the batch number and press Enter: the vial is open then."),
            widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
        )
    )
    item = sometimes_needed(forms.ChoiceField(label=_("Or choose from the stock"), required=False))
    doses = WholeNumberField(
        lowest=1,
        highest=99,
        label=_("Doses drawn from it"),
        required=False,
        help_text=_("Leave empty for as many as it was delivered for."),
    )
    opened_time = sometimes_needed(
        TimeField(
            label=_("Opened at (if it was earlier)"),
            required=False,
            help_text=_("Such as 9:40. Leave empty if you are opening it now."),
            error_messages={"invalid": _("Write the time as 9:40.")},
        )
    )
    opened_on = DayField(label=_("On the day"), required=False, help_text=_("Leave empty for today."))

    def __init__(self, data: Any = None, *, holdings: list[Holding], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.holdings = holdings
        items: Any = self.fields["item"]
        items.choices = [
            ("", _("choose …")),
            *((str(one.item.pk), _described(one)) for one in holdings if one.is_usable),
        ]

    def clean(self) -> dict[str, Any]:
        """Find the vial, and put day and time of an earlier opening together."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if "scan" in typed and "item" in typed:
            self._choose(typed)
        day, clock = typed.get("opened_on"), typed.get("opened_time")
        if day and not clock and "opened_time" not in self.errors:
            self.add_error("opened_time", _("Write also the time at which it was opened."))
        typed["opened_at"] = self._opened_at(day, clock)
        return typed

    def _opened_at(self, day: date | None, clock: time | None) -> datetime | None:
        try:
            return moment_of(day or timezone.localdate(), clock) if clock else None
        except ValueError:  # the hour that summer time leaves out
            self.add_error("opened_time", self.fields["opened_time"].error_messages["invalid"])
            return None

    def _choose(self, typed: dict[str, Any]) -> None:
        if typed["scan"].strip():
            try:
                typed["vial"] = chosen_by(typed["scan"], self.holdings).item
            except DomainError as refusal:
                self.add_error("scan", str(refusal))
        elif typed["item"]:
            typed["vial"] = next(one.item for one in self.holdings if str(one.item.pk) == typed["item"])
        else:
            self.add_error("scan", _("Scan the vial, write its batch number, or choose it from the stock."))


class EndVialForm(forms.Form):
    """How a vial ends; the reason is asked where the rest is thrown away."""

    how = forms.ChoiceField(
        label=_("What happens with the rest"),
        choices=((End.WASTED, _("It is thrown away")), (End.PUT_ASIDE, _("It is put aside and will be used later"))),
        widget=forms.RadioSelect,
        initial=End.WASTED,
        error_messages={"required": _("Choose what happens with the rest.")},
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("choose …")), *((one.value, one.label) for one in _REST_REASONS)],
        help_text=_("If it is thrown away."),
        error_messages={"required": _("Choose why the rest is thrown away.")},
    )
    note = typed.PlainField(label=_("Note"), max_length=300, required=False)

    # A browser that asks for the reason would ask for it also where the vial is put aside.
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = self["how"].value() != End.PUT_ASIDE


class SpoilDoseForm(forms.Form):
    """Why one dose is thrown away."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=[(one.value, one.label) for one in _DOSE_REASONS], initial=Reason.SPOILED
    )
    note = typed.PlainField(label=_("Note"), max_length=300, required=False)


def _described(holding: Holding) -> str:
    use_by = f", {_('use by %(time)s') % {'time': holding.use_by}}" if holding.use_by else ""
    return f"{holding.item.label} – {holding.storage_condition}: {holding.amount}{use_by}"
