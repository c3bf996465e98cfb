"""What the label of a field says that a form needs with some of its choices only."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.urls import get_resolver
from django.utils import translation

from crs.sometimes_needed import sometimes_needed
from tests.crs.test_history import ROOMS


class _Form(forms.Form):
    day = sometimes_needed(forms.CharField(label="Day", required=False))
    note = forms.CharField(label="Note", required=False)


def test_a_field_that_a_choice_needs_is_not_called_optional() -> None:
    with translation.override("en"):
        form = _Form()
        assert "(optional)" not in form["day"].as_field_group()
        assert "(optional)" in form["note"].as_field_group()
    assert _Form({}).is_valid()


def _subclasses(kind: Any) -> Iterator[Any]:
    for found in kind.__subclasses__():
        yield found
        yield from _subclasses(found)


def test_no_form_asks_for_a_field_that_it_calls_optional() -> None:
    """A form that says 'Write the reason.' at a field has told nobody before that it may stay empty."""
    get_resolver().url_patterns  # noqa: B018  # the forms of all rooms are there once their pages are
    asking = re.compile(
        r"add_error\(\s*\"(\w+)\",\s*_\(\s*\"(?:Please )?(?:write|choose|scan) (?![^\"]*at most)", re.IGNORECASE
    )
    looked_at, wrong = 0, []
    for form in set(_subclasses(forms.BaseForm)):
        if form.__module__.split(".")[0] not in ROOMS:
            continue
        looked_at += 1
        for name in asking.findall(inspect.getsource(form)):
            field = form.base_fields.get(name)
            if field and not field.required and not getattr(field, "is_sometimes_needed", False):
                wrong.append(f"{form.__module__}.{form.__name__}.{name}")
    assert looked_at > 50
    assert sorted(wrong) == []
