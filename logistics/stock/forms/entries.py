"""Forms of a store's screens. They check shape; the ledger says whether the entry may be recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.typed_numbers import IntegerField, WholeNumberField
from logistics.models import StockDocument, StockItem, StorageCondition
from logistics.stock.ledger import Count, EntryLine
from logistics.stock.on_hand import Holding, first_to_use

Reason = StockDocument.Reason
# The largest amount of a line; the database counts in 32 bits.
MOST = 1_000_000
# The reasons that suit a waste, a delivery that differs, and a stocktake.
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


def number_field(label: Any = "", *, lowest: int = 1, **options: Any) -> WholeNumberField:
    """A field for an amount."""
    errors = {"required": _("Write how many.")}
    return WholeNumberField(label=label, lowest=lowest, highest=MOST, error_messages=errors, **options)


def note_field() -> forms.CharField:
    """A field for a few words to later readers of the document."""
    return typed.PlainField(label=_("Note"), max_length=300, required=False)


def reason_field(reasons: Iterable[Reason], **options: Any) -> forms.ChoiceField:
    """A field to choose one of `reasons`; empty at first."""
    options.setdefault("error_messages", {"required": _("Choose the reason.")})
    choices = [("", _("choose …")), *((reason.value, reason.label) for reason in reasons)]
    return forms.ChoiceField(label=_("Reason"), choices=choices, **options)


@dataclass(frozen=True)
class FormLine:
    """A line of a table: a holding and the field beside it. `stop` says why nothing can be filled in."""

    holding: Holding
    field: BoundField
    stop: str = ""


@dataclass(frozen=True)
class Option:
    """A line to choose, with a few words on the storage conditions to which it can go."""

    holding: Holding
    is_chosen: bool
    note: str


class LinesForm(forms.Form):
    """A number beside each holding; empty means none of it."""

    def __init__(self, *args: Any, holdings: Iterable[Holding], only_usable: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._holdings = list(holdings)
        self._stops = {holding.item.pk for holding in self._holdings if only_usable and not holding.is_usable}
        for holding in self._holdings:
            field = number_field(holding.item.label, lowest=0, required=False)
            # Only the browser heeds this. The ledger refuses what is sent nevertheless, and says why.
            field.widget.attrs["disabled"] = holding.item.pk in self._stops
            self.fields[_name(holding.item)] = field

    def rows(self) -> list[FormLine]:
        """The lines of the table."""
        return [
            FormLine(holding, self[_name(holding.item)], _stop(holding) if holding.item.pk in self._stops else "")
            for holding in self._holdings
        ]

    def lines(self) -> list[EntryLine]:
        """The lines that were filled in."""
        filled = ((holding.item, self.cleaned_data[_name(holding.item)]) for holding in self._holdings)
        return [EntryLine(item, quantity) for item, quantity in filled if quantity]


class SendForm(LinesForm):
    """The amounts that go to a store of the network."""

    note = note_field()


class IssueForm(SendForm):
    """The amounts that leave the network, and their recipient."""

    outside_party = typed.PlainField(
        label=_("Recipient"),
        max_length=200,
        help_text=_("The name of who takes it over, such as a practice or a hospital outside the network."),
        error_messages={"required": _("Write who takes it over.")},
    )


class WasteForm(LinesForm):
    """The amounts that are written off, and the reason."""

    reason = reason_field(WASTE_REASONS)
    note = note_field()


class DeliveryForm(LinesForm):
    """The amounts that came of a dispatch; at first those that were sent."""

    reason = reason_field(
        DIFFERENCE_REASONS, required=False, help_text=_("Only if the numbers differ from what was sent.")
    )
    note = note_field()

    def counted(self) -> dict[int, int]:
        """The amount that came, by item id."""
        return {holding.item.pk: self.cleaned_data[_name(holding.item)] or 0 for holding in self._holdings}


class StocktakeForm(LinesForm):
    """The counted amounts, beside those that the page shows; empty means not counted."""

    reason = reason_field(COUNT_REASONS, initial=Reason.MISCOUNTED, help_text=_("Why the numbers differ, if they do."))
    note = note_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for holding in self._holdings:
            shown = IntegerField(min_value=0, widget=forms.HiddenInput, initial=holding.quantity)
            self.fields[_shown(holding.item)] = shown

    def shown(self) -> list[BoundField]:
        """The hidden fields with the amounts that the page shows, to be sent with the counted ones."""
        return [self[_shown(holding.item)] for holding in self._holdings]

    def counts(self) -> list[Count]:
        """The lines that were counted."""
        typed = self.cleaned_data
        return [
            Count(holding.item, shown=typed[_shown(holding.item)], counted=typed[_name(holding.item)])
            for holding in self._holdings
            if typed[_name(holding.item)] is not None
        ]

    def clean(self) -> dict[str, Any]:
        """Require that a line at least was counted."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and all(typed.get(_name(holding.item)) is None for holding in self._holdings):
            raise ValidationError(_("Write what you counted at least at one line."))
        return typed

    def with_fresh_numbers(self, holdings: list[Holding]) -> "StocktakeForm":
        """A form with all that was typed, beside the present numbers."""
        data = {name: self.data[name] for name in self.data}
        for holding in holdings:
            data[_shown(holding.item)] = str(holding.quantity)
        return StocktakeForm(data, holdings=holdings)


