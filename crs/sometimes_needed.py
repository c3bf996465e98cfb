"""Fields that a form needs with some of its choices only: nobody reads '(optional)' at them."""

from typing import TypeVar

from django import forms

AnyField = TypeVar("AnyField", bound=forms.Field)


def sometimes_needed(field: AnyField) -> AnyField:
    """Mark a field that is not required, but asked for by `clean` of its form where a choice needs it.

    Its help says when that is; `clean` puts the error at the field.
    """
    field.is_sometimes_needed = True  # type: ignore[attr-defined]  # read by templates/django/forms/field.html
    return field
