"""What the rooms above say on the front page, such as who may register now (`add_part`)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string


@dataclass(frozen=True)
class Part:
    """A piece of the front page: a template, and what it is shown with; None: nothing to say now."""

    template: str
    said: Callable[[], dict[str, Any] | None]


_parts: list[Part] = []


def add_part(template: str, said: Callable[[], dict[str, Any] | None]) -> None:
    """Let a room above say something below the doors of the front page; in `AppConfig.ready`.

    The front page stands on neither database nor cache: `said` never raises where one of them is away.
    """
    _parts.append(Part(template, said))


def shown() -> list[str]:
    """The parts as HTML, those that have nothing to say left out."""
    found = ((part.template, part.said()) for part in _parts)
    return [render_to_string(template, said) for template, said in found if said is not None]
