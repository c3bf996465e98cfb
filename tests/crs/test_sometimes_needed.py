"""What the label of a field says that a form needs with some of its choices only."""

from django import forms
from django.utils import translation

from crs.sometimes_needed import sometimes_needed


class _Form(forms.Form):
    day = sometimes_needed(forms.CharField(label="Day", required=False))
    note = forms.CharField(label="Note", required=False)


def test_a_field_that_a_choice_needs_is_not_called_optional() -> None:
    with translation.override("en"):
        form = _Form()
        assert "(optional)" not in form["day"].as_field_group()
        assert "(optional)" in form["note"].as_field_group()
    assert _Form({}).is_valid()
