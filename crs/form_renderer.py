"""Draws the plain widgets of forms without templates.

Django draws each input by three templates, and each option of a list by two more: they took a quarter of a form's page.
Here the same characters come from Python (tests/crs/test_form_renderer.py compares them); any other widget has its
template. The field around it is drawn by `crs/form_field.py`.
"""

from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from crs import form_field

Widget = Mapping[str, Any]

_FOLDER = "django/forms/widgets"
_INPUTS = ("input", "text", "hidden", "email", "number", "password", "tel", "search", "url", "date", "time", "checkbox")


class FormRenderer(TemplatesSetting):
    """Django's own, apart from the widgets and fields that it knows to draw."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """The HTML of a widget, of a field or of a form."""
        if draw := _DRAWN.get(template_name):
            # Escaped where it was put together.
            return SafeString(draw(context["widget"]))
        if template_name == self.field_template_name and (drawn := form_field.draw(context["field"])) is not None:
            return drawn
        return super().render(template_name, context, request)


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    return f'<input type="{widget["type"]}" name="{_text(widget["name"])}"{value}{_attributes(widget)}>'


def _textarea(widget: Widget) -> str:
    value = _shown(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_text(widget["name"])}"{_attributes(widget)}>\n{value}</textarea>'


def _select(widget: Widget) -> str:
    return f'<select name="{_text(widget["name"])}"{_attributes(widget)}>{"".join(_groups(widget))}\n</select>'


def _groups(widget: Widget) -> Iterator[str]:
    for name, options, _index in widget["optgroups"]:
        if name:
            yield f'\n  <optgroup label="{_shown(name)}">'
        for option in options:
            value, label = _text(option["value"]), _shown(option["label"])
            yield f'\n  <option value="{value}"{_attributes(option)}>{label}</option>\n'
        if name:
            yield "\n  </optgroup>"


def _attributes(widget: Widget) -> str:
    return "".join(
        f" {_text(name)}" if value is True else f' {_text(name)}="{_text(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _text(value: Any) -> str:
    """As templates write what they do not localize."""
    return escape(value) if type(value) is str else str(conditional_escape(value))


def _shown(value: Any) -> str:
    """As templates write a variable. The hundreds of names in a list are plain text, which nothing has to look at."""
    return escape(value) if type(value) is str else str(conditional_escape(localize(value)))


_DRAWN: Mapping[str, Callable[[Widget], str]] = {
    **{f"{_FOLDER}/{name}.html": _input for name in _INPUTS},
    f"{_FOLDER}/textarea.html": _textarea,
    f"{_FOLDER}/select.html": _select,
}
