"""The doses of a day at a site, and how each stands with its certificate; four queries for a thousand people."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certificates.desk.person_certificates import Standing, standing
from certificates.issuing.completion import completing
from certificates.models import Certificate, IssueRequest
from certificates.paper.certificate_pdf import PAPERS_OF_A_PART
from logistics.models import VaccinationSite
from registration.models import surname_first
from vaccination.models import Dose
from vaccination.visits.day_table import Tab

# A page of the list.
ROWS_ON_A_PAGE = 100

LABELS: dict[Standing, str | Promise] = {
    Standing.READY: pgettext_lazy("certificates of a day", "ready"),
    Standing.DUE: pgettext_lazy("certificates of a day", "being made"),
    Standing.HELD: pgettext_lazy("certificates of a day", "the ministry looks at it"),
    Standing.BLOCKED: pgettext_lazy("certificates of a day", "obstacle"),
    Standing.EXPIRED: pgettext_lazy("certificates of a day", "expired"),
    Standing.NONE: pgettext_lazy("certificates of a day", "missing"),
    Standing.TAKEN_AWAY: pgettext_lazy("certificates of a day", "revoked or rejected"),
    Standing.NOT_DUE: pgettext_lazy("certificates of a day", "on request"),
}
# Short: the page of the person says the way out.
OBSTACLES: dict[str, str | Promise] = {
    IssueRequest.Obstacle.LATIN_NAME: _("write the name in Latin letters"),
    IssueRequest.Obstacle.NO_CODES: _("the vaccine has no EU code here"),
}


@dataclass(frozen=True)
class DayRow:
    """A dose of the day. `written` is the dose as its certificate says it; empty where it has none."""

    dose_id: UUID
    registration_id: int | None
    name: str
    birth_year: int
    given_at: datetime
    number: int
    vaccine: str
    standing: Standing
    certificate_id: UUID | None = None
    written: str = ""
    issued_at: datetime | None = None
    obstacle: str | Promise = ""

    @property
    def label(self) -> str | Promise:
        """The standing in a word or two."""
        return LABELS[self.standing]


@dataclass(frozen=True)
class Part:
    """Certificates that are printed as one file: those issued from `first` to `last`, by their place that day."""

    number: int
    first: int
    last: int


@dataclass(frozen=True)
class DayCertificates:
    """All doses of a day that count, in the order in which they were given."""

    day: date
    rows: Sequence[DayRow]

    @cached_property
    def counts(self) -> Counter[Standing]:
        """How many doses stand how."""
        return Counter(row.standing for row in self.rows)

    @property
    def missing(self) -> list[UUID]:
        """The doses of which a certificate is due and nobody asks for one."""
        return [row.dose_id for row in self.rows if row.standing == Standing.NONE]

    @cached_property
    def ready(self) -> list[UUID]:
        """The certificates in the order in which they were issued, so that parts keep theirs while more come."""
        ready = [row for row in self.rows if row.standing == Standing.READY]
        # Those of one moment, and those of a part, stand as in the list.
        place = {row.certificate_id: number for number, row in enumerate(ready)}
        found = [(row.issued_at, place[row.certificate_id], row.certificate_id) for row in ready if row.issued_at]
        issued = [certificate for _issued_at, _place, certificate in sorted(found) if certificate]
        size = PAPERS_OF_A_PART
        parts = [issued[first : first + size] for first in range(0, len(issued), size)]
        return [certificate for part in parts for certificate in sorted(part, key=lambda one: place[one])]

    @property
    def parts(self) -> list[Part]:
        """The files in which all are printed."""
        firsts = range(0, len(self.ready), PAPERS_OF_A_PART)
        return [
            Part(number, first + 1, min(first + PAPERS_OF_A_PART, len(self.ready)))
            for number, first in enumerate(firsts, start=1)
        ]

    def tabs(self, chosen: str) -> list[Tab]:
        """Everybody, and each standing that some dose has or that is chosen."""
        every = Tab("", _("Everybody"), len(self.rows), chosen == "")
        shown = (one for one in LABELS if self.counts[one] or chosen == one)
        return [every, *(Tab(one, LABELS[one], self.counts[one], chosen == one) for one in shown)]


def of_day(site: VaccinationSite, day: date, *, now: datetime) -> DayCertificates:
    """The doses that were given at the site on that day."""
    of_the_day = {"dose__site": site, "dose__given_on": day, "dose__state": Dose.State.VALID}
    written = ("dose_id", "state", "revocation", "issued_at", "expires_at", "dose_number", "total_doses")
    certificates = Certificate.objects.filter(**of_the_day).only(*written)
    # VALID is after REVOKED.
    newest = {one.dose_id: one for one in certificates.order_by("state", "issued_at")}
    # A dose has one open request at most; of those that ended the last one counts.
    requests = {
        dose: (state, obstacle)
        for dose, state, obstacle in IssueRequest.objects.filter(**of_the_day)
        .exclude(state=IssueRequest.State.DROPPED)
        .order_by("pk")
        .values_list("dose_id", "state", "obstacle")
    }
    doses = Dose.objects.valid().filter(site=site, given_on=day).select_related("person", "vaccine")
    shown = ("number", "given_at", "registration_id", "vaccine__name")
    person = ("person__first_name", "person__last_name", "person__birth_date")
    given = list(doses.only(*shown, *person).order_by("given_at", "pk"))
    due = completing(dose.pk for dose in given)
    rows = []
    for dose in given:
        certificate, (state, obstacle) = newest.get(dose.pk), requests.get(dose.pk, ("", ""))
        stands = standing(certificate, state=state, is_due=dose.pk in due, now=now)
        rows.append(_row(dose, certificate, stands, obstacle))
    return DayCertificates(day, rows)


def _row(dose: Dose, newest: Certificate | None, stands: Standing, obstacle: str) -> DayRow:
    certificate = newest if newest and newest.state == Certificate.State.VALID else None
    return DayRow(
        dose_id=dose.pk,
        registration_id=dose.registration_id,
        name=surname_first(dose.person.first_name, dose.person.last_name),
        birth_year=dose.person.birth_date.year,
        given_at=timezone.localtime(dose.given_at),
        number=dose.number,
        vaccine=dose.vaccine.name,
        standing=stands,
        certificate_id=certificate.pk if certificate else None,
        written=f"{certificate.dose_number}/{certificate.total_doses}" if certificate else "",
        issued_at=certificate.issued_at if certificate else None,
        obstacle=OBSTACLES.get(obstacle, ""),
    )
