"""Forms about sites: the search of the public list, and what staff change."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from logistics.models import Region

LONGEST_SEARCH = 100


class SiteSearch(forms.Form):
    """Which sites to list. A filter in the address, not a form that can be wrong: an unknown region is none."""

    use_required_attribute = False

    hledat = forms.CharField(
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
        """Whether nothing is asked for."""
        return not (self.text or self.region)
