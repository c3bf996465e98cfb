"""Days that are over, whose people are written down later; an address names such a day by `?den=`."""

from datetime import date

from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from logistics.models import VaccinationSite
from registration.models import Registration


def named(text: str) -> date | None:
    """The earlier day that the text of an address or of a form names; None for today and for none."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    if day.year < 2020:
        raise Http404
    return earlier(day)


def earlier(day: date) -> date | None:
    """The day, if it is over."""
    return day if day < timezone.localdate() else None


def url(name: str, site: VaccinationSite, registration: Registration, late_day: date | None) -> str:
    """The address of a page about a person on that day."""
    address = reverse(f"vaccination:{name}", args=[site.pk, registration.pk])
    return f"{address}?den={late_day:%Y-%m-%d}" if late_day else address
