"""The door through which the pages of a site lead to its tickets."""

from django.utils.translation import pgettext_lazy

from support.permissions import SupportAct
from vaccination import pages


def open_doors() -> None:
    """Add it to the bar; once, at the start."""
    pages.add_door(85, pgettext_lazy("bar of a site", "Help desk"), "support:site_tickets", SupportAct.FOLLOW_TICKETS)
