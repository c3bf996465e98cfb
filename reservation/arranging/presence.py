"""Whether somebody stands at the site for an appointment now: the room above, which checks people in, says so."""

from collections.abc import Callable, Collection

Source = Callable[[Collection[int]], bool]

_sources: list[Source] = []


def set_source(source: Source) -> None:
    """Ask `source`, in `AppConfig.ready`: whether somebody stands at a site for one of the appointments (keys)."""
    _sources[:] = [source]


def is_anybody_there(appointment_ids: Collection[int]) -> bool:
    """Whether somebody does; whoever asks holds the lock of the registration, as a check-in does."""
    return any(source(appointment_ids) for source in _sources)
