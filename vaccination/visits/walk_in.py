"""Taking in somebody who has no seat here today: a seat of today and the check-in, both or none."""

from dataclasses import asdict, replace
from uuid import UUID

from crs import history, sent_forms
from crs.sent_forms import NO_FORM
from logistics.models import VaccinationSite, Vaccine
from logistics.stock.ledger import EntryContext
from registration import at_a_site
from registration.models import Registration
from reservation import arrangements
from reservation.errors import NoSeatToday
from reservation.models import Appointment, Reservation
from vaccination.models import Visit
from vaccination.operations import Operation
from vaccination.visits.check_in import CameAs, CheckInDetails, Contact, came_as, check_in


def take_in(
    *,
    registration: Registration,
    site: VaccinationSite,
    vaccine: Vaccine,
    dose_number: int,
    details: CheckInDetails,
    context: EntryContext,
    contact: Contact | None = None,
    over_reason: str = "",
) -> Visit:
    """Give the person a seat of today at `site` for this dose and check them in. A form that is sent twice is one visit.

    The seat comes from the calendar; only where none is free, it goes over it for `over_reason`. What was booked for
    the dose elsewhere or on another day moves here. Raises NoSeatToday (without a reason), DoseAlreadyGiven,
    RegistrationEnded, AlreadyCheckedIn and the other CheckInRefused.
    """

    def write() -> sent_forms.Outcome:
        if contact and context.by:
            # First: it locks the person's row, which stands before all others in the order of locks.
            at_a_site.correct_contact(registration=registration, by=context.by, now=context.now, **asdict(contact))
        came = _came_as(registration, site, dose_number, context)
        with history.recording(Operation.CHECK_IN, by=context.by):
            appointment, is_over = _seat(registration, site, vaccine, dose_number, context, over_reason)
            visit = check_in(
                appointment=appointment,
                site=site,
                details=details,
                context=replace(context, form=NO_FORM),
                came=came,
                over_capacity_reason=over_reason if is_over else "",
            )
        return {"visit": str(visit.pk)}

    outcome = sent_forms.once(context.form, write) or {}
    return Visit.objects.get(pk=UUID(outcome["visit"]))


def _seat(
    registration: Registration,
    site: VaccinationSite,
    vaccine: Vaccine,
    dose_number: int,
    context: EntryContext,
    over_reason: str,
) -> tuple[Appointment, bool]:
    """The appointment of today, and whether it went over the calendar: a reason that nobody needs leaves no trace."""
    try:
        seat = arrangements.seat_today(
            registration=registration, site=site, vaccine=vaccine, dose_number=dose_number, now=context.now
        )
    except NoSeatToday:
        if not over_reason:
            raise
    else:
        return seat, False
    seat = arrangements.seat_today(
        registration=registration,
        site=site,
        vaccine=vaccine,
        dose_number=dose_number,
        now=context.now,
        over_reason=over_reason,
    )
    return seat, True


def _came_as(registration: Registration, site: VaccinationSite, dose_number: int, context: EntryContext) -> CameAs:
    """How they came, by the appointment that they had before it moves."""
    before = Appointment.objects.filter(
        reservation__registration=registration,
        reservation__state=Reservation.State.CONFIRMED,
        state=Appointment.State.BOOKED,
        dose_number=dose_number,
    )
    return came_as(before.select_related("slot").first(), site=site, now=context.now)
