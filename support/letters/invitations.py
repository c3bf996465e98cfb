"""Invitations (text/calendar) in a few lines of words."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import pgettext
from icalendar import Calendar

from crs.typed import lines, plain
from support.letters.charsets import decoded

MOST_BYTES = 64_000
MOST_EVENTS = 5
MOST_OF_A_TEXT = 2_000


def summary(content: bytes, charset: str = "") -> str:
    """What, when, where and from whom; '' if it cannot be read. Times are those of Prague."""
    text = decoded(content[:MOST_BYTES], charset).text
    try:
        calendar = Calendar.from_ical(text)
        events = [_event(event) for event in calendar.walk("VEVENT")[:MOST_EVENTS]]
    except Exception:  # the library raises whatever a broken line brings about
        return ""
    return "\n\n".join(event for event in events if event)


def _event(event: Any) -> str:
    rows = [
        (pgettext("invitation", "What"), plain(_text(event, "SUMMARY"))),
        (pgettext("invitation", "Begins"), _moment(event, "DTSTART")),
        (pgettext("invitation", "Ends"), _moment(event, "DTEND")),
        (pgettext("invitation", "Where"), plain(_text(event, "LOCATION"))),
        (
            pgettext("invitation", "Organized by"),
            plain(_text(event, "ORGANIZER")).removeprefix("mailto:").removeprefix("MAILTO:"),
        ),
        (pgettext("invitation", "Text"), lines(_text(event, "DESCRIPTION"))),
    ]
    return "\n".join(f"{name}: {value}" for name, value in rows if value)


def _text(event: Any, name: str) -> str:
    value = event.get(name, "")
    first = value[0] if isinstance(value, list) and value else value
    return str(first)[:MOST_OF_A_TEXT]


def _moment(event: Any, name: str) -> str:
    value = getattr(event.get(name), "dt", None)
    if isinstance(value, datetime):
        local = timezone.localtime(value) if value.tzinfo else value
        return f"{local.day}. {local.month}. {local.year} {local:%H:%M}"
    return f"{value.day}. {value.month}. {value.year}" if isinstance(value, date) else ""
