"""Pages that rooms above add to one's own registration, in `AppConfig.ready`; their addresses take the entry's key."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class MorePage:
    """A page: the name of its address, and the text of the link to it."""

    address: str
    text: str | Promise


_pages: list[MorePage] = []


def add(address: str, text: str | Promise) -> None:
    """Show a link to the page with every registration that has not ended, and with claims alike."""
    _pages.append(MorePage(address, text))


def pages() -> list[MorePage]:
    """All of them, in the order in which they were added."""
    return list(_pages)
