"""Forms about registration codes. They check shape; the operations say what may be done."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs import typed
from crs.typed import PlainField
from crs.typed_moment import DayField
from crs.typed_numbers import WholeNumberField
from registration.codes import issuing, written
from registration.codes.errors import MistypedKey
from registration.models import CodeBatch, PriorityGroup

PERSONAL, COUNTED = "PERSONAL", "COUNTED"
_HOW_MANY = _("Write a whole number from 1 to 2000. For more people issue another batch.")


class IssueForm(forms.Form):
    """Who gets codes, for which group and how many."""

    group = forms.ModelChoiceField(
        label=_("For which group"),
        queryset=PriorityGroup.objects.none(),
        empty_label=_("choose a group"),
        error_messages={"required": _("Choose the group that the codes prove.")},
    )
    issued_to = PlainField(
        label=_("Given to"),
        max_length=200,
        help_text=_(
            "The employer or doctor with the town, such as: Nemocnice Tábor. Not the people who use the codes."
        ),
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Write to whom the codes are given.")},
    )
    kind = forms.ChoiceField(
        label=_("Which codes"),
        choices=[
            (PERSONAL, _("a code for each person, used once")),
            (COUNTED, _("one code for all, used by so many people")),
        ],
        initial=PERSONAL,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose which codes are issued.")},
    )
    people = WholeNumberField(
        label=_("For how many people"),
        lowest=1,
        highest=issuing.MOST_USES,
        error_messages=dict.fromkeys(("required", "invalid"), _HOW_MANY),
    )
    valid_until = DayField(
        label=_("Valid until"),
        needs_year=True,
        required=False,
        help_text=_("The last day, such as 31. 3. 2027. Leave it empty if the codes have no end."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = issuing.groups_with_codes()  # type: ignore[attr-defined]

    def clean_valid_until(self) -> date | None:
        """A day that has not passed."""
        day: date | None = self.cleaned_data["valid_until"]
        if day is not None and day < timezone.localdate():
            raise ValidationError(_("This day has passed already. Write a later one, or leave it empty."))
        return day

    def wanted(self) -> dict[str, Any]:
        """What `issuing.issue` asks for."""
        typed = self.cleaned_data
        is_personal, people = typed["kind"] == PERSONAL, typed["people"]
        return {
            **{name: typed[name] for name in ("group", "issued_to", "valid_until")},
            "codes": people if is_personal else 1,
            "uses": 1 if is_personal else people,
        }


def reason_field(help_text: Any) -> PlainField:
    """A field for the reason of a revocation; it stays with the code."""
    return PlainField(
        label=_("Reason"),
        max_length=300,
        help_text=help_text,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Write why: the reason stays with the codes.")},
    )


class RevokeForm(forms.Form):
    """Why codes are cancelled, and whether what they proved counts no more."""

    KEEP, TAKE_BACK = "KEEP", "TAKE_BACK"

    proofs = forms.ChoiceField(
        label=_("People who have used a code already"),
        choices=[
            (KEEP, _("stay in their group: the code was theirs")),
            (TAKE_BACK, _("need another code: it was not theirs; they are told")),
        ],
        initial=KEEP,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happens to people who have used a code.")},
    )
    reason = reason_field(_("Such as: the papers were lost. Write nobody's name."))


class HolderRevokeForm(forms.Form):
    """Why a holder cancels a code."""

    reason = reason_field(_("Such as: the paper was lost. Write nobody's name."))


class KeyForm(forms.Form):
    """The key of a batch."""

    key = typed.PlainField(
        label=_("Key of the batch"),
        max_length=100,
        help_text=_("Twenty digits; they stand at the top of the file with the codes."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Write the key of the batch.")},
    )

    def clean_key(self) -> str:
        """The digits of the key."""
        try:
            return written.read_key(self.cleaned_data["key"])
        except MistypedKey as refusal:
            raise ValidationError(str(refusal)) from refusal


class FilterForm(forms.Form):
    """Which batches are listed; the names are those of the address."""

    VALID, ENDED = "platne", "neplatne"

    skupina = forms.ModelChoiceField(
        label=_("Group"), queryset=PriorityGroup.objects.none(), required=False, empty_label=_("all groups")
    )
    stav = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", pgettext_lazy("batches of codes", "all")),
            (VALID, pgettext_lazy("batches of codes", "valid ones")),
            (ENDED, pgettext_lazy("batches of codes", "cancelled and expired ones")),
        ],
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with_batches = PriorityGroup.objects.filter(pk__in=CodeBatch.objects.values("group"))
        self.fields["skupina"].queryset = with_batches  # type: ignore[attr-defined]


class SearchForm(forms.Form):
    """To whom codes were given; sent as a form, for what people type stands in no address."""

    holder = PlainField(
        label=_("Given to"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Write a part of the name of the employer or doctor.")},
    )
