"""People whom a user may open at a site: those with a place there, and those whom the user found by a number.

An address holds the key of a registration. Without this, whoever counts keys up would read the names of the country.
"""

from logistics.staff.guards import SiteRequest
from reservation.models import Appointment
from vaccination.models import Visit

SESSION_KEY = "vaccination_found"
# A registrar finds a person each minute or so; of a whole morning the last ones are enough.
MOST = 60


def remember(request: SiteRequest, registration_id: int) -> None:
    """Let the user of this session open the person whom they found."""
    found = [one for one in request.session.get(SESSION_KEY, []) if one != registration_id]
    request.session[SESSION_KEY] = [*found[-MOST + 1 :], registration_id]


def is_known(request: SiteRequest, registration_id: int) -> bool:
    """Whether the user may open the person at this site."""
    if registration_id in request.session.get(SESSION_KEY, []):
        return True
    booked = Appointment.objects.filter(reservation__registration=registration_id, slot__site=request.site)
    return booked.exists() or Visit.objects.filter(registration=registration_id, site=request.site).exists()
