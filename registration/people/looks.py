"""The log of looks at people's records, and of lists that leave: it is written before anything is shown."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from registration.models import LineRequest, Person, PersonLook, RegistrationExport

# Whoever loads a page again, or comes back to it after an act, still has the same look.
STILL = timedelta(minutes=5)


def looked(*, person: Person, user: User, page: str, now: datetime) -> None:
    """Write down that `user` looks at `person` on the `page` (the name of its address), once within `STILL`."""
    looked_at_all([person], user=user, page=page, now=now)


def looked_at_all(seen: Iterable[Person | LineRequest], *, user: User, page: str, now: datetime) -> None:
    """Write down a look at each that stands on one page: people, and requests of those who are no rows yet."""
    seen = list(seen)
    same = PersonLook.objects.filter(user=user, page=page, at__gt=now - STILL, at__lte=now)
    people = {one.pk for one in seen if isinstance(one, Person)}
    people -= set(same.filter(person__in=people).values_list("person", flat=True))
    requests = {one.pk for one in seen if isinstance(one, LineRequest)}
    requests -= set(same.filter(request__in=requests).values_list("request", flat=True))
    looks = [PersonLook(person_id=key, user=user, page=page, at=now) for key in sorted(people)]
    looks += [PersonLook(request_id=key, user=user, page=page, at=now) for key in sorted(requests)]
    PersonLook.objects.bulk_create(looks)


def write_down(*, what: str, rows: int, reason: str, by: User, now: datetime) -> RegistrationExport:
    """Keep that a list of people leaves, before it does."""
    return RegistrationExport.objects.create(user=by, at=now, what=what, rows=rows, reason=reason)
