"""Forms of the day. They check shape; the operations say whether something may be done."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.sometimes_needed import sometimes_needed
from crs.typed_moment import TimeField, moment_of
from logistics.models import Vaccine
from registration.address import ADDRESS
from registration.models import Registration
from registration.telephones import phone
from vaccination.models import Visit
from vaccination.visits.check_in import CheckInDetails, Contact
from vaccination.visits.contact_fields import ContactFields

Identity, Consent, ClaimProof, SentAway = Visit.Identity, Visit.Consent, Visit.ClaimProof, Visit.SentAway


class CheckInFields(forms.Form):
    """The registrar's findings: identity, consent and, where the group asks for one, the paper.

    Other forms of somebody's coming inherit it; `details()` gives what `check_in` takes.
    """

    came_time = TimeField(
        label=_("When the person came"),
        help_text=_("The time of that day, from the paper list. The dose is recorded with its own time."),
        error_messages=dict.fromkeys(
            ("required", "invalid"), _("Write the time at which the person came, such as 9:05.")
        ),
    )
    identity = forms.ChoiceField(
        label=_("Identity proved by"),
        choices=Identity,
        widget=forms.RadioSelect,
        initial=Identity.CITIZEN_CARD,
        error_messages={"required": _("Choose what proved who the person is.")},
    )
    identity_note = sometimes_needed(
        typed.PlainField(
            label=_("In which other way"), max_length=200, required=False, help_text=_("Such as: a nurse of the home.")
        )
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
    claim_note = sometimes_needed(typed.PlainField(label=_("About the paper"), max_length=200, required=False))
    note = typed.PlainField(label=_("Note"), max_length=300, required=False)

    def __init__(
        self, *args: Any, registration: Registration | None = None, came_on: date | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._came_on = came_on
        if came_on is None:
            del self.fields["came_time"]
        self.claim = registration.priority_claims.standing().first() if registration else None
        if not self.needs_paper:
            del self.fields["claim_proof"], self.fields["claim_note"]

    @property
    def needs_paper(self) -> bool:
        """Whether the person claimed a group that age alone does not prove."""
        return self.claim is not None

    def clean(self) -> dict[str, Any]:
        """Words where a choice asks for them."""
        typed = super().clean() or self.cleaned_data
        if typed.get("identity") == Identity.OTHER and not typed.get("identity_note"):
            self.add_error("identity_note", _("Write how the person proved who they are."))
        if typed.get("claim_proof") in (ClaimProof.OTHER, ClaimProof.MISSING) and not typed.get("claim_note"):
            self.add_error("claim_note", self._words_about_the_paper(typed["claim_proof"]))
        return typed

    def clean_came_time(self) -> datetime:
        """The moment on the day that is over."""
        assert self._came_on is not None  # noqa: S101 (for the type checker: without a day there is no such field)
        try:
            return moment_of(self._came_on, self.cleaned_data["came_time"])
        except ValueError as error:  # the hour that summer time leaves out
            raise forms.ValidationError(self.fields["came_time"].error_messages["invalid"]) from error

    def came_at(self) -> datetime | None:
        """When the person came, where that is written down on a later day; None: now."""
        return self.cleaned_data.get("came_time")

    def details(self) -> CheckInDetails:
        """The argument of `check_in`, from a form that is valid."""
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


class CheckInForm(ContactFields, CheckInFields):
    """A check-in: what the registrar saw, and how the person is reached, as it is known now."""

    def __init__(self, *args: Any, registration: Registration, **kwargs: Any) -> None:
        person = registration.person
        known = {
            "phone": phone.as_typed(str(registration.phone)) if registration.phone else "",
            "email": registration.email,
            **{name: getattr(person, name) for name in ADDRESS},
        }
        super().__init__(*args, registration=registration, initial=known | kwargs.pop("initial", {}), **kwargs)
        self.known_phone = str(registration.phone)
        self.fields["identity"].widget.attrs["data-focus"] = ""

    def contact(self) -> Contact:
        """The argument of `check_in`, from a form that is valid."""
        return Contact(**{name: self.cleaned_data[name] for name in ("phone", "email", *ADDRESS)})


class CheckInTodayForm(CheckInForm):
    """A check-in of somebody without a seat today: with which vaccine, and why over the calendar if it is full."""

    vaccine = forms.ModelChoiceField(
        label=_("Vaccine"),
        queryset=Vaccine.objects.none(),
        empty_label=None,
        error_messages={"required": _("Choose the vaccine.")},
    )
    over_reason = sometimes_needed(
        typed.PlainField(
            label=_("Why over the calendar"),
            max_length=200,
            required=False,
            help_text=_("Only where no seat is free today. The manager sees it."),
        )
    )

    def __init__(self, *args: Any, vaccines: Sequence[Vaccine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = [vaccine.pk for vaccine in vaccines]
        self.fields["vaccine"].queryset = Vaccine.objects.filter(pk__in=keys)  # type: ignore[attr-defined]
        if len(keys) == 1:
            self.fields["vaccine"].initial = keys[0]


class UndoForm(forms.Form):
    """Why a check-in is taken back."""

    reason = typed.PlainField(
        label=_("Why is the check-in taken back?"),
        max_length=300,
        help_text=_("Such as: another person was checked in by mistake."),
        error_messages={"required": _("Write why the check-in is taken back.")},
        widget=forms.TextInput({"autofocus": True, "autocomplete": "off"}),
    )


class SendAwayForm(forms.Form):
    """Why somebody goes without a dose."""

    why = forms.ChoiceField(
        label=_("Why does the person go without a dose?"),
        choices=SentAway,
        widget=forms.RadioSelect({"data-focus": ""}),
        error_messages={"required": _("Choose why the person goes without a dose.")},
    )
    note = sometimes_needed(typed.PlainField(label=_("Note"), max_length=300, required=False))

    def clean(self) -> dict[str, Any]:
        """Words where the reason is another one."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("why") == SentAway.OTHER and not cleaned.get("note"):
            self.add_error("note", _("Write the reason."))
        return cleaned
