"""What the user of a page may do at a place."""

from typing import Any

from django import template

from logistics.models import VaccinationSite
from logistics.staff import permissions

register = template.Library()


@register.simple_tag(takes_context=True)
def acts_here(context: dict[str, Any], site: VaccinationSite) -> frozenset[str]:
    """The acts that the user may do at the site; one query."""
    return permissions.acts_at(context["request"].user, site)
