"""Widgets drawn by Python have the characters that Django's templates write."""

from datetime import date
from typing import Any

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from crs import form_field
from crs.form_renderer import FormRenderer
from crs.sometimes_needed import sometimes_needed

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


class Fields(forms.Form):
    """A field of each look."""

    plain = forms.CharField(label=f"Name {EVIL}")
    helped = forms.EmailField(label=gettext_lazy("Yes"), help_text=mark_safe("Until <b>3. 5. 2027</b>"), required=False)
    evil_help = forms.CharField(help_text=EVIL)
    nameless = forms.CharField(label="", help_text="Such as 3. 5. 2027")
    needed = sometimes_needed(forms.CharField(required=False))
    number = forms.IntegerField(label=gettext_lazy("No"), initial=1234567)
    text = forms.CharField(widget=forms.Textarea, initial=EVIL)
    chosen = forms.ChoiceField(choices=CHOICES, required=False)
    box = forms.BooleanField(label=f"I agree {EVIL}", required=False)
    box_helped = forms.BooleanField(help_text="Until 3. 5. 2027", initial=True)
    radio = forms.ChoiceField(widget=forms.RadioSelect, choices=CHOICES[:3])
    boxes = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, choices=CHOICES[:3])
    parts = forms.SplitDateTimeField(widget=forms.SplitDateTimeWidget, help_text="Both")


@pytest.mark.parametrize("language", ["cs", "en"])
@pytest.mark.parametrize("typed", [None, {}, {"plain": EVIL, "box": "on", "chosen": "111", "number": "x"}])
@pytest.mark.parametrize("prefix", [None, "a"])
def test_a_field_has_the_characters_of_its_template(
    typed: dict[str, str] | None, language: str, prefix: str | None
) -> None:
    data = typed if typed is None or prefix is None else {f"{prefix}-{name}": text for name, text in typed.items()}
    with override(language):
        drawn, templated = (
            {field.name: field.as_field_group() for field in Fields(data, prefix=prefix, renderer=renderer)}
            for renderer in (FormRenderer(), TemplatesSetting())
        )
    assert drawn == templated


def test_plain_fields_are_drawn_without_their_template() -> None:
    form = Fields()
    of_templates = {field.name for field in form if form_field.draw(field) is None}
    assert of_templates == {"radio", "boxes", "parts"}
