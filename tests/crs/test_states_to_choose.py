"""The lists from which people choose a state: one field serves all languages."""

import pytest
from django import forms
from django.utils.translation import gettext_lazy, override

from crs.state_select import StateSelect
from crs.states import COMMON_STATES, OfferedStates, states


class Form(forms.Form):
    """A state that stands first, and one that nobody chose yet."""

    country = forms.ChoiceField(choices=OfferedStates("CZ"))
    issuer = forms.ChoiceField(choices=OfferedStates(empty=gettext_lazy("Choose the state")), required=False)


@pytest.mark.parametrize(("language", "prompt"), [("cs", "Vyberte stát"), ("en", "Choose the state")])
def test_all_states_are_offered_once_in_the_language_of_the_page(language: str, prompt: str) -> None:
    with override(language):
        names, form = dict(states()), Form({"country": "UA"})
        offered = [(code, str(name)) for code, name in form.fields["country"].choices]  # type: ignore[attr-defined]
        above = ["CZ", *COMMON_STATES]
        assert offered == [*((code, names[code]) for code in above), *(one for one in states() if one[0] not in above)]
        assert (sorted(offered), len(offered)) == (sorted(states()), len(names))
        assert str(form.fields["issuer"].choices[0][1]) == prompt  # type: ignore[attr-defined]
        assert f'<option value="UA" selected>{names["UA"]}</option>' in str(form["country"])
        assert form.is_valid()


@pytest.mark.parametrize("language", ["cs", "uk"])
@pytest.mark.parametrize("offered", [OfferedStates("CZ"), OfferedStates(empty=gettext_lazy("Choose the state"))])
@pytest.mark.parametrize("chosen", ["CZ", "UA", "ZW", "", None, "XX", "cz", '"><script>', "-"])
def test_the_list_has_the_characters_of_djangos_and_marks_the_chosen_state_alone(
    offered: OfferedStates, language: str, chosen: str | None
) -> None:
    field, quick = (
        forms.ChoiceField(choices=offered, widget=widget)
        for widget in (forms.Select({"autocomplete": "off"}), StateSelect({"autocomplete": "off"}))
    )
    with override(language):
        for code in ("SK", chosen):  # what was drawn for somebody else stays theirs
            for attributes in ({"id": "id_x"}, {"id": "id_x", "required": True, "aria-invalid": "true"}):
                drawn = quick.widget.render("x", code, attributes)
                assert drawn == field.widget.render("x", code, attributes)


@pytest.mark.parametrize("code", ["XX", "", "cz", "Česko"])
def test_what_is_no_code_of_a_state_is_refused(code: str) -> None:
    assert "country" in Form({"country": code}).errors
