"""The form of a delivery that is announced."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crs.typed_moment import DayField
from logistics.models import Vaccine
from logistics.stock.forms.entries import number_field


class AnnounceForm(forms.Form):
    """What will come, and when."""

    vaccine = forms.ModelChoiceField(
        Vaccine.objects.order_by("name__czech"),
        label=_("Vaccine"),
        empty_label=_("choose …"),
        error_messages={"required": _("Choose the vaccine.")},
    )
    doses = number_field(_("How many doses"))
    expected_on = DayField(
        needs_year=True,
        label=_("Expected on"),
        help_text=_("Such as 11. 1. 2027."),
        error_messages={"required": _("Write the day on which it comes.")},
    )
