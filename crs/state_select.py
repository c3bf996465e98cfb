"""A list of all states, of which a page has only the chosen one to mark.

Django makes and draws 250 options for each page, a fifth of the registration's form. Here they are drawn once in a
process for each language; the characters are those of Django (tests/crs/test_states_to_choose.py).
"""

from html import escape
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.utils.safestring import SafeString
from django.utils.translation import get_language

# No state has this code, so nothing is marked.
_NOBODY = "-"


class StateSelect(forms.Select):
    """For a field whose choices are `crs.states.OfferedStates`."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        # The copies of the field that the forms make share it.
        self._drawn: dict[tuple[Any, ...], SafeString] = {}

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """The list as Django draws it."""
        key = (get_language(), name, *self.build_attrs(self.attrs, attrs).items())
        if key not in self._drawn:
            self._drawn[key] = super().render(name, _NOBODY, attrs, renderer)
        option = f'<option value="{escape(str(value or ""))}"'
        return SafeString(self._drawn[key].replace(f"{option}>", f"{option} selected>", 1))
