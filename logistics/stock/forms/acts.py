"""What a keeper types at the screens of a store. Whether it may be done, the ledger says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from logistics.models import StockDocument, StockItem, StorageCondition
from logistics.stock.ledger import EXTRA_DOSES_A_VIAL, Count, EntryLine
from logistics.stock.on_hand import Holding, first_to_use

Reason = StockDocument.Reason
# Of one line of one document; the database counts in 32 bits.
MOST = 1_000_000
# What may have happened to vaccine that is thrown away, and to what is missing when counted.
WASTE_REASONS = (
    Reason.LEFT_OVER,
    Reason.EXPIRED,
    Reason.BLOCKED,
    Reason.SPOILED,
    Reason.BROKEN,
    Reason.COLD_CHAIN,
    Reason.LOST,
    Reason.OTHER,
)
DIFFERENCE_REASONS = (Reason.LOST, Reason.BROKEN, Reason.COLD_CHAIN, Reason.MISCOUNTED, Reason.OTHER)
COUNT_REASONS = (Reason.MISCOUNTED, Reason.LOST, Reason.BROKEN, Reason.MISTAKE, Reason.OTHER)


def number_field(label: Any = "", **options: Any) -> forms.IntegerField:
    """A field for an amount, with the digits' keyboard of a tablet."""
    options.setdefault("min_value", 1)
    errors = {
        "required": _("Write how many."),
        "invalid": _("Write a whole number."),
        "min_value": _("Write a number of at least %(limit_value)s."),
        "max_value": _("Write a number of at most %(limit_value)s."),
    }
    widget = forms.NumberInput({"inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(label=label, max_value=MOST, widget=widget, error_messages=errors, **options)


def note_field() -> forms.CharField:
    """A few words for whoever reads the document later."""
    return forms.CharField(label=_("Note"), max_length=300, required=False)


def reason_field(reasons: Iterable[Reason], **options: Any) -> forms.ChoiceField:
    """A choice of reasons; empty at first."""
    options.setdefault("error_messages", {"required": _("Choose the reason.")})
    choices = [("", _("choose …")), *((reason.value, reason.label) for reason in reasons)]
    return forms.ChoiceField(label=_("Reason"), choices=choices, **options)


@dataclass(frozen=True)
class FormLine:
    """A line of a table: what is there and the field beside it. `stop` says why nothing can be filled in."""

    holding: Holding
    field: BoundField
    stop: str = ""


@dataclass(frozen=True)
class Option:
    """A line to choose, with a few words on what it can become."""

    holding: Holding
    is_chosen: bool
    note: str


class LinesForm(forms.Form):
    """A number beside each thing that is there; empty means none of it."""

    def __init__(self, *args: Any, holdings: Iterable[Holding], only_usable: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._holdings = list(holdings)
        self._stops = {holding.item.pk for holding in self._holdings if only_usable and not holding.is_usable}
        for holding in self._holdings:
            field = number_field(holding.item.label, min_value=0, required=False)
            # Only in the browser: what is sent nevertheless, the ledger refuses and says why.
            field.widget.attrs["disabled"] = holding.item.pk in self._stops
            self.fields[_name(holding.item)] = field

    def rows(self) -> list[FormLine]:
        """The table."""
        return [
            FormLine(holding, self[_name(holding.item)], _stop(holding) if holding.item.pk in self._stops else "")
            for holding in self._holdings
        ]

    def lines(self) -> list[EntryLine]:
        """What was filled in."""
        filled = ((holding.item, self.cleaned_data[_name(holding.item)]) for holding in self._holdings)
        return [EntryLine(item, quantity) for item, quantity in filled if quantity]


class SendForm(LinesForm):
    """What goes to a store of the network."""

    note = note_field()


class IssueForm(SendForm):
    """What leaves the network, and to whom."""

    outside_party = forms.CharField(
        label=_("Recipient"),
        max_length=200,
        help_text=_("The name of who takes it over, such as a practice or a hospital outside the network."),
        error_messages={"required": _("Write who takes it over.")},
    )


class WasteForm(LinesForm):
    """What is written off, and why."""

    reason = reason_field(WASTE_REASONS)
    note = note_field()


class DeliveryForm(LinesForm):
    """What came of a dispatch; filled in as it was sent."""

    reason = reason_field(
        DIFFERENCE_REASONS, required=False, help_text=_("Only if the numbers differ from what was sent.")
    )
    note = note_field()

    def counted(self) -> dict[int, int]:
        """How much of each item came."""
        return {holding.item.pk: self.cleaned_data[_name(holding.item)] or 0 for holding in self._holdings}


class StocktakeForm(LinesForm):
    """What was counted, beside what the page shows; empty means not counted."""

    reason = reason_field(COUNT_REASONS, initial=Reason.MISCOUNTED, help_text=_("Why the numbers differ, if they do."))
    note = note_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for holding in self._holdings:
            shown = forms.IntegerField(min_value=0, widget=forms.HiddenInput, initial=holding.quantity)
            self.fields[_shown(holding.item)] = shown

    def shown(self) -> list[BoundField]:
        """What the page showed beside each field, to be sent with it."""
        return [self[_shown(holding.item)] for holding in self._holdings]

    def counts(self) -> list[Count]:
        """What was counted."""
        typed = self.cleaned_data
        return [
            Count(holding.item, shown=typed[_shown(holding.item)], counted=typed[_name(holding.item)])
            for holding in self._holdings
            if typed[_name(holding.item)] is not None
        ]

    def clean(self) -> dict[str, Any]:
        """Some line at least must have been counted."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and all(typed.get(_name(holding.item)) is None for holding in self._holdings):
            raise ValidationError(_("Write what you counted at least at one line."))
        return typed

    def with_fresh_numbers(self, holdings: list[Holding]) -> "StocktakeForm":
        """The same with all that was typed, beside the numbers of now."""
        data = {name: self.data[name] for name in self.data}
        for holding in holdings:
            data[_shown(holding.item)] = str(holding.quantity)
        return StocktakeForm(data, holdings=holdings)


class ChoiceForm(forms.Form):
    """One of the things that are there, those that run out first on top and the first of them chosen."""

    item = forms.IntegerField(error_messages={"required": _("Choose a line."), "invalid": _("Choose a line.")})

    def __init__(
        self, *args: Any, holdings: Iterable[Holding], notes: Mapping[int, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._notes = notes or {}
        self.holdings = first_to_use(holdings)
        usable = {str(holding.item.pk): holding.item for holding in self.holdings if holding.is_usable}
        if not self.is_bound and str(self.initial.get("item")) not in usable:
            # A vaccine that runs out first is what people mean; a material never is by itself.
            self.initial["item"] = next((pk for pk, item in usable.items() if item.material_id is None), None)

    def clean_item(self) -> Holding:
        """The chosen one; whether it may be used, the ledger says."""
        chosen = [holding for holding in self.holdings if holding.item.pk == self.cleaned_data["item"]]
        if not chosen:
            raise ValidationError(_("Choose a line."))
        return chosen[0]

    def options(self) -> list[Option]:
        """The lines to choose from."""
        chosen = str(self["item"].value() or "")
        return [
            Option(holding, str(holding.item.pk) == chosen, self._notes.get(holding.item.pk, ""))
            for holding in self.holdings
        ]


class OpenForm(ChoiceForm):
    """Vials to be opened, and the doses drawn from them."""

    scan = forms.CharField(
        label=_("Code on the vial or box"),
        required=False,
        strip=False,
        max_length=500,
        help_text=_("Scan it or write it and press Enter: it chooses the batch below."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    vials = number_field(_("How many vials"), initial=1)
    doses = number_field(
        _("Doses drawn from them together"),
        required=False,
        help_text=_(
            "Leave empty for as many as they were delivered for. An extra dose is fine: write the real number."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.fields["vials" if self.initial.get("is_scanned") else "scan"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        """An impossible number of doses stands at its field."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        holding, vials, doses = typed.get("item"), typed.get("vials"), typed.get("doses")
        if holding and vials and doses and holding.item.doses_per_vial:
            most = vials * (holding.item.doses_per_vial + EXTRA_DOSES_A_VIAL)
            if doses > most:
                self.add_error("doses", _("So many doses cannot be in these vials: at most %(most)d.") % {"most": most})
        return typed


class ConsumeForm(ChoiceForm):
    """Doses given to people, or pieces of a material used up."""

    doses = number_field(_("How many doses or pieces"))
    note = note_field()


class StorageForm(ChoiceForm):
    """Vials that are thawed or moved."""

    vials = number_field(_("How many vials"))
    to = forms.ChoiceField(
        label=_("Where to"),
        choices=[
            (kind.value, kind.label)
            for kind in (StorageCondition.THAWED, StorageCondition.ROOM, StorageCondition.FREEZER)
        ],
        initial=StorageCondition.THAWED,
        widget=forms.RadioSelect,
    )

    def clean_to(self) -> StorageCondition:
        """A kind of storage."""
        return StorageCondition(self.cleaned_data["to"])


class ReverseForm(forms.Form):
    """The click that takes a document back."""


class EstablishForm(forms.Form):
    """The click that founds a store."""


class DistributorForm(EstablishForm):
    """The store of a distributor has no site or region that would give it a name."""

    name = forms.CharField(
        label=_("Name of the store"),
        help_text=_("The firm and the town, as others will see it on delivery notes."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Fill in the name of the store.")},
    )


class SearchForm(forms.Form):
    """A part of a name."""

    hledej = forms.CharField(label=_("Part of the name"), required=False, max_length=100)


class KindForm(forms.Form):
    """Which documents to list."""

    druh = forms.ChoiceField(
        label=_("Kind of document"), required=False, choices=[("", _("all")), *StockDocument.Kind.choices]
    )


def _name(item: StockItem) -> str:
    return f"item-{item.pk}"


def _shown(item: StockItem) -> str:
    return f"shown-{item.pk}"


def _stop(holding: Holding) -> str:
    return holding.mark.text if holding.mark else ""
