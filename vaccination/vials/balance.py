"""Doses that are there against people still to come, so that nobody opens a vial for one."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crs.czech_order import order_of_name
from logistics.models import StockBalance, StorageCondition, VaccinationSite, Vaccine
from reservation.models import Appointment, Reservation
from vaccination.models import VialSession, Visit

_THAWED = (StorageCondition.THAWED, StorageCondition.ROOM)


@dataclass
class Balance:
    """Of one vaccine at a site on a day: doses in open vials, in closed thawed ones, and people still to come."""

    vaccine: Vaccine
    open_doses: int = 0
    closed_doses: int = 0
    doses_per_vial: int = 0
    # People who are still to get a dose today, those who are here already among them.
    to_come: int = 0

    @property
    def missing(self) -> int:
        """People for whom no dose is open; below zero: doses for whom nobody is to come."""
        return self.to_come - self.open_doses

    @property
    def is_enough(self) -> bool:
        """Whether the open vials do for everybody, so that another one must not be opened."""
        return self.missing <= 0

    @property
    def sentence(self) -> str:
        """The advice to somebody who is about to open a vial."""
        doses = ngettext("%(count)d dose is open", "%(count)d doses are open", self.open_doses)
        people = ngettext("%(count)d person is still to come", "%(count)d people are still to come", self.to_come)
        counts = {"doses": doses % {"count": self.open_doses}, "people": people % {"count": self.to_come}}
        if self.is_enough and self.open_doses > self.to_come:
            return _("%(doses)s, %(people)s: do not open another vial, and call somebody for the rest.") % counts
        if self.is_enough:
            return _("%(doses)s, %(people)s: do not open another vial.") % counts
        over = self.doses_per_vial - self.missing
        if over > 0:
            left = ngettext("%(count)d dose", "%(count)d doses", over) % {"count": over}
            return _("%(doses)s, %(people)s: the next vial would leave %(left)s, so call people first.") % {
                **counts,
                "left": left,
            }
        return _("%(doses)s, %(people)s: another vial will be needed.") % counts


def doses_against_people(site: VaccinationSite, day: date, now: datetime) -> list[Balance]:
    """A balance for each vaccine that is open, thawed, or expected at the site on the Prague `day`.

    Four queries at most.
    """
    rows: dict[str, Balance] = {}

    def row(vaccine: Vaccine) -> Balance:
        return rows.setdefault(vaccine.pk, Balance(vaccine))

    opened = VialSession.objects.open().filter(station__site=site).select_related("item__batch__vaccine")
    for vial in opened:
        if vial.item.batch and not vial.is_out_of_time(now):
            one = row(vial.item.batch.vaccine)
            one.open_doses += vial.left
            one.doses_per_vial = vial.item.doses_per_vial or 0
    closed = StockBalance.objects.present().filter(store__site=site, item__storage__in=_THAWED)
    usable = closed.exclude(item__use_by__lt=now).filter(item__batch__blocked_at=None)
    for held in usable.exclude(item__batch__expires_on__lt=day).select_related("item__batch__vaccine"):
        if held.item.batch:
            one = row(held.item.batch.vaccine)
            one.closed_doses += held.item.doses_in(held.quantity)
            one.doses_per_vial = max(one.doses_per_vial, held.item.doses_per_vial or 0)
    people = _still_to_come(site, day)
    known = {one.vaccine.pk: one.vaccine for one in rows.values()}
    known |= Vaccine.objects.in_bulk(people.keys() - known.keys())
    for code, to_come in people.items():
        row(known[code]).to_come = to_come
    return sorted(rows.values(), key=lambda one: order_of_name(one.vaccine.name))


def _still_to_come(site: VaccinationSite, day: date) -> dict[str, int]:
    """How many people are expected here today, or came and wait for their dose, by the key of the vaccine."""
    visits = Visit.objects.filter(appointment=OuterRef("pk"), day=day)
    here = Exists(visits.filter(site=site, state=Visit.State.ARRIVED))
    elsewhere = Exists(visits.exclude(site=site).filter(state=Visit.State.ARRIVED))
    sent_away = Exists(visits.filter(state=Visit.State.SENT_AWAY))
    of_today = Q(slot__site=site, slot__day=day) & ~elsewhere & ~sent_away
    booked = Appointment.objects.filter(state=Appointment.State.BOOKED, reservation__state=Reservation.State.CONFIRMED)
    counted = booked.filter(here | of_today).order_by().values_list("slot__vaccine").annotate(Count("pk"))
    return dict(counted)
