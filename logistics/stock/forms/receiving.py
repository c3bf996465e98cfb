"""Forms for goods that come from outside the network; a scanned code can fill in the batch."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from logistics.models import Batch, Material, Pack, StorageCondition, Vaccine
from logistics.stock import items
from logistics.stock.forms.entries import number_field
from logistics.vaccines.batches import as_kept
from logistics.vaccines.expiry import ExpiryField


def products() -> list[tuple[str, str]]:
    """The products that a delivery can hold: vaccines by their doses a vial, the newest pack of each first."""
    packs = Pack.objects.select_related("vaccine").order_by("vaccine__name", "-pk")
    named = {product_key(pack.vaccine_id, pack.doses_per_vial): pack for pack in packs}
    return [
        (key, str(_("%(vaccine)s, %(doses)d doses a vial") % {"vaccine": pack.vaccine, "doses": pack.doses_per_vial}))
        for key, pack in named.items()
    ]


def product_key(vaccine_id: str, doses_per_vial: int) -> str:
    """The key of a choice in `products`."""
    return f"{vaccine_id}:{doses_per_vial}"


def product_of(vaccine_id: str, doses_per_vial: int | None) -> str:
    """The key for a vaccine that was scanned: with these doses a vial, else its newest pack; empty: none."""
    keys = [key for key, _label in products() if key.partition(":")[0] == vaccine_id]
    exact = product_key(vaccine_id, doses_per_vial) if doses_per_vial else ""
    return exact if exact in keys else next(iter(keys), "")


class ReceiveForm(forms.Form):
    """The vials of one batch."""

    scan = forms.CharField(
        label=_("Code on the box or vial"),
        required=False,
        strip=False,
        max_length=500,
        help_text=_("Scan it or write it and press Enter: it fills in the batch below."),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    product = forms.ChoiceField(label=_("Vaccine"), error_messages={"required": _("Choose the vaccine.")})
    number = forms.CharField(
        label=_("Batch number"),
        max_length=40,
        help_text=_("As printed on the vial, such as EJ6797."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Write the batch number.")},
    )
    expires_on = ExpiryField(
        label=_("Expiry"),
        required=False,
        help_text=_("As printed: 03/2027, or 31. 3. 2027. A batch that is known already needs none."),
    )
    vials = number_field(_("How many vials"))
    outside_party = forms.CharField(label=_("Supplier"), max_length=200, required=False)
    thawed_until = forms.DateTimeField(
        label=_("Use by"),
        required=False,
        help_text=_("From the label of vials that came thawed; they are kept in the fridge."),
        input_formats=["%Y-%m-%dT%H:%M", "%d.%m.%Y %H:%M"],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Write day and time.")},
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = now
        choices: Any = self.fields["product"]
        choices.choices = [("", _("choose …")), *products()]
        if not self.is_bound:
            is_scanned = bool(self.initial.get("number"))
            self.fields["vials" if is_scanned else "scan"].widget.attrs["autofocus"] = True

    def clean_product(self) -> tuple[Vaccine, int]:
        code, _colon, doses = self.cleaned_data["product"].rpartition(":")
        return Vaccine.objects.get(pk=code), int(doses)

    def clean_number(self) -> str:
        """The number in capitals and without spaces, as batches are kept."""
        return as_kept(self.cleaned_data["number"])

    def clean(self) -> dict[str, Any]:
        """Take the expiry of a known batch where none was written, and check the fields together."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if not {"product", "number", "expires_on"} <= typed.keys():
            return typed
        vaccine, _doses = typed["product"]
        known = Batch.objects.published().filter(vaccine=vaccine, number=typed["number"]).first()
        typed["expires_on"] = typed["expires_on"] or (known and known.expires_on)
        if typed["expires_on"] is None:
            self.add_error("expires_on", _("This batch is new here: write its expiry."))
            return typed
        # The expiry of a known batch may be later by now than the printed one.
        last_day = (known and known.expires_on) or typed["expires_on"]
        if last_day < timezone.localdate(self._now):
            self.add_error("expires_on", _("This day has passed. Vaccine past its expiry is not taken in."))
        elif typed.get("thawed_until"):
            self._check_clock(vaccine, last_day, typed["thawed_until"])
        return typed

    def _check_clock(self, vaccine: Vaccine, expires_on: date, until: datetime) -> None:
        """Require a use-by that lies ahead, within the time that thawed vials keep and not after the expiry."""
        latest = items.clock(vaccine.pk, StorageCondition.THAWED, now=self._now)
        if latest is None:
            self.add_error("thawed_until", _("This vaccine is not thawed: leave it empty."))
        elif until <= self._now:
            self.add_error("thawed_until", _("This time has passed. Such vials are not taken in."))
        elif until > latest or timezone.localdate(until) > expires_on:
            self.add_error("thawed_until", _("That is longer than these vials keep. Check the label."))


class MaterialForm(forms.Form):
    """The pieces of each material."""

    prefix = "material"

    def __init__(self, *args: Any, materials: Iterable[Material], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._materials = list(materials)
        for material in self._materials:
            self.fields[material.pk] = number_field(str(material), lowest=0, required=False)
        self.fields["outside_party"] = forms.CharField(label=_("Supplier"), max_length=200, required=False)

    def amounts(self) -> list[forms.BoundField]:
        """The fields of the materials."""
        return [self[material.pk] for material in self._materials]

    def filled(self) -> list[tuple[Material, int]]:
        """The materials that were filled in, with their pieces."""
        return [(material, typed) for material in self._materials if (typed := self.cleaned_data[material.pk])]
