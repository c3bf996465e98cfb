"""What somebody asks of the report, from the address."""

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.typed_numbers import whole_number
from logistics.models import District, Region
from reservation.report.capacity import Capacity

OLDEST = 130
USUAL_ORDER = "nazev"
# By the name in the address; numbers and days are more useful from the other end first.
ORDERS = {
    "nazev": _("name"),
    "-volno7": _("most free in 7 days"),
    "-volno14": _("most free in 14 days"),
    "-volno30": _("most free in 30 days"),
    "nejblizsi": _("soonest free day"),
    "-cekajici": _("most people waiting"),
    "-bezbarierove": _("most step-free sites"),
}
# The head of the table offers the other direction of each, too.
DIRECTIONS = {*ORDERS, *(order.removeprefix("-") if order.startswith("-") else f"-{order}" for order in ORDERS)}
_UNKNOWN = _("We do not know this choice. Please choose from the list.")


@dataclass(frozen=True)
class Asked:
    """The question: which area, which seats, in which order, which page. Empty texts and None ask for everything."""

    region: str = ""
    district: str = ""
    vaccine: str = ""
    is_step_free: bool = False
    has_free: bool = False
    age: int | None = None
    order: str = USUAL_ORDER
    page: int = 1
    language: str = ""

    @property
    def query(self) -> str:
        """The question as the query of an address, always written in one way; "" for the country."""
        # The district says the region, too.
        parts = {
            "kraj": "" if self.district else self.region,
            "okres": self.district,
            "vakcina": self.vaccine,
            "bezbarierove": "1" if self.is_step_free else "",
            "volne": "1" if self.has_free else "",
            "vek": "" if self.age is None else str(self.age),
            "razeni": "" if self.order == USUAL_ORDER else self.order,
            "strana": "" if self.page == 1 else str(self.page),
            "jazyk": self.language,
        }
        return urlencode({name: value for name, value in parts.items() if value})

    def but(self, **changes: Any) -> str:
        """The query of this question with changes, from its first page on."""
        return replace(self, **({"page": 1} | changes)).query

    @property
    def is_usual(self) -> bool:
        """Whether it is the page of an area as most people see it: of so few it is worth to keep each."""
        return self == Asked(region=self.region, district=self.district, language=self.language)


class ReportForm(forms.Form):
    """The filter of the report. A district that is left over from another region is not chosen: `left_over` says so."""

    use_required_attribute = False
    # The name of a district that lies in another region than the chosen one.
    left_over = ""

    kraj = forms.ChoiceField(label=_("Region"), required=False, error_messages={"invalid_choice": _UNKNOWN})
    okres = forms.ChoiceField(label=_("District"), required=False, error_messages={"invalid_choice": _UNKNOWN})
    vakcina = forms.ChoiceField(label=_("Vaccine"), required=False, error_messages={"invalid_choice": _UNKNOWN})
    vek = typed.PlainField(
        label=_("Age of the person"),
        required=False,
        max_length=20,
        help_text=_("In whole years. We then show only the places for people of this age."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    razeni = forms.ChoiceField(label=_("Sort by"), required=False, error_messages={"invalid_choice": _UNKNOWN})
    bezbarierove = forms.BooleanField(label=_("Only sites with step-free access"), required=False)
    volne = forms.BooleanField(label=_("Only where something is free"), required=False)

    def __init__(
        self, data: QueryDict, *, regions: list[Region], districts: list[District], found: Capacity, language: str
    ) -> None:
        self._language = language
        self._region_of = {one.code: one.region_id for one in districts}
        said = data.copy()
        if not said.get("kraj"):
            said["kraj"] = self._region_of.get(said.get("okres", ""), "")
        super().__init__(said)
        self._offer("kraj", [("", _("All regions")), *((one.code, one.name) for one in regions)])
        self._offer("okres", [("", _("All districts")), *((one.code, one.name) for one in districts)])
        vaccines = {cell.vaccine for cell in found.cells} | {said.get("vakcina", "")}
        known = [(code, name) for code, name in found.vaccines.items() if code in vaccines]
        self._offer("vakcina", [("", _("All vaccines")), *known])
        order = said.get("razeni", "")
        in_the_table = [(order, _("as chosen in the table"))] if order in DIRECTIONS - ORDERS.keys() else []
        self._offer("razeni", [*ORDERS.items(), *in_the_table])

    def clean_vek(self) -> int | None:
        """The age in years."""
        if not typed.plain(self.cleaned_data["vek"]):
            return None
        try:
            age = whole_number(self.cleaned_data["vek"])
        except ValueError:
            age = -1
        if not 0 <= age <= OLDEST:
            raise ValidationError(_("Write the age in whole years, such as 72."))
        return age

    def asked(self) -> Asked:
        """The question of a form that is valid. From now on the form offers the districts of its region alone."""
        said = self.cleaned_data
        region, district = said["kraj"], said["okres"]
        if region:
            choices: Any = self.fields["okres"]
            if self._region_of.get(district, region) != region:
                self.left_over = dict(choices.choices)[district]
            choices.choices = [one for one in choices.choices if self._region_of.get(one[0], region) == region]
        return Asked(
            region=region,
            district="" if self.left_over else district,
            vaccine=said["vakcina"],
            is_step_free=said["bezbarierove"],
            has_free=said["volne"],
            age=said["vek"],
            order=said["razeni"] or USUAL_ORDER,
            page=_page(self.data.get("strana", "")),
            language=self._language,
        )

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = choices


def _page(text: str) -> int:
    """The page of the list; what is no number of a page is the first one."""
    return int(text) if text.isascii() and text.isdecimal() and 1 <= len(text) <= 4 and int(text) else 1
