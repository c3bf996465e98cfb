"""The paper of the day: a dose confirmed in Czech and English side by side, large and tagged (DOMAIN 10.4)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.pdf import rendering
from crs.pdf.bilingual import Both, day_in_both, in_both
from reservation.models import Appointment
from vaccination.models import Dose

_LABELS = {
    "title": _("Confirmation of vaccination"),
    "subject": _("Vaccination against covid-19"),
    "name": pgettext_lazy("paper", "Name and surname"),
    "latin_name": _("As in the travel document"),
    "birth_date": pgettext_lazy("paper", "Date of birth"),
    "number": pgettext_lazy("paper", "Dose number"),
    "vaccine": pgettext_lazy("paper", "Vaccine"),
    "manufacturer": pgettext_lazy("paper", "Manufacturer"),
    "batch": pgettext_lazy("paper", "Batch number"),
    "given_on": _("Date of vaccination"),
    "provider": pgettext_lazy("paper", "Provider"),
    "doctor": pgettext_lazy("paper", "Doctor"),
    "given_by": pgettext_lazy("paper", "Vaccinated by"),
    "earlier": _("Earlier doses"),
    "next": pgettext_lazy("paper", "Next dose"),
    "bring": _("Bring this paper, your identity document and the card of your insurer."),
    "help": _("If you feel unwell at home, call your doctor; in an emergency call 155. Questions: line 1221."),
}


@dataclass(frozen=True)
class DoseLine:
    """A dose as it is printed. Empty where nobody told us, which can be so with doses given elsewhere."""

    number: int
    vaccine: str
    manufacturer: str
    batch: str
    given_on: date
    site_name: str = ""
    site_address: str = ""
    doctor: str = ""
    given_by: str = ""

    @property
    def day(self) -> Both:
        """The day in words, which nobody reads as another one."""
        return day_in_both(self.given_on)


@dataclass(frozen=True)
class NextTime:
    """When and where the person comes for the next dose."""

    number: int
    starts_at: datetime
    site_name: str
    site_address: str
    vaccine: str

    @property
    def day(self) -> Both:
        """The day and the time in words."""
        return day_in_both(timezone.localtime(self.starts_at), ("l j. E Y, G:i", "l j F Y, G:i"))


@dataclass(frozen=True)
class DosePaper:
    """All that stands on the paper: the dose, those before it, and the next appointment."""

    dose_id: UUID
    name: str
    latin_name: str
    birth_date: date
    dose: DoseLine
    earlier: tuple[DoseLine, ...] = ()
    next_time: NextTime | None = None

    @property
    def born(self) -> Both:
        """The date of birth in words."""
        return day_in_both(self.birth_date)


def dose_paper(dose: Dose, *, now: datetime) -> DosePaper:
    """The paper of a valid dose as plain data; two queries where `dose.person` is loaded.

    A time for the next dose that is over by `now` is not printed.
    """
    doses = Dose.objects.valid().of(dose.person).filter(number__lte=dose.number)
    lines = {
        one.pk: _line(one)
        for one in doses.select_related("vaccine", "batch", "site", "doctor", "given_by").order_by("number")
    }
    person = dose.person
    return DosePaper(
        dose_id=dose.pk,
        name=str(person),
        latin_name=f"{person.latin_first_name} {person.latin_last_name}".strip(),
        birth_date=person.birth_date,
        dose=lines.pop(dose.pk),
        earlier=tuple(lines.values()),
        next_time=_next_time(dose, now),
    )


def dose_pdf(paper: DosePaper) -> bytes:
    """The paper as PDF/UA-1, on one page unless there are many earlier doses. Raises what `rendering.pdf` raises."""
    labels = {name: in_both(text) for name, text in _LABELS.items()}
    return rendering.pdf(
        "vaccination/doses/pdf/confirmation.html",
        {"paper": paper, "labels": labels},
        sheet="vaccination/doses/pdf/confirmation.css",
        language="cs",
        identifier=paper.dose_id.bytes,
        denser={"is_dense": True},
    )


def _line(dose: Dose) -> DoseLine:
    return DoseLine(
        number=dose.number,
        vaccine=dose.vaccine.name,
        manufacturer=dose.vaccine.manufacturer,
        batch=dose.batch.number if dose.batch else "",
        given_on=timezone.localdate(dose.given_at),
        site_name=dose.site.name if dose.site else "",
        site_address=dose.site.address if dose.site else "",
        doctor=dose.doctor.name if dose.doctor else "",
        given_by=dose.given_by.name if dose.given_by else "",
    )


def _next_time(dose: Dose, now: datetime) -> NextTime | None:
    booked = Appointment.objects.to_come(dose.registration_id, dose=dose.number + 1).filter(slot__starts_at__gte=now)
    found = booked.select_related("slot__site", "slot__vaccine").first()
    if found is None:
        return None
    slot = found.slot
    return NextTime(found.dose_number, slot.starts_at, slot.site.name, slot.site.address, slot.vaccine.name)
