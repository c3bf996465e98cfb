"""How a person who has just registered goes on to reserve (`registration.applying.going_on`)."""

from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from crs.sent_forms import sending
from registration.applying.going_on import Source
from registration.models import Registration
from reservation.waiting import entries, straight_on
from reservation.walk import session


def go(request: HttpRequest, registration: Registration, now: datetime) -> str | None:
    """Let the browser in, as PIN2 does, and lead to the choice of a site."""
    invitation = straight_on.invite(registration_id=registration.pk, now=now, form=sending(request))
    if invitation is None:
        return None
    session.let_in(request, invitation)
    return reverse("reservation:site")


SOURCE = Source(look=straight_on.look, join=entries.join_at_once, go=go)
