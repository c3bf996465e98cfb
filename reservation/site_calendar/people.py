"""Who comes to a site on a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crs.csv_download import Cell
from crs.czech_order import czech_order
from logistics.models import VaccinationSite
from registration.models import Person, surname_first
from reservation.affected import affected as affected_ones
from reservation.models import Appointment, Reservation


@dataclass(frozen=True)
class Comer:
    """Somebody with an appointment on the day."""

    number: int
    starts_at: datetime
    person: Person
    name: str
    birth_year: int
    dose_number: int
    vaccine: str
    state: str


@dataclass(frozen=True)
class People:
    """All of them, by time and name, as the list was read at `read_at`; `held` seats are not confirmed yet."""

    site: VaccinationSite
    day: date
    read_at: datetime
    comers: tuple[Comer, ...]
    held: int

    def by_time(self) -> list[tuple[datetime, list[Comer]]]:
        """The people of each time."""
        return [(at, list(comers)) for at, comers in groupby(self.comers, key=lambda one: one.starts_at)]


def people(site: VaccinationSite, day: date, *, now: datetime) -> People:
    """The people of a day: confirmed ones, and those who were given a dose or did not come. Three queries."""
    of_day = Appointment.objects.filter(slot__site=site, slot__day=day).order_by()
    counts = Q(reservation__state=Reservation.State.CONFIRMED) | ~Q(state=Appointment.State.BOOKED)
    found = list(of_day.filter(counts).select_related("slot__vaccine", "reservation__registration__person"))
    found.sort(key=_place)
    held = of_day.filter(reservation__state=Reservation.State.HELD, reservation__held_until__gt=now).count()
    of_here = affected_ones.open_at(now, site_id=site.pk).filter(slot__day=day)
    affected = set(of_here.values_list("appointment", flat=True))
    comers = tuple(_comer(number, one, one.pk in affected) for number, one in enumerate(found, start=1))
    return People(site, day, now, comers, held)


def table(people: People) -> Iterator[list[Cell]]:
    """The list as lines of a file."""
    yield [_("No."), _("Time"), _("Surname"), _("First name"), _("Year of birth"), _("Dose"), _("Vaccine"), _("State")]
    for one in people.comers:
        at = timezone.localtime(one.starts_at)
        name: list[Cell] = [one.person.last_name, one.person.first_name, one.birth_year]
        yield [one.number, f"{at.hour}:{at:%M}", *name, one.dose_number, one.vaccine, one.state]


def _place(appointment: Appointment) -> tuple[datetime, str, str, int]:
    person = appointment.reservation.registration.person
    names = czech_order(person.last_name), czech_order(person.first_name)
    return (appointment.slot.starts_at, *names, appointment.pk)


def _comer(number: int, appointment: Appointment, is_affected: bool) -> Comer:
    person = appointment.reservation.registration.person
    return Comer(
        number=number,
        starts_at=appointment.slot.starts_at,
        person=person,
        name=surname_first(person.first_name, person.last_name),
        birth_year=person.birth_date.year,
        dose_number=appointment.dose_number,
        vaccine=appointment.slot.vaccine.name,
        state=pgettext("appointment", "time cannot stay") if is_affected else appointment.get_state_display(),
    )
