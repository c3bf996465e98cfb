"""Steps and form fields as the shared templates show them."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms, template
from django.forms.widgets import Input
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crs.no_break import unbroken_data
from crs.operator import Operator
from crs.operator import operator as of_settings
from crs.sent_forms import FIELD as FORM_KEY

register = template.Library()

# Of a part of a page so many versions are kept; then all of them are drawn anew.
_MOST_KEPT = 500

# The seven steps of the walk, in the order of the ministry's slides.
STEP_NAMES = (
    _("Telephone"),
    _("PIN"),
    _("Form"),
    _("Registration received"),
    _("Log in with PIN2"),
    _("Place and time"),
    _("Confirmation"),
)


@dataclass(frozen=True)
class Step:
    """One step as the wizard shows it to a person at step `at`."""

    number: int
    name: str | Promise
    at: int

    @property
    def is_done(self) -> bool:
        """The person is past it."""
        return self.number < self.at

    @property
    def is_current(self) -> bool:
        """The person stands here."""
        return self.number == self.at

    @property
    def sign(self) -> str:
        """The sign in the circle: a tick on a step that is done, so that colour does not say it alone."""
        return "✓" if self.is_done else str(self.number)

    @property
    def colour(self) -> str:
        """The design system's colour of the step."""
        if self.is_current:
            return "primary"
        return "success" if self.is_done else "neutral"


@dataclass(frozen=True)
class Walk:
    """All steps and the one where the person stands."""

    steps: tuple[Step, ...]
    current: Step

    @property
    def count(self) -> int:
        """How many steps there are."""
        return len(self.steps)


@register.filter
def without_stop(text: object) -> str:
    """A whole sentence without the mark at its end, for words that follow it."""
    return str(text).rstrip(".!? ")


@register.simple_tag
def steps(at: int) -> Walk:
    """The walk of a person who stands at step `at`, counted from 1."""
    walk = tuple(Step(number, name, at) for number, name in enumerate(STEP_NAMES, start=1))
    return Walk(walk, walk[at - 1])


@register.simple_tag
def form_key() -> SafeString:
    """The key of a form that acts, made anew each time the form is shown (crs/sent_forms.py)."""
    return format_html('<input type="hidden" name="{}" value="{}">', FORM_KEY, uuid4())


@register.simple_tag
def operator() -> Operator:
    """Who runs the portal; a tag, since pages of errors have no context."""
    return of_settings()


@register.filter
def seconds_left(until: datetime) -> int:
    """Whole seconds from now; 0 where it is past. A browser counts them down, whatever its own clock says."""
    return max(0, math.ceil((until - timezone.now()).total_seconds()))


@register.filter
def control(field: forms.BoundField) -> str:
    """Which look of the design system a form field takes: input, select, radio, checkboxes, checkbox, or own."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checkboxes"
    if isinstance(widget, forms.RadioSelect):
        return "radio"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.Select):
        return "select"
    return "input" if isinstance(widget, Input | forms.Textarea) else "own"


@register.filter
def unbroken(text: object) -> str:
    """The text with its numbers and dates, '601 700 020' and '3. 5. 2027', and 'Praha 4' each on one line."""
    plain = str(text)
    whole = unbroken_data(plain)
    # Another space makes nothing unsafe.
    return mark_safe(whole) if isinstance(plain, SafeString) else whole


@register.tag
def kept(parser: Parser, token: Token) -> "Kept":
    """Draw a part of a page once in a process for each language and each of the named values.

    `{% kept step %}…{% endkept %}`: between the two nothing may stand that depends on anything else, above all nothing
    of a person, of a session or of the request (`{% csrf_token %}`, an address). Parts of every page are kept so.
    """
    _name, *values = token.split_contents()
    nodes = parser.parse(("endkept",))
    parser.delete_first_token()
    return Kept(nodes, [parser.compile_filter(value) for value in values])


class Kept(Node):
    """What `kept` draws."""

    def __init__(self, nodelist: NodeList, values: list[FilterExpression]) -> None:
        self.nodelist = nodelist
        self._values = values
        # It goes with the template, which Django reads anew in development when its file changes.
        self._drawn: dict[tuple[Any, ...], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        """The part, as it was drawn the first time."""
        key = (get_language(), *(value.resolve(context) for value in self._values))
        drawn = self._drawn.get(key)
        if drawn is None:
            if len(self._drawn) >= _MOST_KEPT:
                self._drawn.clear()
            drawn = self._drawn[key] = self.nodelist.render(context)
        return drawn
