"""The name of a model in the case that its sentence needs."""

from django import template

from crs import czech_cases

register = template.Library()


@register.filter
def whom(name: object) -> str:
    """As in 'add whom?'."""
    return czech_cases.whom(name)


@register.simple_tag
def counted(count: int, one: object, several: object) -> str:
    """The name that goes with the number."""
    return czech_cases.counted(count, one, several)