class ChoiceForm(forms.Form):
    """A choice of one holding. Those that run out first stand on top, and the first of them is chosen."""

    item = IntegerField(error_messages={"required": _("Choose a line."), "invalid": _("Choose a line.")})

    def __init__(
        self, *args: Any, holdings: Iterable[Holding], notes: Mapping[int, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._notes = notes or {}
        self.holdings = first_to_use(holdings)
        usable = {str(holding.item.pk): holding.item for holding in self.holdings if holding.is_usable}
        if not self.is_bound and str(self.initial.get("item")) not in usable:
            # People mean the vaccine that runs out first; a material is never chosen by itself.
            self.initial["item"] = next((pk for pk, item in usable.items() if item.material_id is None), None)

    def clean_item(self) -> Holding:
        """The chosen holding; the ledger says whether it may be used."""
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
    """The vials to open, and the doses drawn from them."""

    scan = typed.ScanField(
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
        """Refuse an impossible number of doses at its field."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        holding, vials, doses = typed.get("item"), typed.get("vials"), typed.get("doses")
        if holding and vials and doses and holding.item.doses_per_vial:
            most = holding.item.most_doses_in(vials)
            if doses > most:
                self.add_error("doses", _("So many doses cannot be in these vials: at most %(most)d.") % {"most": most})
        return typed


class ConsumeForm(ChoiceForm):
    """The doses given to people, or the pieces used of a material."""

    doses = number_field(_("How many doses or pieces"))
    note = note_field()


class StorageForm(ChoiceForm):
    """The vials to thaw or move, and the storage condition."""

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
        return StorageCondition(self.cleaned_data["to"])


class ReverseForm(forms.Form):
    """The click that reverses a document."""


class EstablishForm(forms.Form):
    """The click that establishes a store."""


class DistributorForm(EstablishForm):
    """The name of a distributor's store, which has no site or region to be named after, and whom others call."""

    name = typed.PlainField(
        label=_("Name of the store"),
        help_text=_("The firm and the town, as others will see it on delivery notes."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Fill in the name of the store.")},
    )
    phone = typed.PlainField(
        label=_("Telephone"),
        help_text=_("Whom other stores call, such as about a blocked batch."),
        max_length=40,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
        error_messages={"required": _("Fill in the telephone.")},
    )


class StoreSearchForm(forms.Form):
    """The search of stores by a part of their name."""

    hledej = typed.PlainField(label=_("Part of the name"), required=False, max_length=100)

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "StoreSearchForm":
        """The search in an address. It cannot be wrong: what is too long is cut."""
        return cls({"hledej": query.get("hledej", "").replace("\0", "")[:100]})

    @property
    def text(self) -> str:
        """The part of a name to look for; empty means all."""
        return self.cleaned_data["hledej"].strip() if self.is_valid() else ""


class KindForm(forms.Form):
    """The kind of documents to list."""

    druh = forms.ChoiceField(
        label=_("Kind of document"), required=False, choices=[("", _("all")), *StockDocument.Kind.choices]
    )


def _name(item: StockItem) -> str:
    return f"item-{item.pk}"


def _shown(item: StockItem) -> str:
    return f"shown-{item.pk}"


def _stop(holding: Holding) -> str:
    return holding.mark.text if holding.mark else ""
