"""The end of a site's day: how it stands, closing it, and opening it again.

Whoever records a dose, checks somebody in or opens a vial holds the day's lock together with others
(`Lock.DAY_OF_A_SITE`); closing holds it alone. So either the dose is counted, or its nurse finds the day closed
(docs/locking.md). All figures are read after the lock.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db.models import Q
from django.utils import timezone

from crs import advisory_locks, history, sent_forms
from crs.advisory_locks import Lock
from crs.sent_forms import Outcome
from logistics.models import VaccinationSite
from logistics.stock import errors as stock_errors
from logistics.stock.ledger import EntryContext
from reservation.arranging import arrangements
from reservation.models import Appointment, Reservation
from vaccination.closing import errors
from vaccination.closing.figures import Figures, figures
from vaccination.models import DayClosing
from vaccination.operations import Operation
from vaccination.vials import leftovers
from vaccination.vials.leftovers import Leftover
from vaccination.visits.day_list import UNPLANNED, DayList, DayRow, Standing, day_list


@dataclass(frozen=True)
class DaySummary:
    """A day as it stands: its people, opened doses, doses given against doses taken, and the closing that holds."""

    people: DayList
    figures: Figures
    leftovers: tuple[Leftover, ...]
    closing: DayClosing | None

    @property
    def day(self) -> date:
        """The day in Prague."""
        return self.people.day

    @property
    def expected(self) -> int:
        """People who had an appointment of this day here before they came."""
        return sum(row.came_as not in UNPLANNED for row in self.people.rows)

    @property
    def unplanned(self) -> int:
        """People who came without an appointment of this day here."""
        return len(self.people.rows) - self.expected

    @property
    def arrived(self) -> int:
        """People who were checked in, whatever became of them."""
        return sum(row.visit_id is not None for row in self.people.rows)

    @property
    def vaccinated(self) -> int:
        """People who got their dose."""
        return len(self.observed) + len(self.standing(Standing.GONE))

    @cached_property
    def observed(self) -> tuple[DayRow, ...]:
        """People under observation."""
        return self.standing(Standing.OBSERVED)

    @cached_property
    def waiting(self) -> tuple[DayRow, ...]:
        """People who were checked in, and neither vaccinated nor sent away."""
        return self.standing(Standing.ARRIVED)

    @cached_property
    def sent_away(self) -> tuple[DayRow, ...]:
        """People who came and went without a dose."""
        return self.standing(Standing.SENT_AWAY)

    @cached_property
    def absent(self) -> tuple[DayRow, ...]:
        """People who have not come."""
        return self.standing(Standing.EXPECTED, Standing.NO_SHOW)

    @cached_property
    def still_expected(self) -> tuple[DayRow, ...]:
        """People whose time today is to come, or has come so lately that they may only be late."""
        return tuple(row for row in self.standing(Standing.EXPECTED) if not row.is_late)

    @property
    def opened_doses(self) -> int:
        """Opened doses that are left, by the stock."""
        return sum(one.doses for one in self.leftovers)

    @property
    def has_come(self) -> bool:
        """Whether the day is not in the future."""
        return self.day <= timezone.localdate(self.people.read_at)

    def standing(self, *where: Standing) -> tuple[DayRow, ...]:
        """The people who stand there."""
        return tuple(row for row in self.people.rows if row.standing in where)


def summary(site: VaccinationSite, day: date, now: datetime) -> DaySummary:
    """How the day stands `now`. About ten queries, however many people."""
    standing = DayClosing.objects.standing().filter(site=site, day=day).select_related("closed_by")
    return DaySummary(
        people=day_list(site, day, now),
        figures=figures(site, day),
        leftovers=tuple(leftovers.leftovers(site, day, now)),
        closing=standing.first(),
    )


def close(
    *,
    site: VaccinationSite,
    day: date,
    explanation: str,
    waste_reason: str,
    context: EntryContext,
    nobody_comes: bool = False,
    kept_items: Collection[int] = (),
) -> DayClosing:
    """Close a day of the site, all in one transaction. A form that is sent twice closes once.

    Who did not come, or was sent away, is marked as missing and told how to go on. Opened doses are thrown away for
    `waste_reason` (a StockDocument.Reason) but for `kept_items`, keys of items that may be used the day after.
    `explanation` is for doses that differ from the stock, `nobody_comes` says so before the last appointment of today.
    Raises DayNotCome, AlreadyClosed, PeopleStillObserved, StillWaiting, StillExpected, LeftoversNeedReason,
    DifferenceNeedsExplanation, StockMovedMeanwhile.
    """

    def write() -> Outcome:
        _lock(site.pk, day)
        standing = summary(site, day, context.now)
        explained = " ".join(explanation.split())[:300]
        _require_finished(standing, explained, nobody_comes=nobody_comes)
        # Seats before vials and stock: the order of docs/locking.md.
        missed = arrangements.miss_all(appointments=_not_vaccinated(site, day), now=context.now)
        _clear_vials(site, day, waste_reason, kept_items, context)
        closing = DayClosing.objects.create(
            site=site,
            day=day,
            closed_at=context.now,
            closed_by=context.by,
            expected=standing.expected,
            vaccinated=standing.vaccinated,
            missed=len(missed),
            doses_given=standing.figures.given,
            doses_consumed=standing.figures.consumed,
            doses_wasted=figures(site, day).wasted,
            explanation="" if standing.figures.is_even else explained,
        )
        return {"closing": closing.pk}

    with history.recording(Operation.CLOSE_DAY, by=context.by):
        outcome = sent_forms.once(context.form, write) or {}
    return DayClosing.objects.get(pk=outcome["closing"])


def reopen(*, closing: DayClosing, reason: str, context: EntryContext) -> DayClosing:
    """Open a closed day again for a `reason`: doses can be recorded. Who was marked as missing stays so.

    Raises ReopeningNeedsReason, NotClosed.
    """
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise errors.ReopeningNeedsReason

    def write() -> Outcome:
        _lock(closing.site_id, closing.day)
        standing = DayClosing.objects.standing().filter(pk=closing.pk)
        # The WHERE clause is the check: the second of two managers finds no row.
        if not standing.update(reopened_at=context.now, reopened_by=context.by, reopening_reason=reason):
            raise errors.NotClosed
        return {}

    with history.recording(Operation.REOPEN_DAY, by=context.by, reason=reason):
        sent_forms.once(context.form, write)
    closing.refresh_from_db()
    return closing


def _lock(site_id: object, day: date) -> None:
    """Wait for those who write into the day, and keep all others out until the commit."""
    advisory_locks.take(Lock.DAY_OF_A_SITE, f"{site_id} {day}")


def _require_finished(standing: DaySummary, explanation: str, *, nobody_comes: bool) -> None:
    if not standing.has_come:
        raise errors.DayNotCome
    if standing.closing is not None:
        raise errors.AlreadyClosed(standing.closing)
    if standing.observed:
        raise errors.PeopleStillObserved(people=len(standing.observed))
    if standing.waiting:
        raise errors.StillWaiting(people=len(standing.waiting))
    if standing.still_expected and not nobody_comes:
        raise errors.StillExpected(people=len(standing.still_expected))
    if not standing.figures.is_even and not explanation:
        raise errors.DifferenceNeedsExplanation


def _not_vaccinated(site: VaccinationSite, day: date) -> list[Appointment]:
    """The appointments of the day that are still booked."""
    booked = Q(state=Appointment.State.BOOKED, reservation__state=Reservation.State.CONFIRMED)
    return list(Appointment.objects.filter(booked, slot__site=site, slot__day=day).order_by("pk"))


def _clear_vials(
    site: VaccinationSite, day: date, reason: str, kept_items: Collection[int], context: EntryContext
) -> None:
    """Throw away what is left in opened vials; of a day that is over, as at its last moment."""
    rows = leftovers.leftovers(site, day, context.now, is_locked=True)
    kept = {one.item.pk for one in rows if one.may_be_kept} & set(kept_items)
    if any(one.item.pk not in kept for one in rows) and not reason:
        raise errors.LeftoversNeedReason
    is_past = day < timezone.localdate(context.now)
    happened_at = leftovers.end_of(day) - timedelta(seconds=1) if is_past else None
    entry = EntryContext(by=context.by, now=context.now, happened_at=happened_at)
    try:
        leftovers.clear(rows=rows, kept=kept, site=site, reason=reason, context=entry)
    except stock_errors.NotEnoughStock as error:
        raise errors.StockMovedMeanwhile from error
