"""Corrections of doses. Nothing is deleted: the history keeps the version before, and the ledger follows.

A correction tells what really happened, so it is never refused for a rule of medicine: what it breaks is noted beside
the dose, with the reason of the correction, where the manager reads the overrides. It is refused where it cannot be
true. A closed day stays closed; its closing keeps the figures of then, which show the difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F, Q
from django.utils import timezone

from crs import advisory_locks, history, sent_forms
from crs.advisory_locks import Lock
from crs.sent_forms import NO_FORM, Outcome
from logistics.models import Batch, StockBalance, StockDocument, StockItem, StorageCondition, Store
from logistics.staff import permissions
from logistics.stock import ledger
from logistics.stock.ledger import EntryContext
from registration import course
from registration.models import Person, Registration
from reservation import arrangements
from vaccination.doses import errors, guards
from vaccination.doses.guards import CLOCK_TOLERANCE, Course
from vaccination.doses.limits import limits
from vaccination.doses.recording import happened_at, is_complete, keep_overrides
from vaccination.models import Dose, HealthWorker, Station, VialSession, Visit
from vaccination.operations import Operation
from vaccination.permissions import VaccinationAct
from vaccination.signals import dose_annulled, dose_corrected
from vaccination.vials import sessions

# Staff of the site correct for so long after the dose was recorded; the ministry at any time.
STAFF_CORRECT_FOR = timedelta(days=7)
# Numbers are exchanged by way of numbers that no dose has: the database lets no number stand twice even for a moment.
_ASIDE = 1000


@dataclass(frozen=True)
class Correction:
    """What is to be different; None leaves it as it is. A `batch` without a `vial` finds the vial of that day."""

    number: int | None = None
    vial: VialSession | None = None
    batch: Batch | None = None
    given_at: datetime | None = None
    where: str | None = None
    is_dominant_side: bool | None = None
    given_by: HealthWorker | None = None
    doctor: HealthWorker | None = None


def may_correct(*, user: User, dose: Dose, now: datetime) -> bool:
    """Whether the user may correct or annul the dose now: staff of its site for a week, the ministry at any time."""
    if dose.site is None:
        return False
    if permissions.may(user, VaccinationAct.CORRECT_OLD_DOSES, dose.site):
        return True
    is_recent = now - dose.recorded_at <= STAFF_CORRECT_FOR
    return is_recent and permissions.may(user, VaccinationAct.CORRECT_DOSES, dose.site)


def correct(*, dose: Dose, change: Correction, reason: str, context: EntryContext) -> Dose:
    """Correct the record of a dose, for a `reason`; returns it as it is then. A form sent twice corrects once.

    Raises NotCorrectable, ReasonNeeded, NothingToCorrect, NumberFollowsTime, OtherDoseThatDay, NoVialThatDay,
    DoseRefused where it cannot be true, and the refusals of vials and of the stock.
    """
    reason = _required(reason)

    def write() -> Outcome:
        person, row = _locked(dose, change.given_at)
        _Correcting(person, row, change, reason, context).write()
        return {"dose": str(row.pk)}

    with history.recording(Operation.CORRECT_DOSE, by=context.by, reason=reason):
        outcome = sent_forms.once(context.form, write) or {}
    return Dose.objects.get(pk=UUID(outcome["dose"]))


def annul(*, dose: Dose, error: str, reason: str, context: EntryContext) -> Dose:
    """Take back the record of a dose that was entered in error (`Dose.Error`), for a `reason`; returns it.

    The dose goes back into its vial and into the stock, the appointment and the visit are as before, later doses move
    up. Raises NotCorrectable, ReasonNeeded.
    """
    reason = _required(reason)

    def write() -> Outcome:
        person, row = _locked(dose, None)
        _annul(person, row, error, reason, context)
        return {"dose": str(row.pk)}

    with history.recording(Operation.ANNUL_DOSE, by=context.by, reason=reason):
        outcome = sent_forms.once(context.form, write) or {}
    return Dose.objects.get(pk=UUID(outcome["dose"]))


# --- annulment ----------------------------------------------------------------------------------


def _annul(person: Person, dose: Dose, error: str, reason: str, context: EntryContext) -> None:
    later = Dose.objects.valid().filter(person=person, number__gt=dose.number).order_by("number")
    for other in later.select_related("visit"):
        if other.visit is not None:
            # First of all: without the seat of a later dose the reservation would end as missed below.
            arrangements.renumber(appointment_id=other.visit.appointment_id, dose_number=other.number - 1)
    if dose.visit is not None:
        today = timezone.localdate(context.now)
        arrangements.unfulfil(appointment_id=dose.visit.appointment_id, today=today)
        _send_back(dose.visit, reason, context)
    if dose.vial is not None:
        sessions.put_back(vial=dose.vial)
    assert dose.consumption is not None, "dose_of_a_site_is_complete"  # noqa: S101
    ledger.reverse(document=dose.consumption, context=_entry(context, reason))
    Dose.objects.filter(pk=dose.pk).update(state=Dose.State.IN_ERROR, error=error)
    moved = _renumber(person, dose.registration_id, reason, context)
    dose.refresh_from_db()
    dose_annulled.send(Dose, dose=dose)
    for other in moved:
        dose_corrected.send(Dose, dose=other)


def _send_back(visit: Visit, reason: str, context: EntryContext) -> None:
    """Let the person wait again where it is still the day of the visit; else they came and got no dose."""
    rows = Visit.objects.filter(pk=visit.pk, state__in=(Visit.State.OBSERVED, Visit.State.GONE))
    others = Visit.objects.present().filter(registration=visit.registration_id, day=visit.day).exclude(pk=visit.pk)
    if visit.day == timezone.localdate(context.now) and not others.exists():
        rows.update(state=Visit.State.ARRIVED, observe_until=None, left_at=None)
        return
    rows.update(
        state=Visit.State.SENT_AWAY,
        sent_away=Visit.SentAway.OTHER,
        left_at=visit.left_at or context.now,
        note=f"{visit.note or ''} {reason}".strip()[:300],
    )


# --- correction ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Correcting:
    """One correction of a locked dose."""

    person: Person
    dose: Dose
    change: Correction
    reason: str
    context: EntryContext

    def write(self) -> None:
        change, dose = self.change, self.dose
        wanted = {
            "given_at": self.given_at,
            "where": change.where,
            "is_dominant_side": change.is_dominant_side,
            "given_by": change.given_by,
            "doctor": change.doctor,
        }
        fields = {name: new for name, new in wanted.items() if new is not None and new != getattr(dose, name)}
        is_taken_anew = self.is_taken_anew
        if not fields and not is_taken_anew and change.number in (None, dose.number):
            raise errors.NothingToCorrect
        self.require_order()
        self.require_possible()
        if is_taken_anew:
            fields |= self.take_anew()
        Dose.objects.filter(pk=dose.pk).update(**fields)
        moved = _renumber(self.person, dose.registration_id, self.reason, self.context, corrected=dose)
        for each in moved:
            dose_corrected.send(Dose, dose=each)

    @property
    def given_at(self) -> datetime:
        """The time as it is to be; a clock that is a little fast is no mistake."""
        at = self.change.given_at or self.dose.given_at
        return min(at, self.dose.recorded_at) if at <= self.dose.recorded_at + CLOCK_TOLERANCE else at

    @property
    def batch(self) -> Batch:
        """The batch as it is to be."""
        batch = (self.change.vial.item.batch if self.change.vial else self.change.batch) or self.dose.batch
        assert batch is not None, "dose_of_a_site_is_complete"  # noqa: S101
        return batch

    @property
    def is_taken_anew(self) -> bool:
        """Whether it came from another vial; on another day it did, and the ledger counts by days."""
        is_other_day = timezone.localdate(self.given_at) != timezone.localdate(self.dose.given_at)
        is_other_vial = self.change.vial is not None and self.change.vial != self.dose.vial
        return is_other_day or is_other_vial or self.batch != self.dose.batch

    def require_order(self) -> None:
        """Refuse a time after the recording, a second dose on a day, and a number that the times do not give."""
        if self.given_at > self.dose.recorded_at:
            raise errors.GivenAfterRecording(recorded_at=self.dose.recorded_at)
        others = list(Dose.objects.valid().filter(person=self.person).exclude(pk=self.dose.pk))
        if any(timezone.localdate(other.given_at) == timezone.localdate(self.given_at) for other in others):
            raise errors.OtherDoseThatDay
        place = 1 + sum(other.given_at < self.given_at for other in others)
        if self.change.number not in (None, place):
            raise errors.NumberFollowsTime(number=place)

    def require_possible(self) -> None:
        """Refuse what cannot be true. The vial is looked at where it or the time changes, not when the arm does."""
        dose = self.dose
        vial = self.change.vial or (None if self.is_taken_anew else dose.vial)
        assert dose.site is not None, "dose_of_a_site_is_complete"  # noqa: S101
        given = guards.Given(
            person=self.person,
            history=(),
            vaccine=self.batch.vaccine,
            number=dose.number,
            given_at=self.given_at,
            limits=None,
            site=dose.site,
            vial=vial,
            item=vial.item if vial else StockItem(batch=self.batch),
            given_by=self.change.given_by or dose.given_by,
            doctor=self.change.doctor or dose.doctor,
            now=self.context.now,
        )
        is_vial_the_same = self.given_at == dose.given_at and not self.is_taken_anew
        found = [
            finding
            for finding in guards.impossible(given)
            if not (is_vial_the_same and finding.rule in guards.ABOUT_THE_VIAL)
        ]
        if found:
            raise errors.DoseRefused(found)

    def take_anew(self) -> dict[str, Any]:
        """Give the dose back to its vial and take it from another one; opens one late where none was open then."""
        old, batch = self.dose.vial, self.batch
        vial = self.change.vial or _vial_of(batch, self.dose, self.given_at)
        station = None if vial else _station_for(self.dose)
        _lock_vials([known for known in (old, vial) if known], station)
        store = _lock_ledger(self.dose, batch)
        if vial is None:
            assert station is not None, "it was locked"  # noqa: S101
            vial = _opened_late(store, batch, station, self.given_at, self.context)
        if old is not None:
            sessions.put_back(vial=old)
        sessions.draw(vial=vial, at=max(self.given_at, vial.opened_at))
        consumption = self.consume_again(store, vial.item)
        vial.refresh_from_db()
        if station is not None and vial.ended_at is None:
            sessions.put_aside(vial=vial, at=self.context.now)
        return {"vial": vial, "batch": batch, "vaccine": batch.vaccine, "consumption": consumption}

    def consume_again(self, store: Store, item: StockItem) -> StockDocument:
        """Reverse the consumption, and record one of the item at the time when the dose was given."""
        assert self.dose.consumption is not None, "dose_of_a_site_is_complete"  # noqa: S101
        ledger.reverse(document=self.dose.consumption, context=_entry(self.context, self.reason))
        at = happened_at(self.given_at, now=self.context.now)
        entry = EntryContext(by=self.context.by, now=self.context.now, note=self.reason, happened_at=at)
        return ledger.consume(store=store, item=item, doses=1, context=entry)


def _vial_of(batch: Batch, dose: Dose, given_at: datetime) -> VialSession | None:
    """The vial of the batch from which it can have been drawn, best one of the same station."""
    assert dose.site is not None, "dose_of_a_site_is_complete"  # noqa: S101
    possible = [
        vial
        for vial in sessions.of_day(dose.site, timezone.localdate(given_at))
        if vial.item.batch_id == batch.pk
        and vial.left > 0
        and vial.opened_at <= given_at + CLOCK_TOLERANCE
        and (vial.ended_at is None or vial.ended_at >= given_at)
        and not vial.is_out_of_time(given_at)
    ]
    own = dose.vial.station_id if dose.vial else None
    return min(possible, key=lambda vial: (vial.station_id != own, -vial.opened_at.timestamp()), default=None)


def _station_for(dose: Dose) -> Station:
    """The station of the recorded vial, or another one that is used. Raises NoVialThatDay."""
    used = Station.objects.filter(site=dose.site_id, closed_at=None)
    own = used.filter(pk=dose.vial.station_id).first() if dose.vial else None
    station = own or used.order_by("name").first()
    if station is None:
        raise errors.NoVialThatDay
    return station


def _opened_late(
    store: Store, batch: Batch, station: Station, given_at: datetime, context: EntryContext
) -> VialSession:
    """A vial of the batch that was opened unrecorded. Raises NoVialThatDay."""
    held = StockBalance.objects.present().filter(store=store, item__batch=batch)
    closed = held.exclude(item__storage=StorageCondition.OPEN).select_related("item__batch__vaccine")
    # What was nearest to its end is what people open.
    usable = closed.filter(Q(item__use_by=None) | Q(item__use_by__gte=given_at))
    balance = usable.order_by(F("item__use_by").asc(nulls_last=True), "item_id").first()
    if balance is None:
        raise errors.NoVialThatDay
    entry = EntryContext(by=context.by, now=context.now)
    return sessions.open_for_correction(station=station, item=balance.item, context=entry, opened_at=given_at)


# --- both ---------------------------------------------------------------------------------------


def _locked(dose: Dose, moved_to: datetime | None) -> tuple[Person, Dose]:
    """The person and the dose as they are now; whoever records or corrects a dose of the person waits here.

    Raises NotCorrectable.
    """
    days = {timezone.localdate(at) for at in (dose.given_at, moved_to) if at is not None}
    for day in sorted(days):
        # The figures of a closing are read in one piece.
        advisory_locks.take_shared(Lock.DAY_OF_A_SITE, f"{dose.site_id} {day}")
    person = Person.objects.select_for_update(no_key=True, of=("self",)).get(pk=dose.person_id)
    if dose.registration_id is not None:
        Registration.objects.select_for_update(no_key=True, of=("self",)).get(pk=dose.registration_id)
    rows = Dose.objects.select_related(
        "vaccine",
        "batch__vaccine",
        "site",
        "registration",
        "visit",
        "vial__station",
        "vial__item",
        "consumption__store",
    )
    row = rows.select_related("given_by", "doctor").get(pk=dose.pk)
    if row.state != Dose.State.VALID or row.source != Dose.Source.SITE:
        raise errors.NotCorrectable
    return person, row


def _renumber(
    person: Person, registration_id: int | None, reason: str, context: EntryContext, corrected: Dose | None = None
) -> list[Dose]:
    """Number the doses by their times, note the rules that they break now, and keep the course; returns what changed.

    `corrected` counts as changed.
    """
    doses = list(Dose.objects.valid().filter(person=person).select_related("vaccine", "doctor").order_by("given_at"))
    moved = [(place, dose) for place, dose in enumerate(doses, start=1) if dose.number != place]
    if any(place > dose.number for place, dose in moved):
        Dose.objects.filter(pk__in=[dose.pk for _place, dose in moved]).update(number=F("number") + _ASIDE)
    for place, dose in moved:
        # One by one and rising: each takes a number that is free by then.
        Dose.objects.filter(pk=dose.pk).update(number=place)
        dose.number = place
    changed = [dose for dose in doses if dose == corrected or dose in [other for _place, other in moved]]
    for dose in doses:
        if dose in changed or (dose.number > 1 and doses[dose.number - 2] in changed):
            _note_broken(person, dose, doses[: dose.number - 1], reason, context)
    if registration_id is not None:
        course.keep(registration_id=registration_id, received=len(doses), is_complete=is_complete(doses))
    return changed


def _note_broken(person: Person, dose: Dose, before: Sequence[Dose], reason: str, context: EntryContext) -> None:
    """Note which rules of medicine the dose breaks as it stands now. What was noted before stays."""
    if dose.doctor is None:
        return
    day = timezone.localdate(dose.given_at)
    rule = limits(vaccine=dose.vaccine, number=dose.number, history=before, day=day)
    as_given = Course(
        person=person,
        history=before,
        vaccine=dose.vaccine,
        number=dose.number,
        given_at=dose.given_at,
        limits=rule,
    )
    broken = guards.broken(as_given)
    keep_overrides(dose, broken, {finding.rule: reason for finding in broken}, context)


def _lock_vials(vials: Sequence[VialSession], station: Station | None) -> None:
    """Lock the station where a vial is opened late, then by rising key all vials that change."""
    if station is not None:
        Station.objects.select_for_update(no_key=True, of=("self",)).get(pk=station.pk)
    changing = Q(pk__in=[vial.pk for vial in vials])
    if station is not None:
        changing |= Q(station=station, ended_at=None)
    list(VialSession.objects.filter(changing).select_for_update(no_key=True, of=("self",)).order_by("pk"))


def _lock_ledger(dose: Dose, batch: Batch) -> Store:
    """Lock what several entries of the ledger will touch, once and in its order (docs/locking.md); returns the store.

    One entry locks in the right order by itself. Two may not: the second could want a lower key than the first holds.
    """
    consumption = dose.consumption
    assert consumption is not None, "dose_of_a_site_is_complete"  # noqa: S101
    StockDocument.objects.select_for_update(no_key=True, of=("self",)).get(pk=consumption.pk)
    store = Store.objects.select_for_update(no_key=True, of=("self",)).get(pk=consumption.store_id)
    balances = StockBalance.objects.filter(store=store, item__batch__in=[dose.batch_id, batch.pk])
    list(balances.select_for_update(of=("self",)).order_by("store_id", "item_id"))
    return store


def _entry(context: EntryContext, reason: str) -> EntryContext:
    return EntryContext(by=context.by, now=context.now, form=NO_FORM, note=reason)


def _required(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise errors.ReasonNeeded
    return reason[:300]
