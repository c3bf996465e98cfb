"""What rooms above add to the pages of a site, in `AppConfig.ready`: links about a person, a section about a dose."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise

from vaccination.models import Dose


class PersonLink(NamedTuple):
    """A page about a person, for those who may do `act`; its address has the keys of the site and the registration."""

    label: str | Promise
    url_name: str
    act: str


class Link(NamedTuple):
    """A link as a page shows it."""

    label: str | Promise
    url: str


@dataclass(frozen=True)
class Section:
    """A section of a page: its template, which finds `data` as `section`.

    What `is_main` has what comes next: its act is the main one of the page.
    """

    template: str
    data: Any
    is_main: bool = False


# Whoever looks may do these acts at the site of the dose; None where nothing is to be said.
DoseSection = Callable[[Dose, Collection[str], datetime], Section | None]

_person_links: dict[int, PersonLink] = {}
_dose_sections: dict[int, DoseSection] = {}


def add_person_link(position: int, label: str | Promise, url_name: str, act: str) -> None:
    """Show a link where a site's page is about a person; the lowest `position` comes first.

    Raises ValueError where it is taken.
    """
    if position in _person_links:
        raise ValueError(f"There is a link at {position} already.")
    _person_links[position] = PersonLink(label, url_name, act)


def person_links(site_id: UUID, registration_id: int | None, acts: Collection[str]) -> list[Link]:
    """The links about a person that the user may follow; none about somebody without a registration. No query."""
    if registration_id is None:
        return []
    found = (_person_links[position] for position in sorted(_person_links))
    return [Link(one.label, reverse(one.url_name, args=[site_id, registration_id])) for one in found if one.act in acts]


def add_dose_section(position: int, section: DoseSection) -> None:
    """Show a section on the page of a dose, above its record. Raises ValueError where the position is taken."""
    if position in _dose_sections:
        raise ValueError(f"There is a section at {position} already.")
    _dose_sections[position] = section


def dose_sections(dose: Dose, acts: Collection[str], now: datetime) -> list[Section]:
    """The sections about a dose that counts, in the order of the page."""
    found = (_dose_sections[position](dose, acts, now) for position in sorted(_dose_sections))
    return [one for one in found if one is not None]
