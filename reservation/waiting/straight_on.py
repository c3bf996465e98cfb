"""Straight on: who registers while their group is open, and seats are free that nobody before them waits for, chooses.

What is asked before (`look`) tells the same of everybody with these facts, whoever they are: a claim to somebody's
registration reads it too. `invite` decides, for the registration itself. Both ask what `count` kept a minute ago at
most: nobody who registers waits until a million others are ranked. docs/adr/0055-waiting-list.md
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from crs import sent_forms
from crs.advisory_locks import Lock, take
from crs.messaging import outbox
from crs.messaging.models import Message
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import region_of_site
from registration.applying.going_on import Outlook
from registration.groups.eligibility import Facts, facts_of
from registration.groups.rules import Rule
from registration.models import Registration
from reservation.free_seats import folding
from reservation.inviting import issuing, order
from reservation.inviting.order import RankKey
from reservation.inviting.room import Room, rooms
from reservation.models import Invitation, Reservation
from reservation.waiting import offering

# Counted each minute; after so many seconds without a count nobody knows, and all wait for PIN2.
KEPT_SECONDS = 180
_KEPT = "waiting:free_and_first"


@dataclass(frozen=True)
class _Kept:
    """What is free and promised to nobody, and the first of those who wait for it in each region.

    In a region of which nothing is kept, others may come first. `rules` names those by which people were ranked,
    `last_turn` the last PIN2 of a run that was known.
    """

    room: Room
    fronts: Mapping[str, RankKey | None]
    rules: list[str]
    last_turn: int

    def keep(self) -> None:
        """For all who register."""
        fronts = {
            region: first and [first[0], first[1].isoformat(), first[2].isoformat(), first[3]]
            for region, first in self.fronts.items()
        }
        kept = {"room": self.room.as_rows(), "fronts": fronts, "rules": self.rules, "last_turn": self.last_turn}
        cache.set(_KEPT, kept, KEPT_SECONDS)

    @classmethod
    def latest(cls, rules: Sequence[Rule], now: datetime) -> "_Kept | None":
        """What was kept; None where it is too old, or the cache is away."""
        found = cache.get(_KEPT)
        if found is None:
            return None
        fronts = {region: _key(*first) if first else None for region, first in found["fronts"].items()}
        # A group that is invited since the count may have people who come first.
        known = fronts if found["rules"] == _names(rules) else {}
        room = Room.of_rows(found["room"], timezone.localdate(now))
        return cls(room, known, found["rules"], found["last_turn"])

    def is_first(self, mine: RankKey, region: str) -> bool:
        """Whether nobody who waits for a seat of the region comes before."""
        if region not in self.fronts:
            return False
        first = self.fronts[region]
        return first is None or mine <= first


def count(*, now: datetime, others_wait: bool = False) -> None:
    """Count what is free, and who comes first, for all who register until the next time; see `invite`.

    Where `others_wait` for whatever is free, nobody is ranked: a million of them would take minutes.
    """
    began, rules = monotonic(), order.inviting_rules(now)
    fronts: dict[str, RankKey | None] = {}
    if not others_wait:
        # Who waits is read before what is free: whoever is invited meanwhile is missing there, and not free here.
        seen = rooms(now, folds=True)[0]
        fronts = {region: _front(region, seen, rules, now) for region in seen.by_region()}
    # Slots have begun while people were ranked.
    moment = now + timedelta(seconds=monotonic() - began)
    # Most of the work is done before the lock, for which a press waits no more than a second.
    folding.fold(now=moment, waits=True)
    with transaction.atomic():
        # Nobody goes on between the count and what is kept of it.
        take(Lock.INVITATIONS)
        _Kept(rooms(moment, folds=True)[0], fronts, _names(rules), _last_turn()).keep()


def look(facts: Facts, regions: Iterable[str], registered_at: datetime, now: datetime) -> Outlook:
    """Whether somebody with these facts, whose sites lie in `regions` (none: anywhere), could choose a time at once."""
    rules = order.inviting_rules(now)
    # Key 0: before themselves, where they are registered already.
    mine = order.key_of(facts, registered_at, 0, rules=rules, now=now)
    kept = _Kept.latest(rules, now)
    if kept is None:
        return Outlook.UNKNOWN
    free = _free(kept.room, facts, regions)
    if not free:
        return Outlook.FULL
    return Outlook.GO if mine and any(kept.is_first(mine, region) for region in free) else Outlook.LATER


def invite(*, registration_id: int, now: datetime, form: Sending = NO_FORM) -> Invitation | None:
    """The invitation with which the person chooses a time now; None where others come first or nothing is free.

    PIN2 goes to the telephone, too, so that they can come back. One that is valid already serves. Raises FormChanged.
    """

    def write() -> Outcome | None:
        # Of two who press, the second finds what the first one left; a run of invitations sees all of this or nothing.
        take(Lock.INVITATIONS)
        people = Registration.objects.standing().select_related("person").filter(pk=registration_id)
        person = people.select_for_update(of=("self",), no_key=True).get()
        valid = Invitation.objects.valid(now).filter(registration=person).first()
        if valid is None and not _may_go(person, now):
            return None
        if valid is None:
            valid, pin2 = issuing.issue([person], Invitation.Kind.STRAIGHT_ON, now)[person.pk]
            outbox.queue_all(issuing.messages(valid, pin2, lane=Message.Lane.PERSONAL))
        return {"invitation": valid.pk}

    outcome = sent_forms.once(form, write)
    return Invitation.objects.filter(pk=outcome["invitation"]).first() if outcome else None


def _may_go(person: Registration, now: datetime) -> bool:
    """Whether a seat is free for the person; then it is taken from what is kept."""
    is_waiting = Registration.objects.filter(order.wants_first_dose(), pk=person.pk).exists()
    if not is_waiting or Reservation.objects.holding_seats().filter(registration=person).exists():
        return False
    rules = order.inviting_rules(now)
    mine = order.rank_key(person, rules=rules, now=now)
    kept = _Kept.latest(rules, now)
    if mine is None or kept is None:
        return False
    facts = facts_of(person)
    regions = person.preferred_sites.order_by().values_list(region_of_site(), flat=True)
    # A run may have promised since the count what was free then.
    left = kept.room if kept.last_turn == _last_turn() else rooms(now)[0]
    for region in _free(kept.room, facts, regions):
        if kept.is_first(mine, region) and left.most([region], facts.birth_date):
            kept.room.take(region, facts.birth_date)
            kept.keep()
            return True
    return False


def _free(room: Room, facts: Facts, regions: Iterable[str]) -> list[str]:
    """Those of `regions`, or of all, where there is room for somebody of this age."""
    wanted = {region for region in regions if region} or set(room.by_region())
    return [region for region in sorted(wanted) if room.serves(region, facts.birth_date)]


def _front(region: str, room: Room, rules: Sequence[Rule], now: datetime) -> RankKey | None:
    """The first who waits for a seat of the region, for PIN2 or on the list with a site that has some."""
    waiting = order.first_waiting(region=region, room=room, rules=rules, now=now)
    listed = order.front(offering.offerable(room=room.only_in(region), rules=rules, now=now))
    return min((one for one in (waiting, listed) if one is not None), default=None)


def _names(rules: Sequence[Rule]) -> list[str]:
    """Names the rules by what says who comes first."""
    return [f"{rule.group.pk} {rule.score} {rule.min_age} {rule.max_age} {rule.age_on} {rule.proof}" for rule in rules]


def _last_turn() -> int:
    """The key of the last PIN2 of a run of invitations."""
    return Invitation.objects.filter(kind=Invitation.Kind.TURN).last_key()


def _key(score: int, born: str, registered: str, pk: int) -> RankKey:
    return RankKey(score, date.fromisoformat(born), datetime.fromisoformat(registered), pk)
