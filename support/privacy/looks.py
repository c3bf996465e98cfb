"""The log of looks: who of the staff looked at what of somebody's own. It is written before anything is shown."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User

from registration.models import Person
from support.models import Attachment, Letter, Look, Ticket

# Whoever loads a page again, or comes back to it after an act, still has the same look.
STILL = timedelta(minutes=5)


def looked(
    what: Look.What,
    *,
    by: User,
    now: datetime,
    ticket: Ticket | None = None,
    letter: Letter | None = None,
    attachment: Attachment | None = None,
    person: Person | None = None,
    saw_numbers: bool = False,
) -> Look:
    """Write down that `by` looks; `saw_numbers` where insured numbers are shown to them in full.

    A look at the same within `STILL` is the same look. Each search is one of its own.
    """
    same = {
        "what": what,
        "user": by,
        "ticket": ticket,
        "letter": letter,
        "attachment": attachment,
        "person": person,
        "saw_numbers": saw_numbers,
    }
    if what != Look.What.SEARCH:
        last = Look.objects.filter(**same, at__gt=now - STILL, at__lte=now).first()
        if last is not None:
            return last
    return Look.objects.create(**same, at=now)
