"""Forms of the calendar: which sites are listed, and the places of a time."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crs import typed
from crs.typed import plain
from crs.typed_numbers import WholeNumberField
from logistics.models import District
from reservation.models import Slot

LONGEST_SEARCH = 100
MOST_SEATS = 10_000


class SitesFilter(forms.Form):
    """The filter of the list of sites, from the address. It cannot be wrong: an unknown district counts as none."""

    use_required_attribute = False

    hledat = typed.PlainField(
        label=gettext_lazy("Name or address of the site"), required=False, max_length=LONGEST_SEARCH
    )
    okres = forms.ChoiceField(label=gettext_lazy("District"), required=False)

    def __init__(self, *, text: str, district: str, districts: Sequence[District]) -> None:
        self.district = district if district in {one.pk for one in districts} else ""
        self.text = plain(text[:LONGEST_SEARCH])
        super().__init__(initial={"hledat": self.text, "okres": self.district})
        choices: Any = self.fields["okres"]
        choices.choices = [("", _("All districts")), *((one.pk, one.name) for one in districts)]


class CapacityForm(forms.Form):
    """How many people a time takes."""

    capacity = WholeNumberField(
        lowest=0,
        highest=MOST_SEATS,
        label=gettext_lazy("Places at this time"),
        error_messages={"required": gettext_lazy("Write how many places.")},
    )


class MoveForm(forms.Form):
    """How many free places go to which other time of the day."""

    seats = WholeNumberField(
        lowest=1,
        highest=MOST_SEATS,
        label=gettext_lazy("How many free places to move"),
        error_messages={"required": gettext_lazy("Write how many places.")},
    )
    target = forms.ChoiceField(
        label=gettext_lazy("To which time"),
        error_messages={
            "required": gettext_lazy("Choose the time that gets the places."),
            "invalid_choice": gettext_lazy("This time is not offered any more. Choose another one."),
        },
    )

    def __init__(self, data: Any = None, *, targets: Sequence[Slot]) -> None:
        super().__init__(data)
        choices: Any = self.fields["target"]
        choices.choices = [("", pgettext_lazy("time", "Choose")), *((slot.pk, _named(slot)) for slot in targets)]


def _named(slot: Slot) -> str:
    at = timezone.localtime(slot.starts_at)
    told = {
        "time": f"{at.hour}:{at:%M}",
        "doses": slot.get_for_doses_display(),
        "booked": slot.booked,
        "capacity": slot.capacity,
    }
    return _("%(time)s, %(doses)s, booked %(booked)d of %(capacity)d") % told
