"""Registration numbers as people read them."""

from django import template

from registration import number

register = template.Library()


@register.filter
def grouped(digits: object) -> str:
    """The number in threes, the same in a message as on a page."""
    return number.grouped(str(digits))
