"""The choice of the vaccination sites that suit somebody, by region and district, without JavaScript."""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crs.sometimes_needed import sometimes_needed
from logistics.models import District, Region, VaccinationSite

MOST_SITES = 10

Choices = list[tuple[str, str | Promise]]


class PreferredSites(forms.Form):
    """The sites that suit the person. Region and district only narrow the list of sites.

    Nothing is read that nobody looks at.
    """

    region = forms.CharField(label=_("Region"), required=False, widget=forms.Select)
    district = forms.CharField(label=_("District"), required=False, widget=forms.Select)
    sites = forms.MultipleChoiceField(
        label=_("Vaccination sites that suit you"),
        required=False,
        help_text=_("Tick one or more."),
        error_messages={"invalid_choice": _("A site that you chose is closed now. Please choose another one.")},
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Called when the list is drawn, not before.
        region, district = (cast("Any", self.fields[name].widget) for name in ("region", "district"))
        region.choices, district.choices = self._regions, self._district_choices
        cast("forms.MultipleChoiceField", self.fields["sites"]).choices = self._sites

    def clean_sites(self) -> tuple[VaccinationSite, ...]:
        """The chosen sites, all of them open."""
        chosen = self.cleaned_data["sites"]
        if len(chosen) > MOST_SITES:
            raise forms.ValidationError(_("Please choose ten sites at most."))
        return tuple(site for site in self._offered if str(site.pk) in chosen)

    @staticmethod
    def typed_places(data: QueryDict) -> dict[str, Any]:
        """What is chosen of places so far, for an unchecked form that shows the next list."""
        places: dict[str, Any] = {name: data.get(name, "")[:200] for name in ("region", "district")}
        return places | {"sites": [site[:200] for site in data.getlist("sites")[: 2 * MOST_SITES]]}

    @property
    def has_districts(self) -> bool:
        """Whether a region is chosen, so that its districts can be offered."""
        return bool(self._districts)

    @property
    def has_sites(self) -> bool:
        """Whether there is a site to tick."""
        return bool(self._offered)

    @property
    def is_district_empty(self) -> bool:
        """Whether a district is chosen in which no site is open."""
        return bool(self._district) and all(site.district_id != self._district for site in self._offered)

    def _regions(self) -> Choices:
        return self._offered_regions

    @cached_property
    def _offered_regions(self) -> Choices:
        """Django reads the choices of a list twice."""
        return [("", _("Choose a region")), *Region.objects.values_list("code", "name")]

    def _district_choices(self) -> Choices:
        # Praha is a region of one district: nothing to choose there.
        first: Choices = [] if len(self._districts) == 1 else [("", _("Choose a district"))]
        return [*first, *self._districts]

    def _sites(self) -> Choices:
        return [(str(site.pk), f"{site.name}, {site.address}") for site in self._offered]

    @cached_property
    def _districts(self) -> list[tuple[str, str]]:
        """The districts of the chosen region."""
        region = self["region"].value() or ""
        # The field was not checked: only what can be a code reaches the query, and a NUL would break it.
        if not re.fullmatch("[A-Z0-9]{1,10}", region):
            return []
        return list(District.objects.filter(region=region).values_list("code", "name"))

    @cached_property
    def _district(self) -> str:
        """The chosen district if it lies in the region; the only one where there is one; else none."""
        codes = [code for code, _name in self._districts]
        asked = self["district"].value()
        return codes[0] if len(codes) == 1 else asked if asked in codes else ""

    @cached_property
    def _offered(self) -> list[VaccinationSite]:
        """The sites of the chosen district only, and those chosen before."""
        chosen = _uuids(self["sites"].value() or [])
        if not chosen and not self._district:
            return []
        wanted = Q(pk__in=chosen)
        if self._district:
            wanted |= Q(district=self._district)
        return list(VaccinationSite.objects.open().filter(wanted).order_by("name__czech"))


class NeededSites(PreferredSites):
    """The same where one site at least has to be chosen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = self.fields["sites"]
        sites.required = True
        sites.error_messages["required"] = _("Tick the vaccination site to which you can come.")
        for name in ("region", "district"):
            sometimes_needed(self.fields[name])

    def clean(self) -> dict[str, Any]:
        """Where no site is shown yet, the words stand at the region, which comes first."""
        cleaned = super().clean() or self.cleaned_data
        if "sites" in self.errors and not self.has_sites:
            del self.errors["sites"]
            text = _("Choose the vaccination site to which you can come: first its region, then its district.")
            self.add_error("region", text)
        return cleaned


def _uuids(texts: Iterable[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found[: 2 * MOST_SITES]
