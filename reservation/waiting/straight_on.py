"""Straight on: who registers while their group is open, and seats are free that nobody before them waits for, chooses.

What is asked before (`look`) tells the same of everybody with these facts, whoever they are: a claim to somebody's
registration reads it too. `invite` decides, for the registration itself.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.cache import cache
from django.utils import timezone

from crs import sent_forms
from crs.advisory_locks import Lock, take_shared
from crs.messaging import outbox
from crs.messaging.models import Message
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import region_of_site
from registration.applying.going_on import Outlook
from registration.groups.eligibility import Facts, facts_of
from registration.models import Registration
from reservation.inviting import issuing, order
from reservation.inviting.order import RankKey
from reservation.inviting.room import Room, rooms
from reservation.models import Invitation, Reservation
from reservation.waiting import entries, offering

# What is free, and who comes first there, is looked up once in so many seconds for all who register.
FRESH_SECONDS = 10
_ROOM, _FRONT = "waiting:room", "waiting:front:{}"


def look(facts: Facts, regions: Iterable[str], registered_at: datetime, now: datetime) -> Outlook:
    """Whether somebody with these facts, whose sites lie in `regions` (none: anywhere), could choose a time at once."""
    # Key 0: before themselves, where they are registered already.
    mine = order.key_of(facts, registered_at, 0, rules=order.inviting_rules(now), now=now)
    return _look(mine, facts, regions, now)


def invite(*, registration_id: int, now: datetime, form: Sending = NO_FORM) -> Invitation | None:
    """The invitation with which the person chooses a time now; None where others come first or nothing is free.

    PIN2 goes to the telephone, too, so that they can come back. One that is valid already serves. Raises FormChanged.
    """

    def write() -> Outcome | None:
        # A run of invitations sees all of this or nothing of it, so that it sends no second PIN2.
        take_shared(Lock.INVITATIONS)
        people = Registration.objects.standing().select_related("person").filter(pk=registration_id)
        person = people.select_for_update(of=("self",), no_key=True).get()
        valid = Invitation.objects.filter(registration=person, revoked_at=None, expires_at__gt=now).first()
        if valid is None and not _may_go(person, now):
            return None
        if valid is None:
            valid, pin2 = issuing.issue([person], Invitation.Kind.STRAIGHT_ON, now)[person.pk]
            outbox.queue_all(issuing.messages(valid, pin2, lane=Message.Lane.PERSONAL))
        return {"invitation": valid.pk}

    outcome = sent_forms.once(form, write)
    return Invitation.objects.filter(pk=outcome["invitation"]).first() if outcome else None


def _may_go(person: Registration, now: datetime) -> bool:
    is_waiting = Registration.objects.filter(entries.may_wait(), pk=person.pk).exists()
    if not is_waiting or Reservation.objects.holding_seats().filter(registration=person).exists():
        return False
    mine = order.rank_key(person, rules=order.inviting_rules(now), now=now)
    regions = person.preferred_sites.order_by().values_list(region_of_site(), flat=True)
    return _look(mine, facts_of(person), regions, now) is Outlook.GO


def _look(mine: RankKey | None, facts: Facts, regions: Iterable[str], now: datetime) -> Outlook:
    room = _room(now)
    wanted = {region for region in regions if region} or set(room.by_region())
    free = [region for region in sorted(wanted) if room.most([region], facts.birth_date) is not None]
    if not free:
        return Outlook.FULL
    if mine is None:
        return Outlook.LATER
    return Outlook.GO if any(_is_first(mine, region, room, now) for region in free) else Outlook.LATER


def _is_first(mine: RankKey, region: str, room: Room, now: datetime) -> bool:
    first = _front(region, room, now)
    return first is None or mine <= first


def _room(now: datetime) -> Room:
    is_due, kept = cache.add(f"{_ROOM}:fresh", 1, FRESH_SECONDS), cache.get(_ROOM)
    if is_due or kept is None:
        kept = rooms(now)[0].as_rows()
        cache.set(_ROOM, kept, 12 * FRESH_SECONDS)
    return Room.of_rows(kept, timezone.localdate(now))


def _front(region: str, room: Room, now: datetime) -> RankKey | None:
    """The first who waits for a seat of the region, for PIN2 or on the list with a site that has some."""
    key = _FRONT.format(region)
    is_due, kept = cache.add(f"{key}:fresh", 1, FRESH_SECONDS), cache.get(key)
    if is_due or kept is None:
        rules = order.inviting_rules(now)
        there = room.only_in(region)
        waiting = order.waiting(rules=rules, now=now).filter(there.wanted(is_region_given=False))
        fronts = (order.front(waiting), order.front(offering.offerable(room=there, rules=rules, now=now)))
        first = min((one for one in fronts if one is not None), default=None)
        kept = [] if first is None else [first[0], first[1].isoformat(), first[2].isoformat(), first[3]]
        cache.set(key, kept, 12 * FRESH_SECONDS)
    if not kept:
        return None
    score, born, registered, pk = kept
    return RankKey(score, date.fromisoformat(born), datetime.fromisoformat(registered), pk)
