"""The choice of the vaccination sites that suit somebody, by region and district, without JavaScript."""

from collections.abc import Iterable, Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from logistics.models import District, Region, VaccinationSite

MOST_SITES = 10


class PreferredSites(forms.Form):
    """The sites that suit the person. Region and district only narrow the list of sites; they are not kept."""

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
        self._offer_sites()

    def clean_sites(self) -> tuple[VaccinationSite, ...]:
        """The chosen sites, all of them open."""
        chosen = self.cleaned_data["sites"]
        if len(chosen) > MOST_SITES:
            raise forms.ValidationError(_("Please choose ten sites at most."))
        return tuple(site for site in self._offered if str(site.pk) in chosen)

    @property
    def has_districts(self) -> bool:
        """Whether a region is chosen, so that its districts can be offered."""
        return self._has_districts

    @property
    def has_sites(self) -> bool:
        """Whether there is a site to tick."""
        return bool(self._offered)

    @property
    def is_district_empty(self) -> bool:
        """Whether a district is chosen in which no site is open."""
        return bool(self._district) and all(site.district_id != self._district for site in self._offered)

    def _offer_sites(self) -> None:
        """The sites of the chosen district only, and those chosen before: no list that grows with the country."""
        regions = list(Region.objects.values_list("code", "name"))
        region = self["region"].value()
        # Only a code that exists reaches the query: the field was not checked yet, and a NUL would break it.
        region = region if region in dict(regions) else ""
        districts = list(District.objects.filter(region=region).values_list("code", "name")) if region else []
        self._has_districts = bool(districts)
        self._district = _chosen_district(districts, self["district"].value())
        self._set_choices("region", [("", _("Choose a region")), *regions])
        # Praha is a region of one district: nothing to choose there.
        self._set_choices("district", districts if len(districts) == 1 else [("", _("Choose a district")), *districts])
        wanted = Q(pk__in=_uuids(self["sites"].value() or []))
        if self._district:
            wanted |= Q(district=self._district)
        self._offered = list(VaccinationSite.objects.open().filter(wanted).order_by("name"))
        choices = [(str(site.pk), f"{site.name}, {site.address}") for site in self._offered]
        self.fields["sites"].choices = choices  # type: ignore[attr-defined]

    def _set_choices(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        cast("forms.Select", self.fields[name].widget).choices = choices


def _chosen_district(districts: Sequence[tuple[str, str]], asked: str | None) -> str:
    """The typed district if it lies in the region; the only one where there is one; else none."""
    codes = [code for code, _name in districts]
    if len(codes) == 1:
        return codes[0]
    return asked if asked in codes else ""


def _uuids(texts: Iterable[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found[: 2 * MOST_SITES]
