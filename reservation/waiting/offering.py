"""Free times are offered to the people on the waiting list, by the one order of all who wait.

An offer is a hold that lasts until its person must answer, and a message. Whoever waits for PIN2 and comes before
somebody on the list is invited first: until then the list waits where both may go. docs/adr/0055-waiting-list.md
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, QuerySet

from crs.advisory_locks import Lock, take_shared
from crs.messaging import quiet_hours
from logistics.models import VaccinationSite, region_of_site
from registration.groups.rules import Rule
from registration.models import Registration
from registration.people import telling
from reservation import errors
from reservation.free_seats import availability
from reservation.inviting import issuing, order
from reservation.inviting.order import RankKey
from reservation.inviting.pin2 import shown
from reservation.inviting.room import Room, rooms
from reservation.links import links
from reservation.models import (
    Appointment,
    Invitation,
    PersonalLink,
    Reservation,
    SeatOffer,
    Slot,
    WaitingListEntry,
)
from reservation.reserving import booking, needs
from reservation.waiting import answering, deadlines, entries

BATCH = 50
# A run looks for times for so many people at most, whether or not it finds some.
MOST_LOOKED_AT = 500
# So many free times of a site are tried before the next site.
TIMES_OF_A_SITE = 5
# So long after its time to answer the link of an offer still says what became of it.
LINK_LASTS_AFTER = timedelta(days=1)


def offer(*, now: datetime, limit: int | None = None) -> int:
    """Offer free times to up to `limit` people (else `OFFERS_PER_RUN`), by day alone; return to how many.

    First what became of earlier offers is written down. Two runs at once share the work.
    """
    answering.settle(now=now)
    rules = order.inviting_rules(now)
    if not rules or not quiet_hours.is_waking_time(now) or not entries.is_anybody_there():
        return 0
    run = _Run(rules, now)
    made = 0
    most = settings.OFFERS_PER_RUN if limit is None else limit
    for registration_id in islice(run.candidates(), MOST_LOOKED_AT):
        made += run.offer_to(registration_id)
        if made >= most:
            break
    return made


def offerable(*, room: Room, rules: Sequence[Rule], now: datetime) -> QuerySet[Registration]:
    """People on the list who could be offered a time now, in the order: a site of theirs has free times and room."""
    entry = WaitingListEntry.objects.standing().filter(registration=OuterRef("pk"))
    held = Reservation.objects.holding_seats().filter(registration=OuterRef("pk"))
    people = Registration.objects.filter(entries.can_be_offered(), order.next_offer(now), Exists(entry), ~Exists(held))
    there = room.wanted(is_region_given=True, sites=order.sites_with_times())
    return order.in_order(people.filter(there), rules=rules, now=now)


class _Run:
    """One look at the room and at those who wait for PIN2, and the offers that are made by it."""

    def __init__(self, rules: Sequence[Rule], now: datetime) -> None:
        self.rules, self.now = rules, now
        self._fronts: dict[str, RankKey | None] = {}
        # What this run has held, and the regions where others come first.
        self._taken: list[tuple[str, date]] = []
        self._closed: set[str] = set()
        self._seen = _last_pin2()
        self.room = rooms(now, folds=True)[0]

    def candidates(self) -> Iterator[int]:
        """Keys of people in the order, asked for anew after each batch: only where there still is room."""
        last: tuple[object, ...] | None = None
        fields = [name.removeprefix("-") for name in order.ORDER]
        while self.room.by_region():
            people = offerable(room=self.room, rules=self.rules, now=self.now)
            if last is not None:
                people = people.filter(order.after(order.ORDER, last))
            batch = list(people.values_list("pk", *fields)[:BATCH])
            if not batch:
                return
            last = batch[-1][1:]
            for row in batch:
                yield row[0]

    @transaction.atomic
    def offer_to(self, registration_id: int) -> bool:
        """Hold a time for the person and tell them; False where there is none.

        That none of the free times was one for them is written down: they are asked again when there are more.
        """
        # A run of invitations waits, so that it promises nobody the room that is looked at here.
        take_shared(Lock.INVITATIONS)
        registration = _locked(registration_id)
        if registration is None:
            return False
        mine = order.rank_key(registration, rules=self.rules, now=self.now)
        if mine is None:
            return False
        tried = Slot.objects.filter(appointments__reservation__seat_offer__entry__registration=registration_id)
        known = set(tried.values_list("pk", flat=True))
        others_wait = False
        for site_id, region in _sites(registration):
            if not self._has_room(region, registration.person.birth_date, mine):
                others_wait = True
                continue
            for time in self._times(registration, site_id, without=known):
                if self._try(registration, time):
                    self._take(region, registration.person.birth_date)
                    return True
        if not others_wait:
            WaitingListEntry.objects.standing().filter(registration=registration).update(tried_at=self.now)
        return False

    def _has_room(self, region: str, born: date, mine: RankKey) -> bool:
        """Whether a seat of the region is for the person: none is promised, and nobody who comes before waits."""
        if not self.room.serves(region, born):
            return False
        if (first := self._front(region)) is not None and first < mine:
            # Whoever comes after this person comes after the other one, too.
            self._closed.add(region)
            self.room.close(region)
            return False
        self._look_again()
        return self.room.serves(region, born)

    def _look_again(self) -> None:
        """Count the room anew where somebody got PIN2 since: they waited in front before, and were in no room."""
        if (latest := _last_pin2()) == self._seen:
            return
        self._seen, self.room = latest, rooms(self.now)[0]
        for region in self._closed:
            self.room.close(region)
        for region, born in self._taken:
            self.room.take(region, born)

    def _take(self, region: str, born: date) -> None:
        self._taken.append((region, born))
        self.room.take(region, born)

    def _front(self, region: str) -> RankKey | None:
        """`order.first_waiting`, asked once in a run."""
        if region not in self._fronts:
            self._fronts[region] = order.first_waiting(region=region, room=self.room, rules=self.rules, now=self.now)
        return self._fronts[region]

    def _times(
        self, registration: Registration, site_id: UUID, *, without: Collection[int]
    ) -> list[availability.TimeOffer]:
        """The next times of the site that leave enough time to answer; none of the slots `without`."""
        need = needs.need_of(registration.pk, self.now)
        found: list[availability.TimeOffer] = []
        for day in sorted(availability.days(site_id=site_id, need=need, now=self.now)):
            times = availability.times(site_id=site_id, day=day, need=need, now=self.now)
            new = [one for one in times if one.slot_id not in without]
            found += [one for one in new if deadlines.answer_by(one.starts_at, now=self.now)]
            if len(found) >= TIMES_OF_A_SITE:
                break
        return found[:TIMES_OF_A_SITE]

    def _try(self, registration: Registration, time: availability.TimeOffer) -> bool:
        """Hold the time and write the offer with its message; False where somebody was faster, and nothing stays."""
        until = deadlines.answer_by(time.starts_at, now=self.now)
        if until is None:
            return False
        try:
            with transaction.atomic():
                invitation, pin2 = _pin2_for(registration, self.now)
                held = booking.hold(invitation_id=invitation.pk, slot_id=time.slot_id, now=self.now, until=until)
                entry = WaitingListEntry.objects.get(registration=registration, left_at=None)
                made = SeatOffer.objects.create(
                    entry=entry, reservation_id=held.reservation_id, offered_at=self.now, answer_by=until
                )
                _tell(registration, made, pin2, self.now)
        except errors.BookingError:
            return False
        return True


def _locked(registration_id: int) -> Registration | None:
    """The person, locked, where they still wait for an offer.

    Without the lock the hold would take the place of one that the person is making at this moment.
    """
    people = Registration.objects.filter(entries.can_be_offered(), pk=registration_id).select_related("person")
    person = people.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    # Read only now: what was true before the lock may not be any more.
    if person is None or entries.standing(registration_id) is None:
        return None
    if SeatOffer.objects.filter(entry__registration=registration_id, answer="").exists():
        return None  # it ended since `settle`, and the next run writes that down
    return None if Reservation.objects.holding_seats().filter(registration=registration_id).exists() else person


def _sites(registration: Registration) -> list[tuple[UUID, str]]:
    """The sites that suit the person and have free times, the soonest first, each with its region."""
    open_sites = VaccinationSite.objects.open().filter(preferred_by=registration, offers__pairs__gt=0)
    dated = open_sites.order_by().annotate(region_code=region_of_site(), soonest=Min("offers__next_day"))
    return list(dated.order_by("soonest", "pk").values_list("pk", "region_code"))


def _last_pin2() -> int:
    """The key of the last PIN2 that promises a seat: one that goes out with an offer promises none beside it."""
    return Invitation.objects.exclude(kind=Invitation.Kind.OFFER).last_key()


def _pin2_for(registration: Registration, now: datetime) -> tuple[Invitation, str]:
    """The invitation by which the time is held, and its PIN2 where it is new: one that works stays."""
    valid = Invitation.objects.valid(now).filter(registration=registration).first()
    if valid is not None:
        return valid, ""
    return issuing.issue([registration], Invitation.Kind.OFFER, now)[registration.pk]


def _tell(registration: Registration, made: SeatOffer, pin2: str, now: datetime) -> None:
    times = Appointment.objects.filter(reservation=made.reservation_id).select_related("slot__site")
    slots = [one.slot for one in times.order_by("dose_number")]
    link = links.issue(
        registration=registration,
        purpose=PersonalLink.Purpose.SEAT_OFFER,
        about=made.pk,
        now=now,
        # Who comes a little too late reads what became of the time.
        expires_at=made.answer_by + LINK_LASTS_AFTER,
    )
    context = {
        "registration": registration,
        "times": [slot.starts_at for slot in slots],
        "site": slots[0].site,
        "answer_by": made.answer_by,
        "has_new_pin2": bool(pin2),
    }
    telling.tell(
        registration,
        "reservation/seat_offer",
        context,
        # The link opens the answer to whoever has it, so it goes to the telephone alone, like PIN2.
        secret={"link": link, "pin2": shown(pin2)},
        reference=str(made.reservation_id),
    )
