"""How far registrations have come, in a few words for lists; rooms above say more (PIN2, reserved times).

A source is added in `AppConfig.ready`. It is asked once for a whole list.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registration.models import Registration

# Of the registrations that stand the words for those of which it knows more, by key.
Source = Callable[[Collection[Registration], datetime], Mapping[int, str]]

_sources: list[Source] = []


def add_source(source: Source) -> None:
    """Let `source` say how far registrations have come."""
    _sources.append(source)


def words_of(registrations: Collection[Registration], *, now: datetime) -> dict[int, str]:
    """The words for each of the saved registrations, by key."""
    active = [one for one in registrations if one.state == Registration.State.ACTIVE]
    known: dict[int, str] = {}
    for source in _sources if active else ():
        known |= source(active, now)
    return {one.pk: _words(one, known.get(one.pk, "")) for one in registrations}


def waiting() -> str:
    """The words for whoever has nothing yet: also for a claim, which reads like any registration."""
    return _("waits for its turn")


def _words(registration: Registration, known: str) -> str:
    if registration.state != Registration.State.ACTIVE:
        return registration.get_state_display()
    if not registration.doses_received:
        return known or waiting()
    given = ngettext("%(count)d dose given", "%(count)d doses given", registration.doses_received)
    said = given % {"count": registration.doses_received}
    return f"{said}; {known}" if known else said
