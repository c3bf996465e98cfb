"""The report of an adverse event for the agency, on paper: its form's fields with their names in E2B (DOMAIN 10.3).

It holds the person's initials, birth date, age and sex; neither their name nor their insured number.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import ngettext

from crs.pdf import rendering
from registration.models import Person
from registration.people.persons import sex_of
from vaccination.models import AdverseEvent, Dose, Reaction


@dataclass(frozen=True)
class ReportedReaction:
    """A reaction as the form asks for it: how long after the dose it began, and how long it took."""

    reaction: Reaction
    delay: str
    duration: str


def report_pdf(event: AdverseEvent, *, language: str) -> bytes:
    """The report in `language`: A4, PDF/UA-1. One of a nullified event says so. Raises as `rendering.pdf`."""
    with translation.override(language):
        content = _content(event)
    return rendering.pdf(
        "vaccination/observation/pdf/report.html",
        content,
        sheet="vaccination/observation/pdf/report.css",
        language=language,
        identifier=event.pk.bytes,
    )


def initials(person: Person) -> str:
    """The first letters of each part of both names: 'Jana Nováková-Malá' is 'J. N. M.'."""
    parts = f"{person.first_name} {person.last_name}".replace("-", " ").split()
    return " ".join(f"{_first_letter(part)}." for part in parts)


def elapsed(time: timedelta) -> str:
    """A time in its two largest units: '3 days 4 hours', '12 minutes'."""
    minutes = max(0, int(time.total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    counted = [
        (days, ngettext("%(count)d day", "%(count)d days", days)),
        (hours, ngettext("%(count)d hour", "%(count)d hours", hours)),
        (rest, ngettext("%(count)d minute", "%(count)d minutes", rest)),
    ]
    parts = [text % {"count": count} for count, text in counted if count]
    return " ".join(parts[:2]) or ngettext("%(count)d minute", "%(count)d minutes", 0) % {"count": 0}


def _content(event: AdverseEvent) -> dict[str, Any]:
    dose, person = event.dose, event.dose.person
    reasons = set(event.seriousness)
    reactions = [
        ReportedReaction(
            reaction,
            elapsed(reaction.started_at - _minute(dose.given_at)),
            elapsed(reaction.ended_at - reaction.started_at) if reaction.ended_at else "",
        )
        for reaction in event.reactions.all()
    ]
    earlier = Dose.objects.valid().of(person).filter(given_at__lt=dose.given_at).select_related("vaccine", "batch")
    return {
        "event": event,
        "dose": dose,
        "site": dose.site,
        "initials": initials(person),
        "birth_date": person.birth_date,
        "age": person.age_on(dose.given_on),
        "sex": str(Person.Sex(sex).label) if (sex := sex_of(person)) else "",
        "reactions": reactions,
        "seriousness": [(one, one.value in reasons) for one in AdverseEvent.Seriousness],
        "additions": event.additions.all(),
        "earlier": earlier.order_by("given_at"),
        "is_due": event.is_serious or event.is_unexpected,
        "is_nullified": event.state == AdverseEvent.State.NULLIFIED,
        "nullified_because": event.nullified_because or "",
    }


def _first_letter(name: str) -> str:
    """'Ch' is one letter in Czech."""
    return "Ch" if name[:2].lower() == "ch" else name[0].upper()


def _minute(moment: datetime) -> datetime:
    """People write minutes, so a delay counts from the minute of the dose."""
    return moment.replace(second=0, microsecond=0)
