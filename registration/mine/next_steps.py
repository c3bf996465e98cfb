"""What happens next with a registration: rooms above add lines (an invitation, reserved times).

A source is added in `AppConfig.ready`. It is asked for one registration at a time, on the page of its own telephone.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from registration.models import Registration


@dataclass(frozen=True)
class NextStep:
    """A sentence, and where it can be done: the name of an address, and the text of its link."""

    text: str
    address: str = ""
    link: str = ""


Source = Callable[[Registration, datetime], Iterable[NextStep]]

_sources: list[Source] = []


def add_source(source: Source) -> None:
    """Ask `source` for lines of every registration that stands."""
    _sources.append(source)


def steps_of(registration: Registration, *, now: datetime) -> list[NextStep]:
    """The lines of all sources, in the order in which they were added."""
    return [step for source in _sources for step in source(registration, now)]
