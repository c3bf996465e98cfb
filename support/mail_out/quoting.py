"""What is quoted below an answer."""

from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext

from crs.typed import plain
from support.letters.covering import covered
from support.models import Letter, Ticket
from support.tickets import rows

_PRAGUE = ZoneInfo("Europe/Prague")
_LONGEST = 6000
_MOST_LINES = 120


def last_of_sender(ticket: Ticket) -> Letter | None:
    """The last thing that the ticket's sender wrote."""
    written = Letter.objects.filter(
        ticket__in=rows.family(ticket),
        direction=Letter.Direction.IN,
        kind__in=(Letter.Kind.HUMAN, Letter.Kind.PAGE),
        from_address__iexact=ticket.requester_address,
    )
    return written.order_by("-received_at", "-id").first()


def quotation(letter: Letter) -> str:
    """The letter as people quote one, in the present language; insured numbers in it do not travel back."""
    text = covered(letter.text or "").strip()
    if not text:
        return ""
    lines = text[:_LONGEST].splitlines()
    if len(text) > _LONGEST or len(lines) > _MOST_LINES:
        lines = [*lines[:_MOST_LINES], "…"]
    at = letter.received_at.astimezone(_PRAGUE)
    opening = gettext("On %(day)s at %(time)s %(name)s wrote:") % {
        "day": date_format(at, "j. n. Y"),
        "time": date_format(at, "G:i"),
        "name": plain(letter.from_name) or letter.from_address,
    }
    return "\n".join([opening, *(f"> {line}".rstrip() for line in lines)])
