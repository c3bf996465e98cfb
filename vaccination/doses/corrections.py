"""Corrections of doses. Nothing is deleted: the history keeps the version before, and the ledger follows.

A correction tells what really happened, so it is never refused for a rule of medicine: what it breaks is noted beside
the dose, with the reason of the correction, where the manager reads the overrides. It is refused where it cannot be
true. A closed day stays closed; its closing keeps the figures of then, which show the difference.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from crs import history, sent_forms
from crs.sent_forms import NO_FORM, Outcome
from logistics.models import Batch, StockBalance, StockDocument, StockItem, StorageCondition, StorageRule, Store
from logistics.staff import permissions
from logistics.stock import ledger
from logistics.stock.errors import StockError
from logistics.stock.ledger import EntryContext
from registration.models import Person
from reservation.arranging import arrangements
from vaccination.doses import errors, guards
from vaccination.doses.guards import CLOCK_TOLERANCE
from vaccination.doses.locks import lock_dose, lock_ledger, lock_vials
from vaccination.doses.numbering import renumber
from vaccination.doses.recording import happened_at
from vaccination.models import Dose, HealthWorker, Station, VialSession, Visit
from vaccination.operations import Operation
from vaccination.permissions import VaccinationAct
from vaccination.signals import dose_corrected
from vaccination.vials import sessions
from vaccination.vials.errors import VialOutOfTime

# Staff of the site correct for so long after the dose was recorded; the ministry at any time.
STAFF_CORRECT_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Correction:
    """The values to be different; None leaves one as it is. A `batch` without a `vial` finds the vial of that day."""

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

    Raises NotCorrectable, CorrectionNeedsReason, NothingToCorrect, NumberFollowsTime, OtherDoseThatDay, NoVialThatDay,
    DoseRefused where it cannot be true, and the refusals of vials and of the stock.
    """
    reason = required(reason)

    def write() -> Outcome:
        person, row = lock_dose(dose, moved_to=change.given_at)
        _Correcting(person, row, change, reason, context).write()
        return {"dose": str(row.pk)}

    with history.recording(Operation.CORRECT_DOSE, by=context.by, reason=reason):
        outcome = sent_forms.once(context.form, write) or {}
    return Dose.objects.get(pk=UUID(outcome["dose"]))


