"""How long a person is observed after a dose (DOMAIN 10.2)."""

from collections.abc import Iterable

from vaccination.questions.answers import Effect

# The EU's minimum, where no rule has begun.
LEAST_MINUTES = 15


def longest(usual: int | None, effects: Iterable[Effect] = ()) -> int:
    """The minutes of observation by the rule of the site and the day, or longer where an answer asks for it."""
    return max([LEAST_MINUTES if usual is None else usual, *(effect.observe_minutes or 0 for effect in effects)])
