"""People whom a user may open at a site: those with a tie to it, and those whom the user found by a number.

An address holds the key of a registration. Without this, whoever counts keys up would read the names of the country.
Each person without a tie whom somebody finds is an opening that they may read of, and the openings of an account are
counted (docs/adr/0023-who-sees-a-timeline.md).
"""

from datetime import datetime, timedelta

from crs import tries
from crs.tries import Limit
from logistics.staff.guards import SiteRequest
from registration.models import Registration
from vaccination.timeline import openings
from vaccination.visits.errors import TooManyFound

SESSION_KEY = "vaccination_found"
# A registrar finds a person each minute or so; of a whole morning the last ones are enough.
MOST = 60
# A desk for people without an appointment takes about sixty an hour; a curious script wants thousands.
FOUND = Limit("people found by number by an account", 200, timedelta(hours=1))


def remember(request: SiteRequest, registration: Registration, *, now: datetime) -> None:
    """Let the user of this session open the person whom they found by a number, and write it down.

    Whoever has a tie to the site, or was found in this session before, is not written down again. Raises TooManyFound.
    """
    if is_known(request, registration.pk):
        return
    count_look_up(request, now=now)
    openings.write_down(
        registration=registration, site=request.site, reason=openings.FOUND_BY_NUMBER, by=request.user, now=now
    )
    let_open(request, registration)


def let_open(request: SiteRequest, registration: Registration) -> None:
    """Let the user of this session open the person, whom they have just registered."""
    found = [one for one in request.session.get(SESSION_KEY, []) if one != registration.pk]
    request.session[SESSION_KEY] = [*found[-MOST + 1 :], registration.pk]


def count_look_up(request: SiteRequest, *, now: datetime) -> None:
    """Count a look-up by number beyond the list of the day. Raises TooManyFound."""
    if tries.count(FOUND, str(request.user.pk), now=now).is_over:
        raise TooManyFound


def is_known(request: SiteRequest, registration_id: int) -> bool:
    """Whether the user may open the person at this site."""
    if registration_id in request.session.get(SESSION_KEY, []):
        return True
    return openings.registrations_of(request.site).filter(pk=registration_id).exists()
