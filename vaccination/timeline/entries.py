"""A person's timeline: what happened around their vaccination, told by sources; later rooms add theirs.

    entries.add_source(certificates)  # in AppConfig.ready
    entries.add_messages({"certificates/password": _("the password")}, deliveries_of)

A source says that something happened and by whom, never what an answer, a report or a message says.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from registration.models import Person, Registration


class Kind(models.TextChoices):
    """The subject of an entry."""

    REGISTRATION = "REGISTRATION", pgettext_lazy("timeline", "registration")
    CONTACT = "CONTACT", pgettext_lazy("timeline", "contact data")
    INVITATION = "INVITATION", pgettext_lazy("timeline", "invitation")
    RESERVATION = "RESERVATION", pgettext_lazy("timeline", "reservation")
    VISIT = "VISIT", pgettext_lazy("timeline", "visit")
    ANSWERS = "ANSWERS", pgettext_lazy("timeline", "questions")
    DOSE = "DOSE", pgettext_lazy("timeline", "dose")
    CERTIFICATE = "CERTIFICATE", pgettext_lazy("timeline", "certificate")
    EVENT = "EVENT", pgettext_lazy("timeline", "adverse event")
    MESSAGE = "MESSAGE", pgettext_lazy("timeline", "message")
    OTHER = "OTHER", pgettext_lazy("timeline", "other")


@dataclass(frozen=True)
class Entry:
    """Something that happened at a time; `by` and `reason` are empty where nobody is known."""

    at: datetime
    kind: Kind
    text: str | Promise
    by: str = ""
    reason: str | Promise = ""


@dataclass(frozen=True)
class Rows:
    """The rows that stand for one person: more than one where they were merged, with all their registrations."""

    people: tuple[int, ...]
    registrations: tuple[int, ...]


Source = Callable[[Rows], Iterable[Entry]]
# From the rows to the references that messages about them bear.
References = Callable[[Rows], Iterable[str]]

_sources: list[Source] = []
_message_names: dict[str, str | Promise] = {}
_references: list[References] = []


def add_source(source: Source) -> None:
    """Let `source` tell its part of each timeline."""
    if source not in _sources:
        _sources.append(source)


def add_messages(names: Mapping[str, str | Promise], references: References) -> None:
    """Let the messages of these templates stand on timelines under these names, where they bear such a reference."""
    _message_names.update(names)
    if references not in _references:
        _references.append(references)


def message_names() -> Mapping[str, str | Promise]:
    """What the messages of the rooms above are about, by template."""
    return _message_names


def references_of(rows: Rows) -> set[str]:
    """The references of the rooms above that mean this person."""
    return {reference for references in _references for reference in references(rows)}


def sources() -> tuple[Source, ...]:
    """All sources."""
    return tuple(_sources)


def entries_of(person: Person) -> list[Entry]:
    """Everything that the sources know of the person, the newest first."""
    people = (person.pk, *Person.objects.filter(merged_into=person).values_list("pk", flat=True))
    registrations = Registration.objects.filter(person__in=people).values_list("pk", flat=True)
    rows = Rows(people, tuple(registrations))
    found = [entry for source in _sources for entry in source(rows)]
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def by_day(entries: Iterable[Entry]) -> Iterator[tuple[date, list[Entry]]]:
    """The entries by their day in Prague, in the order in which they come."""
    for day, group in groupby(entries, key=lambda entry: timezone.localdate(entry.at)):
        yield day, list(group)