@dataclass
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
        self.move_the_observation()
        self.release_the_series()
        if is_taken_anew:
            fields |= self.take_anew()
        Dose.objects.filter(pk=dose.pk).update(**fields)
        moved = renumber(self.person, dose.registration_id, self.reason, self.context, corrected=dose)
        dose_corrected.send(Dose, doses=moved, by=self.context.by)

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

    @cached_property
    def others(self) -> list[Dose]:
        """The other valid doses of the person."""
        return list(Dose.objects.valid().of(self.person).exclude(pk=self.dose.pk).select_related("vaccine"))

    @property
    def place(self) -> int:
        """The number of the dose by the times of all of them."""
        return 1 + sum(other.given_at < self.given_at for other in self.others)

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
        others = self.others
        if any(timezone.localdate(other.given_at) == timezone.localdate(self.given_at) for other in others):
            raise errors.OtherDoseThatDay
        if self.change.number not in (None, self.place):
            raise errors.NumberFollowsTime(number=self.place)

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
        impossible = [*guards.impossible(given), *guards.before_arrival(dose.visit, self.given_at)]
        is_vial_the_same = self.given_at == dose.given_at and not self.is_taken_anew
        found = [finding for finding in impossible if not (is_vial_the_same and finding.rule in guards.ABOUT_THE_VIAL)]
        if found:
            raise errors.DoseRefused(found)

    def move_the_observation(self) -> None:
        """Let who still sits there sit as long after the dose as before."""
        dose = self.dose
        if dose.visit is not None and dose.visit.observe_until is not None and self.given_at != dose.given_at:
            sitting = Visit.objects.filter(pk=dose.visit.pk, state=Visit.State.OBSERVED)
            sitting.update(observe_until=F("observe_until") + (self.given_at - dose.given_at))

    def release_the_series(self) -> None:
        """Give back the times of doses that are not needed with the vaccine as corrected; slots are before vials."""
        is_last = self.place > len(self.others)
        if self.dose.registration_id is None or not is_last or self.place < self.batch.vaccine.doses:
            return
        arrangements.release_series(registration_id=self.dose.registration_id, after=self.place, now=self.context.now)

    def take_anew(self) -> dict[str, Any]:
        """Give the dose back to its vial and take it from another one; opens one late where none was open then."""
        old, batch = self.dose.vial, self.batch
        vial = self.change.vial or _vial_of(batch, self.dose, self.given_at)
        station = None if vial else _station_for(self.dose)
        lock_vials([known for known in (old, vial) if known], station)
        store = lock_ledger(self.dose, batch)
        if vial is None:
            assert station is not None, "it was locked"  # noqa: S101
            vial = self.open_unrecorded(station, _closed_item(store, batch, self.given_at))
        if old is not None:
            sessions.put_back(vial=old)
        sessions.draw(vial=vial, at=max(self.given_at, vial.opened_at))
        consumption = self.consume_again(store, vial.item)
        if station is not None:
            sessions.put_aside(vial=vial, at=self.context.now)
            vial.refresh_from_db()
        return {"vial": vial, "batch": batch, "vaccine": batch.vaccine, "consumption": consumption}

    def open_unrecorded(self, station: Station, item: StockItem) -> VialSession:
        """Open the vial that nobody recorded: when the one recorded instead was opened, if it can be, else at the dose.

        So the time of this dose, and of others out of that vial, can still be corrected to an earlier one.
        """
        entry = EntryContext(by=self.context.by, now=self.context.now)
        old = self.dose.vial
        if old is not None and _is_earlier_that_day(old.opened_at, self.given_at):
            try:
                with transaction.atomic():
                    vial = sessions.open_for_correction(
                        station=station, item=item, opened_at=old.opened_at, context=entry
                    )
                    _require_in_time(vial, self.given_at)
                    return vial
            except (StockError, VialOutOfTime):
                pass  # the stock came later, or the open vial keeps for a shorter time: it was opened for this dose
        return sessions.open_for_correction(station=station, item=item, opened_at=self.given_at, context=entry)

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
    station = own or used.order_by("name__czech").first()
    if station is None:
        raise errors.NoVialThatDay
    return station


def _closed_item(store: Store, batch: Batch, given_at: datetime) -> StockItem:
    """The closed vials of the batch out of which one was opened unrecorded. Raises NoVialThatDay."""
    held = StockBalance.objects.present().filter(store=store, item__batch=batch)
    closed = held.exclude(item__storage=StorageCondition.OPEN).select_related("item__batch__vaccine")
    # What was nearest to its end is what people open.
    usable = closed.filter(Q(item__use_by=None) | Q(item__use_by__gte=given_at))
    balance = usable.order_by(F("item__use_by").asc(nulls_last=True), "item_id").first()
    if balance is None:
        raise errors.NoVialThatDay
    return balance.item


def is_unthawed(vial: VialSession) -> bool:
    """Whether the stock had the vial in long storage or the freezer when it was opened, though such vials are thawed.

    Either its thawing was not recorded, or it is another batch than somebody wrote.
    """
    frozen = StockItem.objects.filter(
        movements__document=vial.opening_id,
        movements__quantity__lt=0,
        storage__in=(StorageCondition.STORED, StorageCondition.FREEZER),
    )
    thaws = StorageRule.objects.valid_on(timezone.localdate(vial.opened_at)).filter(
        storage=StorageCondition.THAWED, keeps__isnull=False
    )
    return frozen.filter(batch__vaccine__in=thaws.values("vaccine")).exists()


def _require_in_time(vial: VialSession, given_at: datetime) -> None:
    if vial.is_out_of_time(given_at):
        raise VialOutOfTime(use_by=vial.use_by or given_at)


def _is_earlier_that_day(moment: datetime, given_at: datetime) -> bool:
    return moment < given_at and timezone.localdate(moment) == timezone.localdate(given_at)


def _entry(context: EntryContext, reason: str) -> EntryContext:
    return EntryContext(by=context.by, now=context.now, form=NO_FORM, note=reason)


def required(reason: str) -> str:
    """The reason with single spaces. Raises CorrectionNeedsReason."""
    reason = " ".join(reason.split())
    if not reason:
        raise errors.CorrectionNeedsReason
    return reason[:300]
