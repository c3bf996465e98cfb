"""The list of a day in words: what its page and its paper show of each person."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from vaccination.models import Visit
from vaccination.visits.day_list import DayList, DayRow, Standing

# In the order of the tabs above the list.
LABELS: dict[Standing, str | Promise] = {
    Standing.EXPECTED: pgettext_lazy("people of a day", "expected"),
    Standing.ARRIVED: pgettext_lazy("people of a day", "waiting"),
    Standing.OBSERVED: pgettext_lazy("people of a day", "under observation"),
    Standing.GONE: pgettext_lazy("people of a day", "vaccinated, gone"),
    Standing.SENT_AWAY: pgettext_lazy("people of a day", "without a dose"),
    Standing.NO_SHOW: pgettext_lazy("people of a day", "did not come"),
}
_CAME = {
    Visit.CameAs.OTHER_DAY: gettext_lazy("from another day"),
    Visit.CameAs.OTHER_SITE: gettext_lazy("from another site"),
    Visit.CameAs.WALK_IN: gettext_lazy("without an appointment"),
}
# Stands in for a key in an address, so that the address of each row is one replacement and no look-up of its own.
_KEY, _VISIT = 987654321, UUID("98765432-1987-4654-8321-987654321987")


class Line(NamedTuple):
    """A row as people read it."""

    number: int
    time: str
    name: str
    birth_year: int
    dose: int
    vaccine: str
    registration_number: str
    kind: str
    state: str
    more: str
    url: str

    @property
    def html(self) -> SafeString:
        """The row of the table. A template takes ten times as long, which counts with a thousand people."""
        state, more, name, vaccine = map(escape, (self.state, self.more and f" {self.more}", self.name, self.vaccine))
        return SafeString(
            f'<tr data-kind="{escape(self.kind)}"><td>{self.number}</td><td>{escape(self.time)}</td>'
            f'<th scope="row"><a href="{escape(self.url)}">{name}</a></th><td>{self.birth_year}</td>'
            f'<td>{self.dose}. {vaccine}</td><td><span class="vcc-state">{state}</span>{more}</td></tr>'
        )


class Tab(NamedTuple):
    """A choice above the list."""

    value: str
    label: str | Promise
    people: int
    is_chosen: bool


def lines(rows: Iterable[DayRow], people: DayList, *, checks_in: bool = True) -> list[Line]:
    """The lines of `rows`, each with the address where the person's day goes on.

    For whoever only looks and never `checks_in` it is what is booked.
    """
    addresses = _Addresses(people, checks_in=checks_in)
    labels = {standing: str(label) for standing, label in LABELS.items()}
    came = {code.value: str(label) for code, label in _CAME.items()}
    until, since, late = _("until %s"), _("since %s"), _("late")
    clocks: dict[datetime, str] = {}

    def clock(moment: datetime) -> str:
        if moment not in clocks:
            local = timezone.localtime(moment)
            clocks[moment] = f"{local.hour}:{local.minute:02}"
        return clocks[moment]

    def more(row: DayRow) -> str:
        if row.standing == Standing.OBSERVED and row.observe_until:
            return until % clock(row.observe_until)
        if row.standing == Standing.ARRIVED and row.arrived_at:
            said = since % clock(row.arrived_at)
            return f"{said}, {came[row.came_as]}" if row.came_as in came else said
        return late if row.is_late else ""

    return [
        Line(
            row.number,
            clock(row.at),
            row.listed_name + (f" ({row.latin_name})" if row.latin_name else ""),
            row.birth_year,
            row.dose_number,
            row.vaccine,
            row.registration_number,
            row.standing.value,
            labels[row.standing],
            more(row),
            addresses.of(row),
        )
        for row in rows
    ]


def tabs(people: DayList, chosen: str) -> list[Tab]:
    """Everybody, and each standing that somebody has or that is chosen, with how many people there are."""
    counts = people.counts()
    found = [Tab("", _("Everybody"), len(people.rows), chosen == "")]
    for standing, label in LABELS.items():
        found.append(Tab(standing.value, str(label), counts[standing], chosen == standing))
    return found


class _Addresses:
    """The address to which a row leads: the visit, to check-in where that may be done today, else to what is booked."""

    def __init__(self, people: DayList, *, checks_in: bool) -> None:
        site = people.site.pk
        is_today = people.day == timezone.localdate(people.read_at)
        self._visit = reverse("vaccination:visit", args=[site, _VISIT])
        self._check_in = reverse("vaccination:check_in", args=[site, _KEY]) if is_today and checks_in else ""
        day = "" if is_today else f"?den={people.day:%Y-%m-%d}"
        self._person = reverse("vaccination:person", args=[site, _KEY]) + day

    def of(self, row: DayRow) -> str:
        if row.visit_id and row.standing != Standing.SENT_AWAY:
            return self._visit.replace(str(_VISIT), str(row.visit_id))
        if self._check_in and row.standing == Standing.EXPECTED:
            return self._check_in.replace(str(_KEY), str(row.appointment_id))
        return self._person.replace(str(_KEY), str(row.registration_id))
