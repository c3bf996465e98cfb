"""Checking people in, taking it back, and sending them away without a dose. Locks: docs/locking.md."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crs import advisory_locks, history, sent_forms
from crs.advisory_locks import Lock
from crs.states import CZECHIA
from logistics.models import VaccinationSite, Vaccine
from logistics.stock.ledger import EntryContext
from registration.applying import at_a_site
from registration.models import Registration
from reservation.arranging import arrangements
from reservation.errors import NoSeatToday
from reservation.models import Appointment, Reservation
from vaccination.models import DayClosing, Dose, Visit
from vaccination.operations import Operation
from vaccination.visits import errors, origins

CameAs = Visit.CameAs
State = Visit.State

# Within these, coming is on time: staff need not speak of it.
EARLY_BY = timedelta(minutes=30)
LATE_BY = timedelta(minutes=30)


# The states of a reservation and of its appointment with which somebody is checked in.
_STANDING = {(Reservation.State.CONFIRMED, Appointment.State.BOOKED)}
_MISSED = {
    (Reservation.State.CONFIRMED, Appointment.State.MISSED),
    (Reservation.State.MISSED, Appointment.State.MISSED),
}


@dataclass(frozen=True)
class CheckInDetails:
    """The registrar's findings, as a form gives it (`CheckInFields.details()`)."""

    identity: str
    consent: str
    identity_note: str = ""
    claim_proof: str = Visit.ClaimProof.NOT_NEEDED
    claim_note: str = ""
    note: str = ""


@dataclass(frozen=True)
class Contact:
    """The contact of a person; the telephone in E.164, each may be empty."""

    phone: str
    email: str
    street: str
    city: str
    postcode: str
    country: str = CZECHIA


def came_as(appointment: Appointment | None, *, site: VaccinationSite, now: datetime) -> CameAs:
    """How coming `now` to `site` fits the appointment that the person had booked, if any."""
    if appointment is None:
        return CameAs.WALK_IN
    slot = appointment.slot
    if slot.site_id != site.pk:
        return CameAs.OTHER_SITE
    if slot.day != timezone.localdate(now):
        return CameAs.OTHER_DAY
    if now < slot.starts_at - EARLY_BY:
        return CameAs.EARLY
    return CameAs.LATE if now > slot.starts_at + LATE_BY else CameAs.ON_TIME


def check_in(
    *,
    appointment: Appointment,
    site: VaccinationSite,
    details: CheckInDetails,
    context: EntryContext,
    contact: Contact | None = None,
    came: CameAs | None = None,
    came_at: datetime | None = None,
) -> Visit:
    """Check in the person of an appointment of today at `site`. A form that is sent twice is one visit.

    `came_at` is for what is written down later: the visit, and the appointment that it needs, are of that time. An
    appointment that was missed will do where the person has chosen no other time since; a dose then brings it back.
    `contact` corrects the contact data; None leaves them. `came` says how they came where the seat was arranged just
    now (`came_as` of the appointment before); None: by the clock. A caller who claims the form itself passes a
    `context` with NO_FORM. Raises AlreadyCheckedIn and the other CheckInRefused.
    """

    def write() -> sent_forms.Outcome:
        _hold_day(site, came_at or context.now)
        with history.recording(Operation.CHECK_IN, by=context.by):
            if contact:
                # Early: it locks the person's row, which stands before the registration in the order of locks.
                _correct(Registration.objects.get(reservations__appointments=appointment.pk), contact, context)
            visit = _checked_in(appointment.pk, site, details, context, came_at, came)
        return {"visit": str(visit.pk)}

    outcome = sent_forms.once(context.form, write) or {}
    return Visit.objects.get(pk=UUID(outcome["visit"]))


