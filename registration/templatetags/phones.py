"""Telephone numbers on pages of staff."""

from typing import Any

from django import template

from registration.telephones import phone

register = template.Library()


@register.filter
def readable(number: Any) -> str:
    """The number in groups; "" where there is none."""
    return phone.readable(str(number)) if number else ""
