"""The doses of a person are counted anew where records are joined or taken apart, or a registration opened again.

Runs in the transaction, and under the name in the history, of whoever does that; the persons are locked.
"""

from typing import Any

from django.utils import timezone

from crs.sent_forms import NO_FORM
from logistics.stock.ledger import EntryContext
from registration.applying import course
from registration.models import Person, Registration
from registration.signals import people_merged, registration_reopened
from reservation.arranging import arrangements
from vaccination.doses.numbering import is_complete, received, renumber
from vaccination.models import Dose
from vaccination.signals import doses_counted_anew

# Kept with the rules that a dose breaks in its new place.
_REASON = "joined or separated records"


def connect() -> None:
    """Listen to registration; called once at start-up, and again does no harm."""
    people_merged.connect(on_people_merged, dispatch_uid="vaccination.people_merged")
    registration_reopened.connect(on_reopened, dispatch_uid="vaccination.registration_reopened")


def on_people_merged(*, kept_id: int, joined_id: int, **_more: Any) -> None:
    """Number the doses by their times, within each person that there is now, and keep their courses."""
    people = {person.pk: person for person in Person.objects.filter(pk__in=(kept_id, joined_id))}
    is_joined = people[joined_id].merged_into_id == kept_id
    # All at once and before any slot: what is counted below may give seats back.
    standing = Registration.objects.standing().filter(person__in=people)
    locked = {row.person_id: row for row in standing.select_for_update(no_key=True, of=("self",)).order_by("pk")}
    for key in (kept_id,) if is_joined else (kept_id, joined_id):
        _count_anew(people[key], locked.get(key))


def on_reopened(*, registration_id: int, **_more: Any) -> None:
    """Keep the course of a registration that was opened again: doses may have been recorded or annulled meanwhile."""
    registration = Registration.objects.select_related("person").get(pk=registration_id)
    doses = list(Dose.objects.valid().of(registration.person).select_related("vaccine").order_by("given_at"))
    course.keep(registration_id=registration_id, received=received(doses), is_complete=is_complete(doses))


def _count_anew(person: Person, registration: Registration | None) -> None:
    now = timezone.now()
    context = EntryContext(by=None, now=now, form=NO_FORM)
    renumber(person, registration.pk if registration else None, _REASON, context)
    if registration is not None:
        doses = list(Dose.objects.valid().of(person).select_related("vaccine"))
        if is_complete(doses):
            arrangements.release_series(registration_id=registration.pk, after=0, now=now)
    doses_counted_anew.send(Person, person_id=person.pk, now=now)
