"""Recording a dose: one entry with all its effects, in one transaction.

Locks, in order: the form's key, the day of the site (shared), person and registration, reservation and appointment,
visit, vial, then those of the ledger (docs/locking.md). All facts are read after the person is locked. What each dose
writes is text, not spelled by the ORM (docs/performance.md).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from crs import advisory_locks, history, sent_forms
from crs.advisory_locks import Lock
from crs.plain_sql import execute
from crs.sent_forms import Outcome
from logistics.models import StockDocument, StockItem, VaccinationSite
from logistics.stock import ledger
from logistics.stock.ledger import EntryContext
from registration.applying import course
from registration.applying.course import Received
from registration.models import Person, Registration
from reservation import dose_intervals
from reservation.arranging import arrangements
from reservation.dose_intervals import DueDays
from reservation.models import Appointment
from vaccination.doses import case_facts, errors, guards
from vaccination.doses.case_facts import Facts
from vaccination.doses.guards import RECORDED_AT_ONCE, Case, Finding, Weight
from vaccination.doses.limits import limits_by
from vaccination.doses.numbering import is_complete, keep_overrides, renumber
from vaccination.models import Dose, HealthWorker, VialSession, Visit
from vaccination.operations import Operation
from vaccination.questions import answers
from vaccination.questions.answers import Effect
from vaccination.signals import dose_recorded
from vaccination.vials import sessions

_COLUMNS = {field.attname: str(field.column) for field in Dose._meta.concrete_fields if not field.generated}
_INSERT = (
    f"INSERT INTO vaccination_dose ({', '.join(map(connection.ops.quote_name, _COLUMNS.values()))}) "  # noqa: S608
    f"VALUES ({', '.join(['%s'] * len(_COLUMNS))}) RETURNING given_on"
)
_OBSERVE = """
UPDATE vaccination_visit SET state = %(state)s, observe_until = %(until)s, left_at = %(left_at)s
WHERE id = %(visit)s AND state = %(arrived)s
"""


@dataclass(frozen=True)
class DoseEntry:
    """A dose as it is typed. `overrides` are reasons by the code of the rule (`Finding.rule`).

    `item` is needed only where no vial session is named, as by another system.
    """

    registration: Registration
    site: VaccinationSite
    visit: Visit | None
    vial: VialSession | None
    number: int
    given_at: datetime
    where: str
    is_dominant_side: bool | None
    given_by: HealthWorker | None
    doctor: HealthWorker | None
    overrides: Mapping[str, str] = field(default_factory=dict)
    item: StockItem | None = None


class Fit(StrEnum):
    """How the next appointment fits the interval valid on the day of the dose."""

    COMPLETE = "COMPLETE"  # no further dose of the series
    FITS = "FITS"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    OTHER_VACCINE = "OTHER_VACCINE"
    NONE = "NONE"  # there is no appointment


@dataclass(frozen=True)
class NextAppointment:
    """The next dose: its number, its appointment if any, and the days between which it should be given."""

    fit: Fit
    number: int
    appointment: Appointment | None = None
    due: DueDays = field(default_factory=DueDays)


def next_number(person: Person) -> int:
    """The number of the person's next dose."""
    return Dose.objects.of(person).valid().count() + 1


def findings(*, entry: DoseEntry, now: datetime) -> list[Finding]:
    """The findings about the entry now, for the screen; `record` asks them again under its locks."""
    return guards.findings(_case(entry, now))


def record(*, entry: DoseEntry, context: EntryContext) -> Dose:
    """Record a dose with all its effects. A form that is sent twice records it once.

    Raises DoseRefused (AlreadyRecorded where the visit has its dose), the refusals of vials and of the stock.
    """
    made: list[Dose] = []

    def write() -> Outcome:
        made.append(_record(entry, context))
        return {"dose": str(made[0].pk)}

    with history.recording(Operation.RECORD_DOSE, by=context.by):
        outcome = sent_forms.once(context.form, write) or {}
    return made[0] if made else Dose.objects.get(pk=UUID(outcome["dose"]))


