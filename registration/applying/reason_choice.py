"""Why it is the person's turn, besides their age: the groups of the rules in force, and what each of them needs."""

from datetime import datetime
from functools import cached_property
from typing import Any, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crs import typed
from registration.codes import written
from registration.codes.errors import CodeRefused
from registration.groups.rules import Rule, rules_at
from registration.models import GroupRule, PriorityGroup

Proof = GroupRule.Proof


class ReasonFields(forms.Form):
    """The reason, and a code where its rule asks for one."""

    reason = forms.ChoiceField(
        label=_("Why do you have priority?"),
        help_text=_("Most people leave their age here."),
        required=False,
    )
    code = typed.PlainField(
        label=_("Registration code"),
        help_text=_("Twelve digits, for example 1234-5678-9012. Your employer or your doctor gives it to you."),
        error_messages={
            "required": _("Please copy the code from the paper. If you have none yet, tick the box below it.")
        },
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false"}),
    )
    no_code = forms.BooleanField(label=_("I have no code yet"), required=False)

    now: datetime

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ChoiceField", self.fields["reason"]).choices = self._reasons
        self.fields["code"].required = not self["no_code"].value()

    def clean_reason(self) -> PriorityGroup | None:
        """The group; None for whoever waits by age."""
        rule = self._rules.get(self.cleaned_data["reason"]) if self.cleaned_data["reason"] else None
        return rule.group if rule else None

    def clean_code(self) -> str:
        """A code without a typing mistake, as typed; "" where the person has none yet."""
        code: str = self.cleaned_data["code"]
        try:
            if code:
                written.read_code(code)
        except CodeRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return code

    @cached_property
    def chosen_rule(self) -> Rule | None:
        """The rule of the reason that is chosen, whether or not the form was checked."""
        reason = self["reason"].value()
        return self._rules.get(reason) if reason else None

    @property
    def needs_code(self) -> bool:
        """Whether the reason is proved by a code."""
        return self.chosen_rule is not None and self.chosen_rule.proof == Proof.CODE

    @property
    def is_checked_by_register(self) -> bool:
        """Whether a register is asked about the reason."""
        return self.chosen_rule is not None and self.chosen_rule.proof == Proof.REGISTER

    def _reasons(self) -> list[tuple[str, str | Promise]]:
        names = [(code, str(rule.group)) for code, rule in self._rules.items()]
        return [("", _("My age")), *names]

    @cached_property
    def _rules(self) -> dict[str, Rule]:
        """The rules of groups that nobody belongs to by age alone, in their order: one query, where somebody looks."""
        return {rule.group.code: rule for rule in rules_at(self.now) if not rule.is_by_age}
