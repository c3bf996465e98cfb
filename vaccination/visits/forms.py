"""Forms of check-in. They check shape; `check_in` says whether the person may be checked in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from registration.models import PriorityGroup, Registration
from vaccination.models import Visit
from vaccination.visits.check_in import CheckInDetails

Identity, Consent, ClaimProof, SentAway = Visit.Identity, Visit.Consent, Visit.ClaimProof, Visit.SentAway


class CheckInFields(forms.Form):
    """What the registrar saw: identity, consent and, where the group asks for one, the paper.

    Other forms of somebody's coming inherit it; `details()` gives what `check_in` takes.
    """

    identity = forms.ChoiceField(
        label=_("Identity proved by"),
        choices=Identity,
        widget=forms.RadioSelect,
        initial=Identity.CITIZEN_CARD,
        error_messages={"required": _("Choose what proved who the person is.")},
    )
    identity_note = forms.CharField(
        label=_("In which other way"), max_length=200, required=False, help_text=_("Such as: a nurse of the home.")
    )
    consent = forms.ChoiceField(
        label=_("Consent to the vaccination"),
        choices=Consent,
        widget=forms.RadioSelect,
        initial=Consent.SPOKEN,
        error_messages={"required": _("Choose how the person agreed.")},
    )
    claim_proof = forms.ChoiceField(
        label=_("Paper that proves the claim"),
        choices=[(choice.value, choice.label) for choice in ClaimProof if choice != ClaimProof.NOT_NEEDED],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose which paper was shown.")},
    )
    claim_note = forms.CharField(label=_("About the paper"), max_length=200, required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, registration: Registration | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = registration.group if registration else None
        if not self.needs_paper:
            del self.fields["claim_proof"], self.fields["claim_note"]

    @property
    def needs_paper(self) -> bool:
        """Whether the person claimed a group that age alone does not prove."""
        return self.group is not None and self.group.basis != PriorityGroup.Basis.AGE

    def clean(self) -> dict[str, Any]:
        """Words where a choice asks for them."""
        typed = super().clean() or self.cleaned_data
        if typed.get("identity") == Identity.OTHER and not typed.get("identity_note"):
            self.add_error("identity_note", _("Write how the person proved who they are."))
        if typed.get("claim_proof") in (ClaimProof.OTHER, ClaimProof.MISSING) and not typed.get("claim_note"):
            self.add_error("claim_note", self._words_about_the_paper(typed["claim_proof"]))
        return typed

    def details(self) -> CheckInDetails:
        """What `check_in` takes, from a form that is valid."""
        names = ("identity", "identity_note", "consent", "claim_proof", "claim_note", "note")
        return CheckInDetails(**{name: self.cleaned_data[name] for name in names if name in self.cleaned_data})

    @staticmethod
    def _words_about_the_paper(proof: str) -> Any:
        if proof == ClaimProof.OTHER:
            return _("Write which paper it was.")
        return _(
            "Without a paper the claim to the group is not proved. Either write here why you go on all the same, "
            "or check the person in with a note and send them away without a dose."
        )
