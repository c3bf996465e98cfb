"""Who comes to a site on a day, by name: on the screen, on paper, as a file. Each look is written down first."""

from datetime import date

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from crs import csv_download
from crs.pdf.decorators import prints
from crs.pdf.parts import part_or_none
from crs.pdf.responses import pdf_response
from logistics.staff.guards import SiteRequest, at_site
from registration.people.looks import looked_at_all, write_down
from reservation.permissions import ReservationAct as Act
from reservation.site_calendar import days, people_paper
from reservation.site_calendar import people as people_of_a_day
from reservation.site_calendar.people import People
from reservation.site_calendar.views import around, show

PAGE = "reservation:calendar_people"
LIST = "people of a day"  # `RegistrationExport.what` begins with it
WORK = "the work of the site"


@at_site(Act.SEE_RESERVATIONS)
@require_safe
def people(request: SiteRequest, day: date) -> HttpResponse:
    """The people of the day by time, with name, year of birth, dose and state."""
    found = _looked_at(request, day)
    today = timezone.localdate(found.read_at)
    context = {"people": found, "parts": people_paper.parts(found), "today": today, **around(day)}
    return show(request, "people", context)


@at_site(Act.SEE_RESERVATIONS)
@require_POST
@prints()
def people_pdf(request: SiteRequest, day: date) -> HttpResponse:
    """The list on paper; `cast` is the number of the part."""
    found = _looked_at(request, day)
    part = part_or_none(people_paper.parts(found), request.POST.get("cast", "1"))
    if part is None:
        raise Http404
    _leaves(request, found, part.last - part.first + 1)
    content = people_paper.people_pdf(found, part, language=get_language() or "cs")
    return pdf_response(content, f"lide-{day:%Y-%m-%d}-{part.number}.pdf")


@at_site(Act.SEE_RESERVATIONS)
@require_POST
def people_csv(request: SiteRequest, day: date) -> HttpResponse:
    """The list as a file for a spreadsheet."""
    found = _looked_at(request, day)
    _leaves(request, found, len(found.comers))
    return csv_download.download("lide", people_of_a_day.table(found), on=day)


def _looked_at(request: SiteRequest, day: date) -> People:
    """The people of the day, of whom it is written down that the user looked at them."""
    found = people_of_a_day.people(request.site, days.day_or_404(day), now=timezone.now())
    looked_at_all([one.person for one in found.comers], user=request.user, page=PAGE, now=found.read_at)
    return found


def _leaves(request: SiteRequest, people: People, rows: int) -> None:
    """Write down that so many of the people leave as a file or on paper."""
    what = f"{LIST} {people.day} {people.site.pk}"
    write_down(what=what, rows=rows, reason=WORK, by=request.user, now=people.read_at)
