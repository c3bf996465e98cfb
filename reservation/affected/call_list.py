"""Whom a site has to call: its open affected appointments, with all that a caller has to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from crs.csv_download import Cell
from logistics.models import VaccinationSite
from registration.telephones.phone import readable
from reservation.affected import affected
from reservation.models import AffectedAppointment, AffectedCall, Appointment, Closure


@dataclass(frozen=True)
class SiteLine:
    """How many appointments of a site are open, of how many nobody has reached the person, and how many are past."""

    site: VaccinationSite
    open: int
    not_reached: int
    past: int


def of_site(
    now: datetime, *, site_id: UUID, closure: Closure | None = None, not_reached: bool = False
) -> QuerySet[AffectedAppointment]:
    """The site's open appointments by their times, of one closure or of people whom nobody has reached yet."""
    rows = affected.open_at(now, site_id=site_id)
    if closure is not None:
        rows = rows.filter(closure=closure)
    if not_reached:
        rows = rows.filter(~Exists(_reached()))
    return with_people(rows).order_by("slot__starts_at", "pk")


def with_people(rows: QuerySet[AffectedAppointment]) -> QuerySet[AffectedAppointment]:
    """Each with its person, their other booked times and the last call."""
    booked = Appointment.objects.filter(state=Appointment.State.BOOKED).select_related("slot").order_by("dose_number")
    last = AffectedCall.objects.filter(affected=OuterRef("pk")).order_by("-called_at", "-pk")
    return (
        rows.select_related("appointment__reservation__registration__person", "slot__vaccine", "slot__site", "closure")
        .prefetch_related(Prefetch("appointment__reservation__appointments", booked, to_attr="booked"))
        .annotate(
            called=Count("calls"), last_outcome=Subquery(last.values("outcome")[:1]), last_call=Max("calls__called_at")
        )
    )


def by_site(sites: QuerySet[VaccinationSite], *, now: datetime) -> list[SiteLine]:
    """The sites with open appointments, those with the most people whom nobody has reached first."""
    rows = affected.open_at(now).filter(slot__site__in=sites).annotate(is_reached=Exists(_reached()))
    counted = {
        one["slot__site"]: one
        for one in rows.values("slot__site").annotate(
            open=Count("pk"),
            not_reached=Count("pk", filter=Q(is_reached=False)),
            past=Count("pk", filter=Q(slot__starts_at__lte=now)),
        )
    }
    found = VaccinationSite.objects.select_related("district__region").filter(pk__in=counted)
    lines = [_line(site, counted[site.pk]) for site in found]
    return sorted(lines, key=lambda line: (-line.not_reached, -line.open, line.site.name))


def outcome_name(row: Any) -> str:
    """What came of the last call, or nothing."""
    return str(AffectedCall.Outcome(row.last_outcome).label) if row.last_outcome else ""


def others_of(appointment: Appointment) -> list[Appointment]:
    """What else the person has booked."""
    booked: Sequence[Appointment] = appointment.reservation.booked  # type: ignore[attr-defined]  # of `with_people`
    return [one for one in booked if one.pk != appointment.pk]


def lines_of_file(rows: Sequence[AffectedAppointment]) -> list[tuple[Cell, ...]]:
    """The table of a file that leaves for a spreadsheet."""
    head: tuple[Cell, ...] = (
        *(_("Time"), _("Surname"), _("First name"), _("Date of birth"), _("Dose"), _("Vaccine")),
        *(_("Mobile telephone"), _("Landline"), _("Also booked"), _("Why"), _("Calls"), _("Last call")),
    )
    return [head, *(_line_of_file(row) for row in rows)]


def _line_of_file(row: Any) -> tuple[Cell, ...]:
    registration = row.appointment.reservation.registration
    person = registration.person
    phones = (readable(str(one)) if one else "" for one in (registration.phone, registration.landline))
    others = (
        _("dose %(dose)d: %(time)s") % {"dose": one.dose_number, "time": _written(one.slot.starts_at)}
        for one in others_of(row.appointment)
    )
    why = row.closure.reason if row.closure else row.get_cause_display()
    return (
        *(_written(row.slot.starts_at), person.last_name, person.first_name, person.birth_date),
        *(row.appointment.dose_number, row.slot.vaccine.name, *phones, "; ".join(others), why),
        *(row.called, outcome_name(row)),
    )


def _written(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _reached() -> QuerySet[AffectedCall]:
    return AffectedCall.objects.filter(affected=OuterRef("pk"), outcome=AffectedCall.Outcome.REACHED)


def _line(site: VaccinationSite, counted: Any) -> SiteLine:
    return SiteLine(site, counted["open"], counted["not_reached"], counted["past"])
