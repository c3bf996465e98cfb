"""What staff type at the mismatch desk."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registration.desk.forms import ReasonForm
from registration.models import Mismatch

_HINTS = {
    Mismatch.Decision.KEPT: _("What the person says holds"),
    Mismatch.Decision.CORRECTED: _("The register is right: take over its name and date of birth"),
    Mismatch.Decision.ENDED: _("End the registration"),
}
_END_CLAIM = _("Refuse the claim to the group; the registration stays")


class DecideForm(ReasonForm):
    """What holds, and why."""

    decision = forms.ChoiceField(
        label=_("What holds?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose what holds."), "invalid_choice": _("Please choose what holds.")},
    )
    field_order = ("decision", "reason")

    def __init__(self, *args: Any, decisions: list[Mismatch.Decision], is_about_claim: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        hints = _HINTS | ({Mismatch.Decision.ENDED: _END_CLAIM} if is_about_claim else {})
        self.fields["decision"].choices = [(one.value, hints[one]) for one in decisions]  # type: ignore[attr-defined]
