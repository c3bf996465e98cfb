"""The log of looks at people's records: it is written before anything is shown."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User

from registration.models import Person, PersonLook

# Whoever loads a page again, or comes back to it after an act, still has the same look.
STILL = timedelta(minutes=5)


def looked(*, person: Person, user: User, page: str, now: datetime) -> None:
    """Write down that `user` looks at `person` on the `page` (the name of its address), once within `STILL`."""
    same = PersonLook.objects.filter(person=person, user=user, page=page, at__gt=now - STILL, at__lte=now)
    if not same.exists():
        PersonLook.objects.create(person=person, user=user, page=page, at=now)
