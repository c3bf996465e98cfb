"""Calendar files (.ics) for the person's own diary: each dose is one event, kept by its UID through every change.

Times are written in UTC: every diary shows them in its own zone, and no table of summer times can be wrong in the file.
Why nothing here is an invitation to answer, and what diaries do with it: docs/adr/0053-diary-files.md
"""

import unicodedata
from collections.abc import Iterable
from datetime import UTC, timedelta
from email.utils import parseaddr
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress, vUri

from reservation.papers.reservation_summary import AppointmentSummary, Confirmation

REMINDER = timedelta(days=1)


class Method(StrEnum):
    """What a diary is to do with a file; mail programs read it from the content type too."""

    PUBLISH = "PUBLISH"
    CANCEL = "CANCEL"


def method_of(appointment: AppointmentSummary) -> Method:
    """How the dose is told to a diary."""
    return Method.CANCEL if appointment.is_cancelled else Method.PUBLISH


def content_type(method: Method) -> str:
    """The content type of a file with this method."""
    return f"text/calendar; charset=utf-8; method={method}"


def calendar_file(confirmation: Confirmation, *, language: str) -> bytes:
    """The doses to come, of which there is one at least, with an alarm the day before, in `language`; UTF-8."""
    return _file(Method.PUBLISH, confirmation, confirmation.to_come, language)


def dose_file(confirmation: Confirmation, appointment: AppointmentSummary, *, language: str) -> bytes:
    """One dose of the confirmation: its event, or the end of it where it is cancelled."""
    return _file(method_of(appointment), confirmation, [appointment], language)


def _file(
    method: Method, confirmation: Confirmation, appointments: Iterable[AppointmentSummary], language: str
) -> bytes:
    with translation.override(language):
        calendar = Calendar()
        calendar.add("prodid", "-//CRS//Reservation//CS")
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        calendar.add("method", method.value)
        for appointment in appointments:
            calendar.add_component(_event(confirmation, appointment))
        return bytes(calendar.to_ical())


def _event(confirmation: Confirmation, appointment: AppointmentSummary) -> Event:
    title = _written(_title(confirmation.whom, appointment))
    event = Event()
    # A dose of a reservation keeps its UID, so that a second import replaces the event and does not double it.
    event.add("uid", f"{confirmation.reservation_id}-{appointment.dose}@{urlsplit(settings.PUBLIC_URL).hostname}")
    # Of two files with one UID a diary keeps the one with the higher number, whichever comes first.
    event.add("sequence", confirmation.sequence)
    event.add("dtstamp", confirmation.changed_at.astimezone(UTC))
    event.add("last-modified", confirmation.changed_at.astimezone(UTC))
    event.add("dtstart", appointment.starts_at.astimezone(UTC))
    event.add("dtend", appointment.ends_at)
    event.add("status", _status(appointment))
    event.add("summary", title)
    event.add("location", _written(f"{appointment.site_name}, {appointment.site_address}"))
    event.add("description", _written(_description(confirmation, appointment)))
    event.add("url", vUri(settings.PUBLIC_URL))
    event.add("organizer", _organizer())
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if appointment.is_cancelled else "OPAQUE")
    if not appointment.is_cancelled:
        event.add_component(_alarm(title))
    return event


def _title(whom: str, appointment: AppointmentSummary) -> str:
    """Whom it is for comes first: a telephone shows the beginning."""
    title = _("Vaccination against covid-19 – dose %(dose)s") % {"dose": appointment.dose}
    title = f"{whom}: {title}"
    if appointment.is_cancelled:
        return _("Cancelled: %(title)s") % {"title": title}
    return _("This time will not hold: %(title)s") % {"title": title} if appointment.is_affected else title


def _status(appointment: AppointmentSummary) -> str:
    if appointment.is_cancelled:
        return "CANCELLED"
    return "TENTATIVE" if appointment.is_affected else "CONFIRMED"


def _description(confirmation: Confirmation, appointment: AppointmentSummary) -> str:
    number = _("Registration number: %(number)s") % {"number": confirmation.grouped_number}
    questions = _("Questions: line 1221, every day from 8 am to 7 pm.")
    if appointment.is_cancelled:
        return "\n".join([_("This time is cancelled. Please do not come."), number, questions])
    if appointment.is_affected:
        return "\n".join([appointment.why_affected, appointment.what_to_do, number, questions])
    lines = [
        number,
        _("Vaccine: %(vaccine)s") % {"vaccine": appointment.vaccine},
        _("Bring with you:") + " " + "; ".join(confirmation.things_to_bring),
        confirmation.how_to_come,
        appointment.site_notes,
        questions,
    ]
    return "\n".join(line for line in lines if line)


def _written(text: str) -> str:
    """The text without signs that a calendar file may not hold: line ends of all kinds are one, the others go."""
    return "\n".join("".join(sign for sign in line if unicodedata.category(sign) != "Cc") for line in text.splitlines())


def _organizer() -> vCalAddress:
    """Whom the mail programs show as its source: the sender of our e-mails, else Outlook doubts the file."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    if name:
        organizer.params["CN"] = name
    return organizer


def _alarm(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -REMINDER)
    return alarm
