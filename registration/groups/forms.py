"""Forms in which the ministry plans a rule, withdraws one, and writes what is said of a group."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.typed import LinesField, PlainField
from crs.typed_moment import DayField, MomentField
from crs.typed_numbers import WholeNumberField
from registration.groups.editing import GroupText, RuleText
from registration.groups.errors import RuleBegins
from registration.models import GroupRule, PriorityGroup

_MOMENT = _("Such as 1. 3. 2027 8:00. Empty: the time is not known yet, and nobody can.")
OLDEST = 120


class ReasonForm(forms.Form):
    """Why something is changed; colleagues read it in the history."""

    reason = PlainField(
        label=_("Reason of the change"),
        max_length=300,
        help_text=_("Your colleagues read it in the history. No names or numbers of people."),
        error_messages={"required": _("Write why you change it.")},
    )


class RuleForm(ReasonForm):
    """What is to hold for a group, and from when."""

    valid_from = MomentField(
        label=_("The rule holds from"),
        required=False,
        needs_year=True,
        help_text=_(
            "Empty: at once, when you save it. People are told of nothing before the rule holds: to announce a time, "
            "leave this empty and write the time below. Otherwise such as 1. 3. 2027 8:00."
        ),
    )
    score = WholeNumberField(
        label=_("Score of the group"),
        lowest=1,
        highest=14,
        help_text=_("From 1 to 14; the higher is invited first."),
        error_messages={"required": _("Write the score, from 1 to 14.")},
    )
    min_age = WholeNumberField(
        label=_("Lowest age"), lowest=0, highest=OLDEST, required=False, help_text=_("In years. Empty: no limit.")
    )
    max_age = WholeNumberField(
        label=_("Highest age"),
        lowest=0,
        highest=OLDEST,
        required=False,
        help_text=_("In years. Empty: no limit; older people wait in the group with the higher score anyway."),
    )
    age_on = DayField(
        label=_("Ages count on the day"),
        required=False,
        needs_year=True,
        help_text=_("Such as 31. 12. 2027. Empty: on the day when somebody registers or reserves."),
    )
    proof = forms.ChoiceField(
        label=_("What proves before the visit that a person belongs to the group"),
        choices=GroupRule.Proof.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what proves it.")},
    )
    registers_from = MomentField(label=_("People register from"), required=False, needs_year=True, help_text=_MOMENT)
    invites_from = MomentField(label=_("People are invited from"), required=False, needs_year=True, help_text=_MOMENT)

    field_order = (
        "valid_from",
        "registers_from",
        "invites_from",
        "score",
        "min_age",
        "max_age",
        "age_on",
        "proof",
        "reason",
    )

    def __init__(self, *args: Any, group: PriorityGroup, **options: Any) -> None:
        super().__init__(*args, **options)
        if group.basis == PriorityGroup.Basis.AGE:
            del self.fields["proof"]  # the date of birth says it

    def clean_valid_from(self) -> Any:
        """A moment that has not passed."""
        moment = self.cleaned_data["valid_from"]
        if moment is not None and moment <= timezone.now():
            raise ValidationError(str(RuleBegins.message))
        return moment

    def clean(self) -> dict[str, Any]:
        """Ages and times in their order."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        lowest, highest = typed.get("min_age"), typed.get("max_age")
        if lowest is not None and highest is not None and lowest > highest:
            self.add_error("max_age", _("The highest age is below the lowest one."))
        registers, invites = typed.get("registers_from"), typed.get("invites_from")
        if registers is not None and invites is not None and invites < registers:
            self.add_error("invites_from", _("People cannot be invited before they can register."))
        return typed

    def text(self) -> RuleText:
        """What was typed."""
        return RuleText(**{name: self.cleaned_data[name] for name in RuleText.names() if name in self.cleaned_data})


class GroupForm(ReasonForm):
    """What is said of a group: its phase, its name and its hint in each language."""

    field_order: Any = None
    phase = forms.ChoiceField(label=_("Phase of the campaign"), choices=PriorityGroup.Phase.choices)

    def __init__(self, *args: Any, group: PriorityGroup | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        for language, label in settings.LANGUAGES:
            self.fields[f"name_{language}"] = PlainField(
                label=_("Name (%(language)s)") % {"language": label},
                max_length=100,
                required=language == "cs",
                widget=forms.TextInput({"lang": language}),
                help_text="" if language == "cs" else _("Empty: people read the Czech text."),
                error_messages={"required": _("Write the name in Czech.")},
            )
            self.fields[f"hint_{language}"] = LinesField(
                label=_("What people are to bring or know (%(language)s)") % {"language": label},
                max_length=500,
                required=False,
                widget=forms.Textarea({"lang": language, "rows": 3}),
            )
            if group is not None:
                self.initial[f"name_{language}"] = group.names.get(language, "")
                self.initial[f"hint_{language}"] = group.hints.get(language, "")
        if group is not None:
            self.initial["phase"] = group.phase
        self.order_fields([name for name in self.fields if name != "reason"] + ["reason"])

    def text(self) -> GroupText:
        """What was typed, without empty texts."""
        names, hints = (
            {
                language: self.cleaned_data[f"{kind}_{language}"]
                for language, _label in settings.LANGUAGES
                if self.cleaned_data[f"{kind}_{language}"]
            }
            for kind in ("name", "hint")
        )
        return GroupText(phase=self.cleaned_data["phase"], names=names, hints=hints)


class NewGroupForm(GroupForm):
    """A group that did not exist."""

    code = typed.SlugField(
        label=_("Code"),
        max_length=40,
        help_text=_("Small letters, digits and hyphens, such as forest-workers. It stays for good."),
        error_messages={"required": _("Write a code."), "invalid": _("Only small letters, digits and hyphens.")},
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )
    basis = forms.ChoiceField(
        label=_("Why a person belongs to the group"),
        choices=PriorityGroup.Basis.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why a person belongs to the group.")},
    )

    def clean_code(self) -> str:
        """In small letters."""
        return str(self.cleaned_data["code"]).lower()
