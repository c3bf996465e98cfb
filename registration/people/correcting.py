"""Correcting what is kept of a person: a mistyped name or date of birth, a death that did not happen.

Nobody else can: whoever is kept under a wrong date of birth is refused with their own document.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.contrib.auth.models import User

from crs import history, sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.models import Person, PersonCorrection
from registration.operations import Operation
from registration.people.errors import PersonWasMerged
from registration.signals import person_changed


@dataclass(frozen=True)
class Corrected:
    """What is true of the person; `died_on` is None for whoever lives."""

    first_name: str
    last_name: str
    birth_date: date
    died_on: date | None


def correct(
    *, person: Person, corrected: Corrected, reason: str, by: User, now: datetime, form: Sending = NO_FORM
) -> Person:
    """Keep what is true of the person, and why; nothing is written where all of it stands already.

    A spelling in Latin letters is that of its name: another name has none. Raises PersonWasMerged, FormChanged.
    """
    with history.recording(Operation.CORRECT_PERSON, by=by):
        sent_forms.once(form, partial(_correct, person, corrected, reason, by, now))
    return Person.objects.get(pk=person.pk)


def _correct(person: Person, corrected: Corrected, reason: str, by: User, now: datetime) -> Outcome:
    locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if locked.merged_into_id is not None:
        raise PersonWasMerged
    changed = {name for name, value in vars(corrected).items() if getattr(locked, name) != value}
    if not changed:
        return {}
    forgotten = {"latin_first_name": "", "latin_last_name": ""} if changed & {"first_name", "last_name"} else {}
    Person.objects.filter(pk=locked.pk).update(**vars(corrected), **forgotten)
    PersonCorrection.objects.create(person=locked, reason=reason, given_at=now, given_by=by)
    if changed != {"died_on"}:  # no document says it
        person_changed.send(Person, person_id=locked.pk, by=by)
    return {}
