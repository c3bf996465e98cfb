"""A personal link of an SMS or an e-mail: it leads to the one page that the message is about."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_ratelimit.core import is_ratelimited

from reservation.links import links
from reservation.models import PersonalLink
from reservation.walk import session

# The page of each purpose, and what it asks for, stands with its subject (`session.linked`).
PAGES = {
    PersonalLink.Purpose.CANNOT_COME: "reservation:cannot_come",
    PersonalLink.Purpose.SEAT_OFFER: "reservation:seat_offer",
    PersonalLink.Purpose.REPLANNED: "reservation:replanned",
    PersonalLink.Purpose.SUBSTITUTE: "reservation:substitute_offer",
}


@never_cache
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Put what the link opens into the session and lead on, so that the token stands in no further address."""
    link = links.find(token)
    # Only what is no link counts: a network of a mobile operator opens more right ones in an hour than any limit.
    rate = settings.LOGINS_PER_ADDRESS
    if link is None and is_ratelimited(request, group="reservation.links", key="ip", rate=rate, increment=True):
        messages.warning(request, _("Too many links were opened from your network. Please try again in an hour."))
        return redirect("reservation:log_in")
    if link is None or link.expires_at <= timezone.now():
        messages.info(request, _("This link does not work any more. Log in with your telephone and PIN2."))
        return redirect("reservation:log_in")
    session.follow(request, link)
    return redirect(PAGES[PersonalLink.Purpose(link.purpose)])
