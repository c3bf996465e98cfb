"""Planning who moves where: the nearest free time at the same site, else at a site that the person accepts.

A plan is made in parts that each commit, so that it can be broken off anywhere and goes on where it was. Nothing is
promised to anybody yet: seats are counted once among all plans, and asked for again when a plan is published.
docs/adr/0057-replanning.md
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from crs import advisory_locks, queueing, sent_forms
from crs.advisory_locks import Lock
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import Region, VaccinationSite, Vaccine
from registration.models import Registration
from reservation.models import (
    AffectedAppointment,
    Appointment,
    AppointmentQuerySet,
    Closure,
    PlannedMove,
    Replan,
    Reservation,
)
from reservation.replanning import people
from reservation.replanning.errors import ReplanMovedOn
from reservation.replanning.people import Dose, Person
from reservation.replanning.seats import PlanSeats, Seat

# Planned in one transaction: some tenths of a second.
BATCH = 500
# So far from its old time a dose moves for the following one to stay where it is.
FOR_THE_NEXT = timedelta(days=7)
# New times lie so many days ahead at least, so that people learn of them in time.
NOTICE_DAYS = 2
TASK = "reservation.replan"


@dataclass(frozen=True)
class ReplanDraft:
    """Whose appointments are to move, and why, as people read it."""

    scope: Replan.Scope
    reason: str
    region: Region | None = None
    site: VaccinationSite | None = None
    vaccine: Vaccine | None = None
    closure: Closure | None = None
    cause: str = ""
    first_day: date | None = None
    last_day: date | None = None
    not_before: date | None = None


def start(*, draft: ReplanDraft, by: User, now: datetime, form: Sending = NO_FORM) -> Replan:
    """Begin a plan: its first part at once, the rest in a task. Raises FormChanged."""

    def record() -> Outcome:
        made = Replan.objects.create(**vars(draft), made_at=now, made_by=by)
        transaction.on_commit(partial(queueing.send_once, TASK))
        return {"replan": made.pk}

    key = (sent_forms.once(form, record) or {})["replan"]
    plan_part(replan_id=key, now=now)
    return Replan.objects.get(pk=key)


def discard(*, replan_id: int, by: User | None, now: datetime) -> None:
    """Give up a plan that was not published; its seats count for nobody any more. Raises ReplanMovedOn.

    Nobody did it (`by`) where the plan was forgotten.
    """
    with transaction.atomic():
        unpublished = Replan.objects.filter(pk=replan_id, state__in=(Replan.State.PLANNING, Replan.State.PLANNED))
        if not unpublished.update(state=Replan.State.DISCARDED, discarded_at=now, discarded_by=by):
            raise ReplanMovedOn
        PlannedMove.objects.filter(replan=replan_id).delete()


def plan_part(*, replan_id: int, now: datetime) -> bool:
    """Plan the next people; False where none are left, or the plan was given up."""
    with transaction.atomic():
        # Counting free seats among all plans is no row's business: one part of one plan at a time.
        advisory_locks.take(Lock.REPLANS)
        replan = locked(replan_id, Replan.State.PLANNING)
        if replan is None:
            return False
        moving = scope_of(replan, now=now)
        by_person = moving.order_by().values("reservation", "slot__site", "reservation__party")
        # Two who come together follow each other and stand in one part, also where their times follow each other.
        of_party = Appointment.objects.filter(
            reservation__party=OuterRef("reservation__party"), state=Appointment.State.BOOKED
        )
        # A minimum and no LIMIT, for which PostgreSQL might read all slots in their order.
        earliest = of_party.order_by().values("reservation__party").annotate(at=Min("slot__starts_at")).values("at")
        in_order = by_person.annotate(at=Coalesce(Subquery(earliest), Min("slot__starts_at"))).order_by(
            "slot__site", "at", "reservation__party", "reservation"
        )
        rows = list(in_order[: BATCH + 1])
        has_more = len(rows) > BATCH
        parties = {one["reservation"]: one["reservation__party"] for one in rows[:BATCH]}
        if has_more and rows[-1]["reservation__party"] in {*parties.values()} - {None}:
            parties[rows[-1]["reservation"]] = rows[-1]["reservation__party"]
        appointments = set(moving.filter(reservation__in=parties).values_list("pk", flat=True))
        _plan(replan, parties, appointments, now)
        if not has_more:
            Replan.objects.filter(pk=replan.pk).update(state=Replan.State.PLANNED)
    return has_more


def scope_of(replan: Replan, *, now: datetime) -> AppointmentQuerySet:
    """The appointments that the plan is to move and has no place for yet; of another open plan none."""
    of_others = Q(replan__state__in=Replan.OPEN, state=PlannedMove.State.PLANNED)
    known = PlannedMove.objects.filter(of_others | Q(replan=replan), appointment__reservation=OuterRef("reservation"))
    return booked_in(replan, now=now).filter(~Exists(known))


def booked_in(replan: Replan, *, now: datetime) -> AppointmentQuerySet:
    """The appointments that the plan is about, whatever moves them."""
    booked = Appointment.objects.filter(
        state=Appointment.State.BOOKED,
        reservation__state=Reservation.State.CONFIRMED,
        reservation__is_finished=False,
    ).exclude(reservation__registration__state=Registration.State.CANCELLED)
    if replan.scope == Replan.Scope.DAYS:
        booked = booked.filter(slot__day__range=(replan.first_day, replan.last_day), slot__starts_at__gt=now)
    else:
        booked = booked.filter(pk__in=_affected(replan).values("appointment"))
    if replan.site_id:
        booked = booked.filter(slot__site=replan.site_id)
    if replan.region_id:
        booked = booked.filter(slot__site__in=VaccinationSite.objects.in_region(replan.region_id))
    if replan.vaccine_id:
        booked = booked.filter(slot__vaccine=replan.vaccine_id)
    return booked


def locked(replan_id: int, state: Replan.State) -> Replan | None:
    """The re-planning, locked, if it is in that state: the task, its double and the coordinator wait for each other."""
    rows = Replan.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("site", "vaccine", "published_by", "undone_by").filter(pk=replan_id, state=state).first()


def _affected(replan: Replan) -> QuerySet[AffectedAppointment]:
    unsettled: QuerySet[AffectedAppointment] = AffectedAppointment.objects.unsettled()
    if replan.closure_id:
        unsettled = unsettled.filter(closure=replan.closure_id)
    if replan.cause:
        unsettled = unsettled.filter(cause=replan.cause)
    return unsettled


def _plan(replan: Replan, parties: Mapping[UUID, UUID | None], moving: Collection[int], now: datetime) -> None:
    """Plan the reservations, each with its party."""
    notice = timezone.localdate(now) + timedelta(days=NOTICE_DAYS)
    first_day = max(notice, replan.not_before or notice)
    seats = PlanSeats(replan, first_day=first_day, now=now)
    found = people.people_of(parties, now=now)
    sizes = Counter(parties.values())
    moves = []
    for key, party in parties.items():
        if key not in found:  # the registration ended meanwhile
            continue
        seats.sit_together(party, sizes[party])
        for dose, seat in _places(found[key], moving, seats, first_day):
            state = PlannedMove.State.PLANNED if seat else PlannedMove.State.NO_TIME
            slots = {"from_slot_id": dose.slot_id, "to_slot_id": seat.slot_id if seat else None}
            moves.append(PlannedMove(replan=replan, appointment_id=dose.appointment_id, state=state, **slots))
    PlannedMove.objects.bulk_create(moves)


def _places(
    person: Person,
    moving: Collection[int],
    seats: PlanSeats,
    first_day: date,
) -> list[tuple[Dose, Seat | None]]:
    """A seat for each dose of the person that is to move, and for those after it that would not fit any more.

    After a dose without one nothing is planned: the site agrees on all of it with the person.
    """
    found: list[tuple[Dose, Seat | None]] = []
    last, is_lost = None, False
    moved: dict[int, date] = {}
    for dose, before, following in people.steps(person, moved):
        moves = dose.appointment_id in moving or (last is not None and not dose.fits(before, dose.day))
        if dose.is_booked and moves:
            stays = following if following is not None and following.appointment_id not in moving else None
            last = None if is_lost else _seat(person, dose, stays, before, first_day, seats, last)
            is_lost = last is None
            found.append((dose, last))
            if last is not None:
                moved[dose.appointment_id] = last.day
    return found


def _seat(
    person: Person,
    dose: Dose,
    stays: Dose | None,
    before: date | None,
    first_day: date,
    seats: PlanSeats,
    last: Seat | None,
) -> Seat | None:
    """The best seat nearby after which the following dose may stay; where there is none, the best one at all."""
    whole = people.window(person, dose, before=before, not_before=first_day)
    narrow = people.narrowed(whole, stays, most=FOR_THE_NEXT) if stays else None
    for window in (narrow, whole):
        if window is not None and (seat := seats.take(person, dose, window=window, last=last)):
            return seat
    return None
