"""Free times are offered to the people on the waiting list, by the one order of all who wait.

An offer is a hold that lasts until its person must answer, and a message. Whoever waits for PIN2 and comes before
somebody on the list is invited first: until then the list waits where both may go. docs/adr/0055-waiting-list.md
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, QuerySet

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
# After so many people for whom a site had nothing in time, a run asks no further one about it.
MOST_MISSES = 5
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
    for registration_id in run.candidates():
        made += run.offer_to(registration_id)
        if made >= most:
            break
    return made


def offerable(
    *, room: Room, rules: Sequence[Rule], now: datetime, without: Collection[UUID] = ()
) -> QuerySet[Registration]:
    """People on the list who could be offered a time now, in the order: a site of theirs has free times."""
    entry = WaitingListEntry.objects.filter(registration=OuterRef("pk"), left_at=None)
    held = Reservation.objects.holding_seats().filter(registration=OuterRef("pk"))
    next_one = order.next_offer(now, without=without)
    people = Registration.objects.filter(entries.can_be_offered(), next_one, Exists(entry), ~Exists(held))
    return order.in_order(people.filter(room.wanted(is_region_given=True)), rules=rules, now=now)


class _Run:
    """One look at the room and at those who wait for PIN2, and the offers that are made by it."""

    def __init__(self, rules: Sequence[Rule], now: datetime) -> None:
        self.rules, self.now = rules, now
        self.room = rooms(now)[0]
        self._fronts: dict[str, RankKey | None] = {}
        self._misses: Counter[UUID] = Counter()

    def candidates(self) -> Iterator[int]:
        """Keys of people in the order, asked for anew after each batch: only where there still is room."""
        seen: list[int] = []
        while self.room.by_region():
            in_vain = [site for site, misses in self._misses.items() if misses >= MOST_MISSES]
            people = offerable(room=self.room, rules=self.rules, now=self.now, without=in_vain)
            batch = list(people.exclude(pk__in=seen).values_list("pk", flat=True)[:BATCH])
            if not batch:
                return
            seen += batch
            yield from batch

    @transaction.atomic
    def offer_to(self, registration_id: int) -> bool:
        """Hold a time for the person and tell them; False where there is none for them."""
        registration = _locked(registration_id)
        if registration is None:
            return False
        mine = order.rank_key(registration, rules=self.rules, now=self.now)
        tried = Slot.objects.filter(appointments__reservation__seat_offer__entry__registration=registration_id)
        known = set(tried.values_list("pk", flat=True))
        for site_id, region in _sites(registration):
            if self.room.most([region], registration.person.birth_date) is None or mine is None:
                continue
            if (first := self._front(region)) is not None and first < mine:
                self.room.close(region)  # whoever comes after this person comes after the other one, too
                continue
            for time in self._times(registration, site_id):
                if time.slot_id not in known and self._try(registration, time):
                    self.room.take(region, registration.person.birth_date)
                    return True
            self._misses[site_id] += 1
        return False

    def _front(self, region: str) -> RankKey | None:
        """The first of those who wait for PIN2 and for whom there is room in the region."""
        if region not in self._fronts:
            people = order.waiting(rules=self.rules, now=self.now)
            there = self.room.only_in(region).wanted(is_region_given=False)
            self._fronts[region] = order.front(people.filter(there))
        return self._fronts[region]

    def _times(self, registration: Registration, site_id: UUID) -> list[availability.TimeOffer]:
        """The next times of the site that leave enough time to answer."""
        need = needs.need_of(registration.pk, self.now)
        found: list[availability.TimeOffer] = []
        for day in sorted(availability.days(site_id=site_id, need=need, now=self.now)):
            times = availability.times(site_id=site_id, day=day, need=need, now=self.now)
            found += [one for one in times if deadlines.answer_by(one.starts_at, now=self.now)]
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
                invitation, pin2 = _pin2_for(registration, until, self.now)
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
    return None if Reservation.objects.holding_seats().filter(registration=registration_id).exists() else person


def _sites(registration: Registration) -> list[tuple[UUID, str]]:
    """The sites that suit the person and have free times, the soonest first, each with its region."""
    open_sites = VaccinationSite.objects.open().filter(preferred_by=registration, offers__pairs__gt=0)
    dated = open_sites.order_by().annotate(region_code=region_of_site(), soonest=Min("offers__next_day"))
    return list(dated.order_by("soonest", "pk").values_list("pk", "region_code"))


def _pin2_for(registration: Registration, until: datetime, now: datetime) -> tuple[Invitation, str]:
    """The invitation by which the time is held, and its PIN2 where it is new: one that works long enough stays."""
    valid = Invitation.objects.filter(registration=registration, revoked_at=None, expires_at__gte=until).first()
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
