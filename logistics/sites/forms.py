"""Forms about sites: the search of the public list, and those in which staff change a site."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.shortened_text import shortened
from logistics.models import Region, VaccinationSite, WeekdayHours
from logistics.models.sites import FACILITY_CODE_DIGITS
from logistics.sites.errors import SiteLiesNowhere

LONGEST_SEARCH = 100


class SiteSearch(forms.Form):
    """The filter of the public list, from the address. It cannot be wrong: an unknown region counts as none."""

    use_required_attribute = False

    hledat = typed.PlainField(
        label=_("Name or town"), required=False, max_length=LONGEST_SEARCH, help_text=_("For example Motol or Tábor.")
    )
    kraj = forms.ChoiceField(label=_("Region"), required=False)

    def __init__(self, *, text: str, region: str, regions: list[Region]) -> None:
        self.region = region if region in {one.code for one in regions} else ""
        self.text = " ".join(text[:LONGEST_SEARCH].replace("\0", "").split())
        super().__init__(initial={"hledat": self.text, "kraj": self.region})
        choices: Any = self.fields["kraj"]
        choices.choices = [("", _("All regions")), *((one.code, one.name) for one in regions)]

    @property
    def is_empty(self) -> bool:
        """Whether neither a text nor a region is chosen."""
        return not (self.text or self.region)


class SiteForm(forms.ModelForm[VaccinationSite]):
    """A site as staff edit it; logistics/sites/admin.py chooses the fields by the user's role."""

    languages = forms.MultipleChoiceField(
        label=_("Languages that the staff speak"),
        required=False,
        choices=VaccinationSite.Language.choices,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = VaccinationSite
        fields = ("district", "vaccines", "languages")  # the screen adds the others
        widgets = {"vaccines": forms.CheckboxSelectMultiple}

    def clean_facility_code(self) -> str:
        """The code with 11 digits, as in the register and in the ministry's list; empty where it is not known."""
        code = typed.number(str(self.cleaned_data["facility_code"]))
        if code and not (code.isascii() and code.isdecimal() and len(code) == FACILITY_CODE_DIGITS):
            raise forms.ValidationError(
                _("“%(value)s” is not a code of a health facility (11 digits)") % {"value": shortened(code)}
            )
        return code

    def clean(self) -> dict[str, Any]:
        """Require that an open site keeps its district."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        is_open = not self.instance._state.adding and self.instance.state == VaccinationSite.State.OPEN
        if is_open and "district" in cleaned and cleaned["district"] is None:
            self.add_error("district", str(SiteLiesNowhere.message))
        return cleaned


class HoursFormSet(forms.BaseInlineFormSet[WeekdayHours, VaccinationSite, forms.ModelForm[WeekdayHours]]):
    """The weekdays of a site."""

    def clean(self) -> None:
        """Refuse a weekday that stands twice; the database's constraint is not checked between two new rows."""
        super().clean()
        seen: set[int] = set()
        for form in self.forms:
            weekday = form.cleaned_data.get("weekday") if hasattr(form, "cleaned_data") else None
            if weekday is None or form.cleaned_data.get("DELETE"):
                continue
            if weekday in seen:
                form.add_error("weekday", _("This weekday stands here a second time."))
            seen.add(weekday)


class StateForm(forms.Form):
    """The new state of a site and the reason, which stands in the history."""

    to = forms.ChoiceField(label=_("New state"), widget=forms.RadioSelect)
    reason = typed.LinesField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text=_("For colleagues and for the history; the public does not see it."),
    )

    def __init__(self, *args: Any, states: list[VaccinationSite.State], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(states)

    def offer(self, states: list[VaccinationSite.State]) -> None:
        """Let the person choose among `states`."""
        self.states = states
        field: Any = self.fields["to"]
        field.choices = [(state.value, state.label) for state in states]

    def clean_to(self) -> VaccinationSite.State:
        return VaccinationSite.State(self.cleaned_data["to"])
