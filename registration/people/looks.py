"""The log of looks at people's records, and of lists that leave: it is written before anything is shown."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from registration.models import Person, PersonLook, RegistrationExport

# Whoever loads a page again, or comes back to it after an act, still has the same look.
STILL = timedelta(minutes=5)


def looked(*, person: Person, user: User, page: str, now: datetime) -> None:
    """Write down that `user` looks at `person` on the `page` (the name of its address), once within `STILL`."""
    looked_at_all([person], user=user, page=page, now=now)


def looked_at_all(people: Iterable[Person], *, user: User, page: str, now: datetime) -> None:
    """Write down a look at each of `people`, who stand on one page."""
    keys = {person.pk for person in people}
    same = PersonLook.objects.filter(person__in=keys, user=user, page=page, at__gt=now - STILL, at__lte=now)
    keys -= set(same.values_list("person", flat=True))
    PersonLook.objects.bulk_create(PersonLook(person_id=key, user=user, page=page, at=now) for key in sorted(keys))


def write_down(*, what: str, rows: int, reason: str, by: User, now: datetime) -> RegistrationExport:
    """Keep that a list of people leaves, before it does."""
    return RegistrationExport.objects.create(user=by, at=now, what=what, rows=rows, reason=reason)
