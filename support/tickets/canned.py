"""Prepared answers: variables in braces are filled in when one is chosen."""

import re

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.formats import date_format

from crs.no_break import breakable
from crs.users import name_of_user
from support.models import CannedAnswer, Ticket

VARIABLES = ("name", "number", "site", "agent", "date")
_BRACES = re.compile(r"\{([^{}\n]{0,40})\}")


def unknown_in(text: str) -> list[str]:
    """The names in braces that no answer fills in."""
    return [name for name in dict.fromkeys(_BRACES.findall(text)) if name not in VARIABLES]


def unfilled_in(text: str) -> list[str]:
    """The variables that still stand in a text, for the ticket does not say them."""
    return [name for name in dict.fromkeys(_BRACES.findall(text)) if name in VARIABLES]


def filled(canned: CannedAnswer, ticket: Ticket, by: User) -> str:
    """The text in the language of the ticket. A variable of which nothing is known stays as it is."""
    text = canned.text_cs if ticket.language == "cs" or not canned.text_en else canned.text_en
    known = {
        "name": ticket.requester_name,
        "number": ticket.number,
        "site": ticket.site.name if ticket.site else "",
        "agent": name_of_user(by),
        "date": breakable(date_format(timezone.localdate(), "j. n. Y")),  # it is edited in a field
    }
    return _BRACES.sub(lambda found: known.get(found[1]) or found[0], text)