def next_appointment(*, dose: Dose, now: datetime) -> NextAppointment:
    """The next appointment after `dose`, and whether it fits the interval valid on the day of the dose.

    A time that is over by `now` counts as none.
    """
    number = dose.number + 1
    if dose.number >= dose.vaccine.doses:
        return NextAppointment(Fit.COMPLETE, number)
    given_on = timezone.localdate(dose.given_at)
    due = dose_intervals.due_after(given_on=given_on, vaccine=dose.vaccine, dose_number=number)
    booked = Appointment.objects.to_come(dose.registration_id, dose=number).filter(slot__starts_at__gte=now)
    appointment = booked.select_related("slot__site").first()
    return NextAppointment(_fit(appointment, dose, due), number, appointment, due)


def happened_at(given_at: datetime, *, now: datetime) -> datetime | None:
    """The time that the ledger keeps beside that of the recording; None where they are one."""
    return given_at if now - given_at > RECORDED_AT_ONCE else None


def _record(entry: DoseEntry, context: EntryContext) -> Dose:
    # A clock that is two minutes fast is no mistake of the nurse.
    is_tolerated = entry.given_at <= context.now + guards.CLOCK_TOLERANCE
    entry = replace(entry, given_at=min(entry.given_at, context.now) if is_tolerated else entry.given_at)
    day = timezone.localdate(entry.given_at)
    # Whoever closes this day waits for us, or we find it closed.
    advisory_locks.take_shared(Lock.DAY_OF_A_SITE, f"{entry.site.pk} {day}")
    # Two nurses with one person, and two tabs, wait here; the second finds the dose of the first.
    case = _case(entry, context.now, is_locking=True)
    _require_no_dose(case)
    overridden = _weighed(guards.findings(case), entry.overrides)
    if [dose.number for dose in case.history] != list(range(1, len(case.history) + 1)):
        renumber(case.person, None, "", context)  # rows of the person were joined, each with doses of its own
    _move_on(case, context)
    consumption = _taken(case, context)
    assert entry.given_by is not None and entry.doctor is not None, "no_doctor"  # noqa: S101, PT018
    dose = _inserted(
        person=case.person,
        registration=entry.registration,
        number=entry.number,
        vaccine=case.vaccine,
        batch=case.item.batch,
        site=entry.site,
        visit=case.visit,
        vial=case.vial,
        consumption=consumption,
        given_at=entry.given_at,
        recorded_at=context.now,
        recorded_by=context.by,
        where=entry.where,
        is_dominant_side=entry.is_dominant_side,
        given_by=entry.given_by,
        doctor=entry.doctor,
    )
    keep_overrides(dose, overridden, entry.overrides, context)
    dose_recorded.send(Dose, dose=dose)
    return dose


def _case(entry: DoseEntry, now: datetime, *, is_locking: bool = False) -> Case:
    """The facts of the dose as they are now; with `is_locking` after the person was locked, and the registration.

    Nobody confirms other answers then, and the batch may have been blocked since the page was shown.
    """
    day = timezone.localdate(entry.given_at)
    assert entry.vial is not None or entry.item is not None, "a dose comes from a vial or from an item"  # noqa: S101
    facts = case_facts.read(
        registration=entry.registration,
        site_id=entry.site.pk,
        day=day,
        visit_id=entry.visit.pk if entry.visit else None,
        vial_id=entry.vial.pk if entry.vial else None,
        item_id=entry.item.pk if entry.item else None,
        is_locking=is_locking,
    )
    vaccine, doses = facts.batch.vaccine, facts.doses
    return Case(
        registration=entry.registration,
        person=facts.person,
        history=doses,
        site=entry.site,
        visit=facts.visit,
        vial=facts.vial,
        item=facts.item,
        vaccine=vaccine,
        store=facts.store,
        held=facts.held,
        number=entry.number,
        given_at=entry.given_at,
        given_by=entry.given_by,
        doctor=entry.doctor,
        effects=_effects(facts, day),
        is_day_closed=facts.is_day_closed,
        limits=limits_by(facts.rules, vaccine=vaccine, number=entry.number, history=doses),
        interval=facts.interval if doses else None,
        usual_minutes=facts.minutes,
        now=now,
    )


