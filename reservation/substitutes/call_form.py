"""The form with which a site calls substitutes: '5 doses, 45 minutes'."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crs.typed_numbers import WholeNumberField
from logistics.models import Store, VaccinationSite, Vaccine
from reservation.substitutes import calling


class SubstituteCallForm(forms.Form):
    """'5 doses, 45 minutes'."""

    vaccine = forms.ModelChoiceField(
        label=_("Vaccine"),
        queryset=Vaccine.objects.none(),
        empty_label=None,
        error_messages={"required": _("Choose the vaccine."), "invalid_choice": _("Choose the vaccine.")},
    )
    doses = WholeNumberField(
        label=_("Doses that are left"),
        lowest=1,
        highest=calling.MOST_DOSES,
        help_text=_("Doses for which nobody comes any more today."),
        error_messages={"required": _("Write how many doses are left.")},
    )
    minutes = WholeNumberField(
        label=_("In how many minutes must the people be here?"),
        lowest=calling.LEAST_MINUTES,
        highest=calling.MOST_MINUTES,
        units=("minut", "minutes", "min.", "min"),
        help_text=_("From 15 to 180. Only people who said that they can come in this time are asked."),
        error_messages={"required": _("Write the number of minutes.")},
    )

    def __init__(self, *args: Any, site: VaccinationSite, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        here = calling.doses_here(site, now=now)
        vaccines = Vaccine.objects.order_by("name__czech")
        if Store.objects.filter(site=site).exists():
            vaccines = vaccines.filter(pk__in=here)
        field = self.fields["vaccine"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = vaccines
        field.label_from_instance = lambda vaccine: _named(vaccine, here.get(vaccine.pk))  # type: ignore[assignment,method-assign]

    @property
    def has_vaccine(self) -> bool:
        """Whether the site has a vaccine to call for."""
        field = self.fields["vaccine"]
        return bool(field.queryset.exists())  # type: ignore[attr-defined]


def _named(vaccine: Vaccine, doses: int | None) -> str:
    """With the doses in the store of the site, where it has one."""
    if doses is None:
        return vaccine.name
    told = {"vaccine": vaccine.name, "count": doses}
    return ngettext("%(vaccine)s (%(count)d dose here)", "%(vaccine)s (%(count)d doses here)", doses) % told
