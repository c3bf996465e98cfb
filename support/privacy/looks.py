"""The log of looks: who of the staff looked at what of somebody's own. It is written before anything is shown."""

from datetime import datetime

from django.contrib.auth.models import User

from registration.models import Person
from support.models import Attachment, Letter, Look, Ticket


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
    """Write down that `by` looks; `saw_numbers` where insured numbers are shown to them in full."""
    return Look.objects.create(
        what=what,
        user=by,
        at=now,
        ticket=ticket,
        letter=letter,
        attachment=attachment,
        person=person,
        saw_numbers=saw_numbers,
    )