def _effects(facts: Facts, day: date) -> list[Effect] | None:
    """The effects of the confirmed answers on the dose; None: nobody confirmed any. Other systems ask by themselves."""
    if facts.visit is None:
        return []
    if facts.filled is None:
        return None
    return answers.effects(facts.filled, vaccine=facts.batch.vaccine, day=day, meaning=facts.meaning)


def _require_no_dose(case: Case) -> None:
    """Lead the second of two tabs or of two nurses to the dose that the first one recorded."""
    for dose in case.history:
        if case.visit is not None and dose.visit_id == case.visit.pk:
            raise errors.AlreadyRecorded(dose, guards.findings(case))


def _weighed(found: Iterable[Finding], overrides: Mapping[str, str]) -> list[Finding]:
    """The findings that are overridden with a reason. Raises DoseRefused where one stands in the way."""
    asking = [finding for finding in found if finding.weight != Weight.WARNING]
    standing = [
        finding for finding in asking if finding.weight == Weight.STOP or not overrides.get(finding.rule, "").strip()
    ]
    if standing:
        raise errors.DoseRefused(standing)
    return asking


def _move_on(case: Case, context: EntryContext) -> None:
    """Move the registration, the appointment and the visit on. The person is locked, so nobody else does."""
    visit = case.visit
    done = case.number >= case.vaccine.doses or is_complete(case.history)
    first = case.history[0].vaccine_id if case.history else case.vaccine.pk
    received = Received(len(case.history) + 1, case.day, case.vaccine.pk, first)
    course.keep(registration_id=case.registration.pk, received=received, is_complete=done)
    if visit is not None:
        # The visit before the slots: the order of docs/locking.md.
        _observe(case, visit, context)
        arrangements.fulfil(appointment_id=visit.appointment_id)
    if done:
        arrangements.release_series(registration_id=case.registration.pk, after=case.number, now=context.now)


def _observe(case: Case, visit: Visit, context: EntryContext) -> None:
    """Let the person sit for their time; in an outage it has passed."""
    minutes = max([case.usual_minutes, *(effect.observe_minutes or 0 for effect in case.effects or ())])
    until = case.given_at + timedelta(minutes=minutes)
    # Whoever was vaccinated in an outage has left by the time when it is written down.
    is_over = until <= context.now
    state, left_at = (Visit.State.GONE, until) if is_over else (Visit.State.OBSERVED, None)
    # The WHERE clause is the check: somebody may undo the check-in without the person's lock.
    moved = {"state": state.value, "until": until, "left_at": left_at, "visit": visit.pk}
    if not execute(_OBSERVE, {**moved, "arrived": Visit.State.ARRIVED.value}):
        raise errors.DoseRefused(guards.findings(replace(case, visit=Visit.objects.get(pk=visit.pk))))


def _taken(case: Case, context: EntryContext) -> StockDocument:
    """Take the dose from the vial and from the ledger."""
    if case.vial is not None:
        sessions.draw(vial=case.vial, at=max(case.given_at, case.vial.opened_at))
    assert case.store is not None, "not_held"  # noqa: S101
    at = happened_at(case.given_at, now=context.now)
    entry = EntryContext(by=context.by, now=context.now, happened_at=at)
    return ledger.consume_with(store=case.store, item=case.item, doses=1, context=entry)


def _inserted(**values: Any) -> Dose:
    """A new dose, written by a statement as text: for its 21 columns the ORM took as long as for four others."""
    dose = Dose(**values)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [getattr(dose, name) for name in _COLUMNS])
        (dose.given_on,) = cursor.fetchone()
    dose._state.adding, dose._state.db = False, connection.alias
    return dose


def _fit(appointment: Appointment | None, dose: Dose, due: DueDays) -> Fit:
    if appointment is None:
        return Fit.NONE
    slot = appointment.slot
    if slot.vaccine_id != dose.vaccine_id:
        return Fit.OTHER_VACCINE
    if due.is_early(slot.day):
        return Fit.TOO_EARLY
    return Fit.TOO_LATE if due.is_late(slot.day) else Fit.FITS
