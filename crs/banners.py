"""What is said on every page while it holds, such as a known problem; rooms above say it (`add_source`)."""

from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import NamedTuple

from django.utils.functional import Promise


class Banner(NamedTuple):
    """A line above the page: "info", "warning" or "error", its words, and the page that says more.

    Without `more` the words lead there.
    """

    kind: str
    text: str | Promise
    url: str
    more: str | Promise = ""


class Audience(Enum):
    """For whom a page is."""

    CITIZENS = auto()
    STAFF = auto()


# Every page asks it, so it asks no database and never raises.
Source = Callable[[Audience], Iterable[Banner]]

_sources: list[Source] = []


def add_source(source: Source) -> None:
    """Let a room above say something on every page; in `AppConfig.ready`."""
    _sources.append(source)


def for_citizens() -> list[Banner]:
    """The banners of a page that is for everybody."""
    return [banner for source in _sources for banner in source(Audience.CITIZENS)]


def for_staff() -> list[Banner]:
    """The banners of a page that is for staff."""
    return [banner for source in _sources for banner in source(Audience.STAFF)]
