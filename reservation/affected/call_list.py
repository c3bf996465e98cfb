"""Whom a site has to call: its open affected appointments, with all that a caller has to know."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from crs.csv_download import Cell
from crs.czech_order import order_of_name
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
    """Whom the site has to call, by their times: of one closure, or those whom nobody has reached yet.

    Each person stands there once, with the first of their doses; the others are in `booked` (`with_people`).
    """
    rows = affected.open_at(now, site_id=site_id)
    if closure is not None:
        rows = rows.filter(closure=closure)
    if not_reached:
        rows = rows.filter(~Exists(_reached()))
    sooner = rows.filter(
        appointment__reservation=OuterRef("appointment__reservation"),
        appointment__dose_number__lt=OuterRef("appointment__dose_number"),
    )
    return with_people(rows.filter(~Exists(sooner))).order_by("slot__starts_at", "pk")


def with_people(rows: QuerySet[AffectedAppointment]) -> QuerySet[AffectedAppointment]:
    """Each with its person, their booked times, of which some cannot stay (`affected_key`), and the last call."""
    unsettled = AffectedAppointment.objects.unsettled().filter(appointment=OuterRef("pk")).values("pk")
    booked = (
        Appointment.objects.filter(state=Appointment.State.BOOKED)
        .annotate(affected_key=Subquery(unsettled[:1]))
        .select_related("slot")
        .order_by("dose_number")
    )
    calls = _calls().order_by("-called_at", "-pk")
    number = calls.order_by().values("affected__appointment__reservation").annotate(n=Count("pk")).values("n")
    return (
        rows.select_related("appointment__reservation__registration__person", "slot__vaccine", "slot__site", "closure")
        .prefetch_related(Prefetch("appointment__reservation__appointments", booked, to_attr="booked"))
        .annotate(
            called=Coalesce(Subquery(number), 0),
            last_outcome=Subquery(calls.values("outcome")[:1]),
            last_call=Subquery(calls.values("called_at")[:1]),
        )
    )


def by_site(sites: QuerySet[VaccinationSite], *, now: datetime) -> list[SiteLine]:
    """The sites with open appointments, those with the most people whom nobody has reached first."""
    rows = affected.open_at(now).filter(slot__site__in=sites).annotate(is_reached=Exists(_reached()))
    counted = {
        one["slot__site"]: one
        for one in rows.values("slot__site").annotate(
            open=Count("pk"),
            not_reached=Count("appointment__reservation", filter=Q(is_reached=False), distinct=True),
            past=Count("pk", filter=Q(slot__starts_at__lte=now)),
        )
    }
    found = VaccinationSite.objects.select_related("district__region").filter(pk__in=counted)
    lines = [_line(site, counted[site.pk]) for site in found]
    return sorted(lines, key=lambda line: (-line.not_reached, -line.open, order_of_name(line.site.name)))


def outcome_name(row: Any) -> str:
    """What came of the last call, or nothing."""
    return str(AffectedCall.Outcome(row.last_outcome).label) if row.last_outcome else ""


def others_of(appointment: Appointment) -> list[Appointment]:
    """What else the person has booked."""
    booked: Sequence[Appointment] = appointment.reservation.booked  # type: ignore[attr-defined]  # of `with_people`
    return [one for one in booked if one.pk != appointment.pk]


def lines_of_file(rows: Iterable[AffectedAppointment]) -> Iterator[tuple[Cell, ...]]:
    """The table of a file that leaves for a spreadsheet."""
    head: tuple[Cell, ...] = (
        *(_("Time"), _("Surname"), _("First name"), _("Date of birth"), _("Dose"), _("Vaccine")),
        *(_("Mobile telephone"), _("Landline"), _("Also booked"), _("Why"), _("Calls"), _("Last call")),
    )
    yield head
    for row in rows:
        yield _line_of_file(row)


def _in_words(other: Any) -> str:
    """What else is booked, and whether that cannot stay either."""
    told = {"dose": other.dose_number, "time": _written(other.slot.starts_at)}
    words = _("dose %(dose)d: %(time)s") % told
    return f"{words} ({_('cannot stay either')})" if other.affected_key else words


def _line_of_file(row: Any) -> tuple[Cell, ...]:
    registration = row.appointment.reservation.registration
    person = registration.person
    phones = (readable(str(one)) if one else "" for one in (registration.phone, registration.landline))
    others = map(_in_words, others_of(row.appointment))
    why = row.closure.reason if row.closure else row.get_cause_display()
    return (
        *(_written(row.slot.starts_at), person.last_name, person.first_name, person.birth_date),
        *(row.appointment.dose_number, row.slot.vaccine.name, *phones, "; ".join(others), why),
        *(row.called, outcome_name(row)),
    )


def _written(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _calls() -> QuerySet[AffectedCall]:
    """Calls to the person since the appointment was handed over, about whichever of their appointments."""
    same = {"affected__appointment__reservation": OuterRef("appointment__reservation")}
    return AffectedCall.objects.filter(**same, called_at__gte=OuterRef("made_at"))


def _reached() -> QuerySet[AffectedCall]:
    return _calls().filter(outcome=AffectedCall.Outcome.REACHED)


def _line(site: VaccinationSite, counted: Any) -> SiteLine:
    return SiteLine(site, counted["open"], counted["not_reached"], counted["past"])
