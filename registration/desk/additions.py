"""What rooms above add to the page of a registration, in `AppConfig.ready`: their invitations and reservations."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from registration.models import Registration


@dataclass(frozen=True)
class Section:
    """A heading with lines of text below it, and a page where those who may `act` do something about it."""

    title: str | Promise
    lines: tuple[str, ...]
    link: "SectionLink | None" = None


@dataclass(frozen=True)
class SectionLink:
    """A page of a room above."""

    text: str | Promise
    url: str
    act: str


# Asked for each page; None where the room has nothing to say.
Source = Callable[[Registration], Section | None]

_sources: list[Source] = []


def add_source(source: Source) -> None:
    """Let `source` add its section to the pages."""
    if source not in _sources:
        _sources.append(source)


def sections_of(registration: Registration) -> list[Section]:
    """The sections of all rooms that have something to say."""
    return [found for source in _sources if (found := source(registration)) is not None]
