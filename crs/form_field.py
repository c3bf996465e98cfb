"""Draws a plain field of a form, its label, help and widget, without templates.

The look is `templates/django/forms/field.html`; a field has some thirty tags there, and the fields were half of the
page of a form. Here the same characters come from Python for what is plain: an input, a list or a box, without errors.
A test compares them, so whoever changes one of the two is told of the other.
"""

from typing import Any

from django.forms import BoundField
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crs.templatetags.crs import control, unbroken

_INPUT = '<div class="gov-form-input" data-size="l" data-invalid="false"><div class="element">{}</div></div>'
_SELECT = (
    '<div class="gov-form-select" data-size="l" data-invalid="false"><div class="element">{}'
    '<span class="arrow-icon crs-icon" data-icon="down" aria-hidden="true"></span></div></div>'
)
# The space between tags is that of the template.
_FIELD = """\
<div class="crs-field" data-control="{kind}" data-invalid="false">
    {head}
    {body}
  </div>"""
_HEAD = """
      {label}
      {help}
      
    """  # noqa: W293
_LABEL = """
        <label class="crs-label" for="{id}">{label}{optional}</label>
      """
_BOX = """
      
      <div class="gov-form-checkbox crs-choice" data-size="l" data-invalid="false">
  {box}
  <span>
    <span class="gov-form-checkbox__check crs-icon" data-icon="check" aria-hidden="true"></span>
    <span slot="label" class="crs-choice__label"><label for="{id}">{label}</label></span>
  </span>
</div>

      {help}
    """  # noqa: W293


def draw(field: BoundField) -> SafeString | None:
    """The HTML of a plain field; None of one that its template draws."""
    kind = control(field)
    if kind not in ("input", "select", "checkbox") or field.errors or field.use_fieldset:
        return None
    if kind == "checkbox":
        head, body = "", _checkbox(field)
    else:
        head = _HEAD.format(label=_label(field), help=_help(field))
        body = f"\n      {(_SELECT if kind == 'select' else _INPUT).format(field)}\n    "
    # All of it was escaped where it was put together.
    return SafeString(_FIELD.format(kind=kind, head=head, body=body))


def _label(field: BoundField) -> str:
    if not field.label:
        return ""
    is_optional = not field.field.required and not getattr(field.field, "is_sometimes_needed", False)
    optional = f' <span class="crs-optional">{_("(optional)")}</span>' if is_optional else ""
    return _LABEL.format(id=_shown(field.id_for_label), label=_shown(field.label), optional=optional)


def _help(field: BoundField, classes: str = "crs-help") -> str:
    if not field.help_text:
        return ""
    return f'<div class="{classes}" id="{_shown(field.auto_id)}_helptext">{_shown(unbroken(field.help_text))}</div>'


def _checkbox(field: BoundField) -> str:
    return _BOX.format(
        box=field,
        id=_shown(field.id_for_label),
        label=_shown(field.label),
        help=_help(field, "crs-help crs-help--choice"),
    )


def _shown(value: Any) -> str:
    """As templates write a variable."""
    return str(conditional_escape(localize(value)))