def check_in_today(
    *,
    registration: Registration,
    site: VaccinationSite,
    vaccine: Vaccine,
    dose_number: int,
    details: CheckInDetails,
    context: EntryContext,
    contact: Contact | None = None,
    over_reason: str = "",
    came_at: datetime | None = None,
) -> Visit:
    """Check in somebody who has no seat here today: give them one of today, with `over_reason` over the calendar.

    Their appointment moves here from wherever it was. With `came_at` it all belongs to that time; on a day that is over
    the calendar refuses nobody. Raises what `check_in` and `arrangements.seat_today` raise.
    """
    moment = came_at or context.now
    is_over = timezone.localdate(moment) < timezone.localdate(context.now)

    def write() -> sent_forms.Outcome:
        _hold_day(site, came_at or context.now)
        with history.recording(Operation.CHECK_IN, by=context.by):
            if contact:
                _correct(registration, contact, context)
            # Whoever moves the appointment waits here, so how the person came is told of what is moved below.
            Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
            missed = _missed(registration, site, dose_number, timezone.localdate(moment)) if came_at else None
            before = _of_dose(registration, dose_number)
            came = came_as(missed or _booked(registration, dose_number), site=site, now=moment)
            seat = partial(
                arrangements.seat_today,
                registration=registration,
                site=site,
                vaccine=vaccine,
                dose_number=dose_number,
                now=context.now,
                came_at=came_at,
            )
            try:
                appointment, reason = missed or seat(), ""
            except NoSeatToday:
                # The words stay only where they were needed: a seat may have become free since they were asked for.
                words = over_reason or (_("late entry of a day that is over") if is_over else "")
                appointment, reason = seat(over_reason=words), over_reason
            with history.recording(Operation.CHECK_IN, by=context.by, **origins.told(appointment, before)):
                visit = _checked_in(appointment.pk, site, details, context, came_at, came, over_capacity_reason=reason)
        return {"visit": str(visit.pk)}

    outcome = sent_forms.once(context.form, write) or {}
    return Visit.objects.get(pk=UUID(outcome["visit"]))


def undo(*, visit: Visit, reason: str, context: EntryContext) -> Visit:
    """Take a check-in back, for a `reason` in words. An appointment that it moved here goes back where it was.

    It stays here where its former seat was taken meanwhile, and one that was made for the check-in is given up.
    Raises DoseIsRecorded, NotWaiting.
    """

    def write() -> sent_forms.Outcome:
        _locked_registration(visit.appointment_id)
        appointment = _locked_appointment(visit.appointment_id)
        _end(visit, state=State.UNDONE, note=reason or None)
        origin = origins.of(visit)
        if origin is not None and appointment.slot_id == origin.seat_id:
            arrangements.seat_back(appointment_id=appointment.pk, slot_id=origin.slot_id, was_missed=origin.was_missed)
        return {}

    with history.recording(Operation.UNDO_CHECK_IN, by=context.by):
        sent_forms.once(context.form, write)
    return Visit.objects.get(pk=visit.pk)


def send_away(*, visit: Visit, why: str, note: str, context: EntryContext) -> Visit:
    """Let somebody who waits go without a dose; `why` is a Visit.SentAway. The appointment stays booked.

    Raises DoseIsRecorded, NotWaiting.
    """

    def write() -> sent_forms.Outcome:
        _end(visit, state=State.SENT_AWAY, sent_away=why, left_at=context.now, note=note or None)
        return {}

    with history.recording(Operation.SEND_AWAY, by=context.by):
        sent_forms.once(context.form, write)
    return Visit.objects.get(pk=visit.pk)


def _checked_in(
    appointment_id: int,
    site: VaccinationSite,
    details: CheckInDetails,
    context: EntryContext,
    came_at: datetime | None,
    came: CameAs | None,
    *,
    over_capacity_reason: str = "",
) -> Visit:
    moment = came_at or context.now
    if moment > context.now:
        raise errors.NotYetCome
    registration = _locked_registration(appointment_id)
    appointment = _locked_appointment(appointment_id)
    day = timezone.localdate(moment)
    if visit := _standing_visit(appointment, registration, day):
        raise errors.AlreadyCheckedIn(visit)
    _check(registration, appointment, site, day, is_late=came_at is not None)
    try:
        with transaction.atomic():
            return Visit.objects.create(
                site=site,
                day=day,
                registration=registration,
                appointment=appointment,
                came_as=came or came_as(appointment, site=site, now=moment),
                arrived_at=moment,
                checked_in_by=context.by,
                over_capacity_reason=over_capacity_reason,
                **_as_written(details),
            )
    except IntegrityError as error:
        # Only where somebody checks in without the lock above; the database lets one visit stand.
        if visit := _standing_visit(appointment, registration, day):
            raise errors.AlreadyCheckedIn(visit) from error
        raise


def _as_written(details: CheckInDetails) -> dict[str, str | None]:
    """The fields of the visit; words that are not there stand as none, because an encrypted nothing is something."""
    words = {"identity_note", "claim_note", "note"}
    return {name: None if name in words and not told else told for name, told in asdict(details).items()}


