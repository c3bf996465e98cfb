"""Late entry after an outage: the ticked rows of the printed list, a line each."""

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from crs.errors import DomainError
from logistics.staff.guards import SiteRequest, at_site
from registration.applying import at_a_site
from vaccination.doses.forms import LateLineForm, LateListForm
from vaccination.doses.late_entry import LateLine, record_line, unlisted
from vaccination.doses.views.recording import Desk
from vaccination.models import Dose
from vaccination.pages import entry_context, show
from vaccination.permissions import VaccinationAct
from vaccination.vials import sessions
from vaccination.vials.errors import VialEmpty
from vaccination.visits import known_people
from vaccination.visits.day_list import DayList, DayRow, day_list

_LINES = 12
# A longer number is that of a person.
_LONGEST_ROW = 5


@dataclass
class ShownLine:
    """A line of the page: its form and, once it was looked up, its person."""

    form: LateLineForm
    row: DayRow | None = None


@at_site(VaccinationAct.GIVE_DOSES)
@require_http_methods(["GET", "POST"])
def late_entry(request: SiteRequest) -> HttpResponse:
    """Look the rows up, then record those that are right; the others stay and say why."""
    now = timezone.now()
    day = _day(request.GET.get("den", ""), today=timezone.localdate(now))
    desk, vials = Desk(request), sessions.of_day(request.site, day)
    if request.method == "GET":
        initial = {"doctor": desk.doctor, "given_by": desk.worker}
        common = LateListForm(initial=initial, workers=desk.team)
        lines = [ShownLine(LateLineForm(prefix=f"line-{n}", day=day, vials=vials)) for n in range(_LINES)]
        return _page(request, day, common, lines)
    common = LateListForm(request.POST, workers=desk.team)
    people = day_list(request.site, day, now)
    lines, recorded = [], []
    for n in range(_LINES):
        form = LateLineForm(request.POST, prefix=f"line-{n}", day=day, vials=vials)
        if form.is_empty:
            lines.append(ShownLine(LateLineForm(prefix=f"line-{n}", day=day, vials=vials)))
            continue
        row = _looked_up(request, form, people, now=now)
        dose = _recorded(request, common, form, row) if row else None
        if dose is None:
            lines.append(ShownLine(form, row))
        else:
            recorded.append(f"{row.first_name} {row.last_name}".strip() if row else "")
            lines.append(ShownLine(LateLineForm(prefix=f"line-{n}", day=day, vials=vials)))
    if recorded:
        text = ngettext(
            "%(count)d dose is recorded: %(names)s.", "%(count)d doses are recorded: %(names)s.", len(recorded)
        )
        messages.success(request, text % {"count": len(recorded), "names": ", ".join(recorded)})
    if recorded and not any(line.form.is_bound for line in lines):
        return redirect(reverse("vaccination:late_entry", args=[request.site.pk]) + f"?den={day:%Y-%m-%d}")
    return _page(request, day, common, lines)


def _looked_up(request: SiteRequest, form: LateLineForm, people: DayList, *, now: datetime) -> DayRow | None:
    """The row that the line names, where the line is complete; one is made for somebody who is not on the list."""
    if not form.is_valid():
        return None
    digits = form.cleaned_data["row"]
    if len(digits) > _LONGEST_ROW:
        return _of_number(request, form, people, digits, now=now)
    row = next((one for one in people.rows if one.number == int(digits)), None)
    if row is None:
        form.add_error("row", _("The list of this day has no row of this number. Check the day and the number."))
    return row


def _of_number(
    request: SiteRequest, form: LateLineForm, people: DayList, digits: str, *, now: datetime
) -> DayRow | None:
    try:
        registration = at_a_site.find(digits, now=now)
        if registration is None:
            known_people.count_look_up(request, now=now)
        else:
            known_people.remember(request, registration, now=now)
    except DomainError as refusal:
        form.add_error("row", str(refusal))
        return None
    if registration is None:
        form.add_error("row", _("Nobody with this number is registered. Register the person without an appointment."))
        return None
    typed = form.cleaned_data
    return people.of_registration(registration.pk) or unlisted(registration, at=typed["time"], vial=typed["vial"])


def _recorded(request: SiteRequest, common: LateListForm, form: LateLineForm, row: DayRow) -> Dose | None:
    """The dose of a line whose person was shown before; None where it has to be looked at, and the form says why."""
    typed = form.cleaned_data
    if typed["person"] != row.registration_id or not common.is_valid():
        return None
    line = LateLine(
        row=row,
        given_at=typed["time"],
        vial=typed["vial"],
        where=typed["where"],
        has_said_no=typed["all_no"],
        given_by=common.cleaned_data["given_by"],
        doctor=common.cleaned_data["doctor"],
    )
    try:
        return record_line(line=line, site=request.site, context=entry_context(request))
    except VialEmpty:
        text = _("No dose is left in this vial. Choose another one, or count the extra dose on the page of the vials.")
        form.add_error("vial", text)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
    return None


def _day(text: str, *, today: date) -> date:
    """The day that the address names; today where it names none that has come."""
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    return found if found is not None and found <= today else today


def _page(request: SiteRequest, day: date, common: LateListForm, lines: list[ShownLine]) -> HttpResponse:
    context = {
        "day": day,
        "today": timezone.localdate(),
        "is_today": day == timezone.localdate(),
        "common": common,
        "lines": lines,
        "vials": sessions.of_day(request.site, day),
        "is_looked_up": any(line.row for line in lines),
        "has_errors": any(line.form.errors for line in lines if line.form.is_bound),
    }
    return show(request, "doses/late_entry.html", context)
