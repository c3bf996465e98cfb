"""The calendar file (.ics) with both doses, for the person's own diary.

Times are written in UTC: every diary shows them in its own zone, and no table of summer times can be
wrong in the file. There is no METHOD, so that the file is imported and not answered like an invitation.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vUri

from reservation.papers.reservation_summary import AppointmentSummary, Confirmation

REMINDER = timedelta(days=1)


def calendar_file(confirmation: Confirmation, *, language: str) -> bytes:
    """The doses to come as events with an alarm the day before, in `language`; UTF-8."""
    with translation.override(language):
        calendar = Calendar()
        calendar.add("prodid", "-//CRS//Reservation//CS")
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        for appointment in confirmation.to_come:
            calendar.add_component(_event(confirmation, appointment))
        return bytes(calendar.to_ical())


def _event(confirmation: Confirmation, appointment: AppointmentSummary) -> Event:
    title = _("Vaccination against covid-19 – dose %(dose)s") % {"dose": appointment.dose}
    event = Event()
    # A dose of a reservation keeps its UID, so that a second import replaces the event and does not double it.
    event.add("uid", f"{confirmation.reservation_id}-{appointment.dose}@{urlsplit(settings.PUBLIC_URL).hostname}")
    event.add("dtstamp", confirmation.confirmed_at)
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.ends_at)
    event.add("summary", title)
    event.add("location", f"{appointment.site_name}, {appointment.site_address}")
    event.add("description", _description(confirmation, appointment))
    event.add("url", vUri(settings.PUBLIC_URL))
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    event.add_component(_alarm(title))
    return event


def _description(confirmation: Confirmation, appointment: AppointmentSummary) -> str:
    lines = [
        _("Registration number: %(number)s") % {"number": confirmation.number},
        _("Vaccine: %(vaccine)s") % {"vaccine": appointment.vaccine},
        _("Bring your identity card and your health insurance card."),
        appointment.site_notes,
        _("Questions: line 1221, every day from 8 am to 7 pm."),
    ]
    return "\n".join(line for line in lines if line)


def _alarm(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -REMINDER)
    return alarm
