"""Widgets drawn by Python have the characters that Django's templates write."""

from datetime import date
from typing import Any

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from crs.form_renderer import FormRenderer

EVIL = '<b>"O\'Brien" & Šťastná\x00</b>'
CHOICES = [
    ("", gettext_lazy("Choose your insurer")),
    ("111", "VZP & <spol.>"),
    (1234567, 1234567),
    (None, "nothing"),
    ("Kraj <1>", [("CZ0642", "Brno"), ("CZ0643", mark_safe("Brno<i>-venkov</i>"))]),
    (2026, [(2.5, 2.5), (True, "yes")]),
]
WIDGETS: list[tuple[forms.Widget, Any]] = [
    (forms.TextInput(), None),
    (forms.TextInput({"autocomplete": "off", "spellcheck": "false", "disabled": True, "readonly": False}), EVIL),
    (forms.TextInput({'data-"x"': EVIL, "maxlength": 1234567, "title": gettext_lazy("Choose your insurer")}), 1234567),
    (forms.TextInput(), mark_safe("<i>")),
    (forms.TextInput(), 0),
    (forms.TextInput(), 2.5),
    (forms.HiddenInput(), EVIL),
    (forms.EmailInput(), "marie@seznam.cz"),
    (forms.NumberInput({"min": 0, "step": 0.5}), 12345.5),
    (forms.PasswordInput(), EVIL),
    (forms.URLInput(), EVIL),
    (forms.DateInput(), date(2026, 11, 26)),
    (forms.CheckboxInput(), True),
    (forms.CheckboxInput({"class": "x"}), None),
    (forms.CheckboxInput(), "yes"),
    (forms.Textarea(), None),
    (forms.Textarea({"rows": 3}), f"\n{EVIL}\n"),
    (forms.Textarea(), 12345.5),
    (forms.Select(choices=CHOICES), "111"),
    (forms.Select({"required": True}, choices=CHOICES), "CZ0643"),
    (forms.Select(choices=CHOICES), 2.5),
    (forms.Select(), None),
    (forms.SelectMultiple(choices=CHOICES), ["111", "CZ0642"]),
    (forms.NullBooleanSelect(), True),
    (forms.RadioSelect(choices=CHOICES[:3]), "111"),
]


@pytest.mark.parametrize("language", ["cs", "en"])
@pytest.mark.parametrize("number", range(len(WIDGETS)))
def test_a_widget_has_the_characters_of_the_template(number: int, language: str) -> None:
    widget, value = WIDGETS[number]
    with override(language):
        drawn, templated = (
            widget.render(f"field-{EVIL}", value, {"id": "id_x"}, renderer=renderer)
            for renderer in (FormRenderer(), TemplatesSetting())
        )
    assert drawn == templated


def test_the_date_of_a_help_text_stands_on_one_line() -> None:
    field = forms.CharField(help_text="Such as 3. 5. 2027. These days are closed.")
    shown = type("Dated", (forms.Form,), {"day": field})()["day"].as_field_group()
    assert "Such as 3.\u00a05.\u00a02027. These days" in shown
