"""Late entry: lines of the printed list of a day, ticked by hand in an outage, become check-ins and doses.

A line names a row of the list by its number. Numbers move when an appointment of that day is moved or cancelled after
the list was printed, so the screen first shows the name of each row, and a line is recorded only for that person.

Somebody who was not checked in is checked in by the line, at the time of the dose: identity 'another way', consent
spoken, each with the words that it was entered from the list. The questions were asked on paper: a line says that all
answers were no, and then they are confirmed so, or those from home are; whoever answered yes to something is entered
at their own page.

Whoever was marked as missing since, because the day was closed, is brought back by the dose. Somebody who is not on the
list is named by a number of theirs and gets a seat of that day. Locks: docs/locking.md.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crs import advisory_locks, sent_forms
from crs.advisory_locks import Lock
from crs.keyed_hash import keyed_hash
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import VaccinationSite
from logistics.stock.ledger import EntryContext
from registration.models import Person, Registration
from reservation.models import Appointment, Reservation
from vaccination.doses import errors, recording
from vaccination.doses.recording import DoseEntry
from vaccination.models import Dose, HealthWorker, VialSession, Visit
from vaccination.models.questions import Answer
from vaccination.questions import answers
from vaccination.questions.answers import Answered
from vaccination.visits.check_in import CheckInDetails, check_in, check_in_today
from vaccination.visits.day_list import DayRow, Standing

# The appointment of somebody who is not on the list.
NO_APPOINTMENT = 0


@dataclass(frozen=True)
class LateLine:
    """A line of the list. `has_said_no` says that the person answered all questions on paper by no."""

    row: DayRow
    given_at: datetime
    vial: VialSession
    where: str
    given_by: HealthWorker
    doctor: HealthWorker
    has_said_no: bool


def unlisted(registration: Registration, *, at: datetime, vial: VialSession) -> DayRow:
    """A row for somebody who is not on the list of the day, so they get a seat of that day with their dose."""
    person, batch = registration.person, vial.item.batch
    return DayRow(
        number=int(registration.number),
        at=at,
        first_name=person.first_name,
        last_name=person.last_name,
        latin_name="",
        birth_year=person.birth_date.year,
        registration_id=registration.pk,
        registration_number=registration.number,
        dose_number=recording.next_number(person),
        vaccine=batch.vaccine.name if batch else "",
        appointment_id=NO_APPOINTMENT,
        visit_id=None,
        standing=Standing.EXPECTED,
        came_as="",
        arrived_at=None,
        observe_until=None,
        is_late=False,
    )


def record_line(*, line: LateLine, site: VaccinationSite, context: EntryContext) -> Dose:
    """Record the dose of a line with all that was left out before it. A form that is sent twice records a line once.

    Raises what `check_in` and `recording.record` raise, and AnswersOnPaper.
    """

    def write() -> Outcome:
        return {"dose": str(_record(line, site, replace(context, form=NO_FORM)).pk)}

    outcome = sent_forms.once(_sending(line, context.form), write) or {}
    return Dose.objects.get(pk=UUID(outcome["dose"]))


@transaction.atomic
def _record(line: LateLine, site: VaccinationSite, context: EntryContext) -> Dose:
    # As recording a dose and checking in do, in the one order: the day, the person, the registration.
    advisory_locks.take_shared(Lock.DAY_OF_A_SITE, f"{site.pk} {timezone.localdate(line.given_at)}")
    person = Person.objects.select_for_update(no_key=True).get(registrations=line.row.registration_id)
    registration = Registration.objects.get(pk=line.row.registration_id)
    visit = _visit(line, registration, site, context)
    _confirm_answers(line, visit, context)
    entry = DoseEntry(
        registration=registration,
        site=site,
        visit=visit,
        vial=line.vial,
        number=recording.next_number(person),
        given_at=line.given_at,
        where=line.where,
        is_dominant_side=None,
        given_by=line.given_by,
        doctor=line.doctor,
    )
    return recording.record(entry=entry, context=context)


def _visit(line: LateLine, registration: Registration, site: VaccinationSite, context: EntryContext) -> Visit:
    """The visit of that day, or a check-in at the time of the dose, also of somebody who had been sent away."""
    if line.row.visit_id is not None:
        visit = Visit.objects.select_related("registration", "appointment").get(pk=line.row.visit_id)
        if visit.state != Visit.State.SENT_AWAY:
            return visit
    words = _("late entry from the printed list, after an outage")
    needs_paper = registration.priority_claims.standing().exists()
    details = CheckInDetails(
        identity=Visit.Identity.OTHER,
        identity_note=words,
        consent=Visit.Consent.SPOKEN,
        claim_proof=Visit.ClaimProof.MISSING if needs_paper else Visit.ClaimProof.NOT_NEEDED,
        claim_note=words if needs_paper else "",
    )
    if line.row.appointment_id == NO_APPOINTMENT:
        assert line.vial.item.batch is not None, "vials have one"  # noqa: S101
        vaccine, appointment = line.vial.item.batch.vaccine, None
    else:
        appointment = Appointment.objects.select_related("slot__vaccine", "reservation").get(pk=line.row.appointment_id)
        vaccine = appointment.slot.vaccine
    is_confirmed = appointment is not None and appointment.reservation.state == Reservation.State.CONFIRMED
    if appointment is not None and is_confirmed and appointment.slot.day == timezone.localdate(line.given_at):
        return check_in(appointment=appointment, site=site, details=details, context=context, came_at=line.given_at)
    # Not on the list, or marked as missed, and perhaps they have chosen another time since: that one moves here.
    return check_in_today(
        registration=registration,
        site=site,
        vaccine=vaccine,
        dose_number=line.row.dose_number,
        details=details,
        context=context,
        over_reason=words,
        came_at=line.given_at,
    )


def _confirm_answers(line: LateLine, visit: Visit, context: EntryContext) -> None:
    """Confirm what was answered on paper; what stands already, and what was written at home, is not overwritten."""
    filled = answers.latest(visit)
    if answers.is_confirmed(filled, visit) or visit.state != Visit.State.ARRIVED:
        return
    if not line.has_said_no:
        raise errors.AnswersOnPaper
    if filled is not None:
        answers.confirm(filled=filled, visit=visit, context=context)
        return
    asked = answers.valid_on(visit.day)
    said = {question.code: Answered(Answer.NO) for question in asked.questions.all()}
    answers.fill(visit=visit, questionnaire=asked, answers=said, context=context)


def _sending(line: LateLine, form: Sending) -> Sending:
    """The line as a form of its own, so that the others can be sent again without it."""
    if form.key is None:
        return NO_FORM
    told = (line.row.registration_id, line.given_at.isoformat(), line.vial.pk, line.where, line.doctor.pk)
    return Sending(uuid5(form.key, str(line.row.number)), keyed_hash("late-line", *map(str, told)))
