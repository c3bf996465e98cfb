"""The fields of the admin: all of them clean what is typed, and read numbers, days and times as people write them."""

from functools import partial
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db import models

from crs import typed, typed_numbers
from crs.typed_moment import DayField, TimeField

# Of exactly these classes. Fields that extend them, such as a telephone, have forms of their own.
_OF_TEXT: dict[type[models.Field[Any, Any]], Any] = {
    models.CharField: typed.PlainField,
    models.TextField: typed.LinesField,
    models.EmailField: typed.EmailField,
    models.SlugField: typed.SlugField,
    models.URLField: typed.UrlField,
    models.DateField: partial(DayField, needs_year=True),
    models.TimeField: partial(TimeField, hour_alone=True),
}


def options_of(field: models.Field[Any, Any]) -> dict[str, Any]:
    """The options with which the admin makes the form's field of `field`; none where it asks for a choice."""
    if field.choices:
        return {}
    if isinstance(field, models.IntegerField):
        return {"form_class": typed_numbers.IntegerField, "widget": _of_numbers()}
    if isinstance(field, models.DecimalField):
        return {"form_class": typed_numbers.DecimalField, "widget": _of_numbers()}
    form_class = _OF_TEXT.get(type(field))
    return {"form_class": form_class} if form_class else {}


def _of_numbers() -> forms.Widget:
    # A field of text: browsers empty a field of numbers where they cannot read what was typed.
    return AdminTextInputWidget({"class": "vIntegerField"})
