"""An expert's look at a person's timeline: with a reason, for a short time, and written down where the person reads."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User

from crs.sent_forms import Sending
from registration.models import Person, Registration
from registration.people.persons import rows_of
from support.errors import NotLinkedToTicket
from support.models import GlassBreak, Ticket
from vaccination.timeline import openings

LASTS = timedelta(minutes=30)


def break_glass(*, ticket: Ticket, person: Person, reason: str, by: User, now: datetime, form: Sending) -> GlassBreak:
    """Let `by` read the timeline of a person linked to the ticket for `LASTS`. Raises NotLinkedToTicket.

    The opening commits first and by itself: it stays whatever fails after it.
    """
    registration = Registration.objects.filter(person__in=rows_of(person)).order_by("-pk").first()
    if registration is None or not ticket.links.filter(person=person).exists():
        raise NotLinkedToTicket
    opening = openings.write_down(registration=registration, site=None, reason=reason, by=by, now=now, form=form)
    # Sent twice, the form leads to one opening, and that to one leave.
    return GlassBreak.objects.get_or_create(
        opening=opening,
        defaults={"user": by, "ticket": ticket, "person": person, "at": now, "until": now + LASTS},
    )[0]


def leave_of(*, ticket: Ticket, person: Person, by: User, now: datetime) -> GlassBreak | None:
    """The leave under which `by` reads the person's timeline now, if there is one."""
    leaves = GlassBreak.objects.filter(ticket=ticket, person=person, user=by, at__lte=now, until__gt=now)
    return leaves.order_by("-until").first()
