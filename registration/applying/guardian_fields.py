"""Who consents for a person under 16, as the forms of staff ask for it."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crs.typed import PlainField
from registration.age import age_on
from registration.applying.creating import Guardian
from registration.models import Registration
from registration.people.forms import PersonChecks, plain_input

# Whoever is younger has a guardian who consents for them (DOMAIN 4.4).
AGE_OF_CONSENT = 16


class GuardianFields(PersonChecks):
    """The guardian: a duty for a person under 16, of anybody else it is not kept."""

    guardian_name = PlainField(
        label=_("Name of the guardian"),
        required=False,
        max_length=160,
        widget=plain_input(),
        help_text=_("For a person under 16: who consents."),
    )
    guardian_relation = forms.ChoiceField(
        label=_("Relation of the guardian"),
        required=False,
        choices=[("", _("Choose the relation")), *Registration.Relation.choices],
    )

    def birth_date(self) -> date | None:
        """When the person was born, where that was filled in rightly; subclasses define it."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        """Both answers for a child, and none for anybody else."""
        cleaned = super().clean() or self.cleaned_data
        born = self.birth_date()
        is_child = born is not None and age_on(self.today, birth_date=born) < AGE_OF_CONSENT
        for name in ("guardian_name", "guardian_relation"):
            if not is_child:
                cleaned[name] = ""
            elif not cleaned.get(name) and name not in self.errors:
                self.add_error(name, _("The person is under 16. Please fill in who consents for them."))
        return cleaned

    def guardian(self) -> Guardian | None:
        """Who consents, from a form that is valid; None for whoever consents for themselves."""
        name = self.cleaned_data["guardian_name"]
        return Guardian(name, self.cleaned_data["guardian_relation"]) if name else None