def _locked_registration(appointment_id: int) -> Registration:
    """The registration of the appointment, locked: whoever checks the person in at the same time waits here."""
    of_appointment = Registration.objects.filter(reservations__appointments=appointment_id)
    locked = of_appointment.select_related("person").select_for_update(no_key=True, of=("self",)).first()
    if locked is None:
        raise errors.SeatNotReserved
    return locked


def _locked_appointment(appointment_id: int) -> Appointment:
    """The appointment; its reservation is locked, so that nobody moves or cancels it meanwhile."""
    Reservation.objects.select_for_update(no_key=True).filter(appointments=appointment_id).first()
    found = Appointment.objects.select_related("slot", "reservation").filter(pk=appointment_id).first()
    if found is None:
        raise errors.SeatNotReserved
    return found


def _standing_visit(appointment: Appointment, registration: Registration, day: date) -> Visit | None:
    """The visit that keeps the person from being checked in: of this appointment, or of that day anywhere."""
    of_appointment = Visit.objects.standing().filter(appointment=appointment)
    return (of_appointment | Visit.objects.present().filter(registration=registration, day=day)).first()


def _check(
    registration: Registration, appointment: Appointment, site: VaccinationSite, day: date, *, is_late: bool
) -> None:
    # Whoever died later, even of the dose itself, was alive when they came.
    if registration.person.died_on and registration.person.died_on < day:
        raise errors.VisitorDied
    if registration.person.merged_into_id:
        raise errors.PersonMerged
    if registration.state == Registration.State.CANCELLED:
        raise errors.RegistrationCancelled
    if not _stands(appointment, is_late=is_late):
        raise errors.SeatNotReserved
    if appointment.slot.site_id != site.pk or appointment.slot.day != day:
        raise errors.SeatIsElsewhere
    if DayClosing.objects.is_closed(site, day):
        raise errors.DayIsClosed


def _stands(appointment: Appointment, *, is_late: bool) -> bool:
    """Whether the appointment is booked, or, in a late entry, missed and the person has chosen no other time since."""
    reservation = appointment.reservation
    states = (reservation.state, appointment.state)
    if states in _STANDING or not is_late:
        return states in _STANDING
    others = Reservation.objects.holding_seats().filter(registration=reservation.registration_id)
    return states in _MISSED and not others.exclude(pk=reservation.pk).exists()


def _missed(registration: Registration, site: VaccinationSite, dose_number: int, day: date) -> Appointment | None:
    """The appointment of that day that the person is said to have missed, if it can still be theirs."""
    missed = Appointment.objects.filter(
        reservation__registration=registration,
        reservation__state=Reservation.State.MISSED,
        state=Appointment.State.MISSED,
        dose_number=dose_number,
        slot__site=site,
        slot__day=day,
    )
    found = missed.select_related("slot", "reservation").order_by("-pk").first()
    return found if found is not None and _stands(found, is_late=True) else None


def _hold_day(site: VaccinationSite, moment: datetime) -> None:
    """Keep the day from being closed: whoever closes it waits for us, or we find it closed. Before all other locks."""
    advisory_locks.take_shared(Lock.DAY_OF_A_SITE, f"{site.pk} {timezone.localdate(moment)}")


def _end(visit: Visit, **fields: Any) -> None:
    """End the wait of somebody who got no dose. The WHERE clause is the check: a dose ends the wait, too."""
    waiting = Visit.objects.filter(pk=visit.pk, state=State.ARRIVED)
    if not waiting.update(**fields):
        if Dose.objects.valid().filter(visit=visit).exists():
            raise errors.DoseIsRecorded
        raise errors.NotWaiting


def _of_dose(registration: Registration, dose_number: int) -> Appointment | None:
    """The appointment of the dose that a seat of today moves."""
    reserved = Appointment.objects.filter(
        reservation__registration=registration, reservation__state=Reservation.State.CONFIRMED, dose_number=dose_number
    )
    return reserved.first()


def _booked(registration: Registration, dose_number: int) -> Appointment | None:
    return Appointment.objects.to_come(registration, dose=dose_number).select_related("slot").first()


def _correct(registration: Registration, contact: Contact, context: EntryContext) -> None:
    if context.by is None:
        raise ValueError("Contact data are corrected by somebody.")
    at_a_site.correct_contact(registration=registration, by=context.by, **asdict(contact))
