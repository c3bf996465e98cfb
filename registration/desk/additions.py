"""What rooms above add to the page of a registration, in `AppConfig.ready`: they know of reservations and doses."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.utils.functional import Promise

from registration.models import Registration


@dataclass(frozen=True)
class Link:
    """A page of another room about the person."""

    title: str | Promise
    address: str


@dataclass(frozen=True)
class Section:
    """A heading with lines of text below it, and links."""

    title: str | Promise
    lines: tuple[str | Promise, ...] = ()
    links: tuple[Link, ...] = ()


# Asked for each page, with the user who looks: the room knows what they may see there. None: nothing to say.
Source = Callable[[Registration, User], Section | None]

_sources: list[Source] = []


def add_source(source: Source) -> None:
    """Let `source` add its section to the pages."""
    if source not in _sources:
        _sources.append(source)


def sections_of(registration: Registration, *, user: User) -> Iterable[Section]:
    """The sections of all rooms that have something to say."""
    return [found for source in _sources if (found := source(registration, user)) is not None]
