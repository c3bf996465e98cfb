"""The list of things to bring, for the texts of e-mails and letters, and for pages."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from registration.models import Registration
from reservation.papers import to_bring

register = template.Library()


@register.simple_tag
def things_to_bring(registration: Registration, *, is_at_a_time: bool = True, now: datetime | None = None) -> str:
    """The heading, a line for each thing, and how to come.

    Whoever writes to many gives one `now` for all, so that the rules of that moment are read once.
    """
    things = [f"- {thing}" for thing in to_bring.things_of(registration, now=now or timezone.now())]
    return "\n".join([_("Bring with you:"), *things, to_bring.how_to_come(is_at_a_time=is_at_a_time)])


@register.simple_tag
def list_to_bring(registration: Registration) -> list[str]:
    """The things alone, for a list of a page."""
    return to_bring.things_of(registration, now=timezone.now())
