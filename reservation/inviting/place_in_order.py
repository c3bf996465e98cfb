"""A person's place in the order of invitations, as an honest range (ADR 0045).

Nobody has one number: people choose several regions, rules begin later, and who prefers what changes daily. So the
range tells at least and at most how many come before the person in the region where their turn comes first.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache

from django.db.models import Exists
from django.utils import timezone

from logistics.models import region_of_site
from registration.groups.eligibility import Facts, decide, facts_of
from registration.groups.order import Estimate, Weeks
from registration.groups.rules import Rule, rules_at
from registration.models import Registration
from reservation.inviting import order, wait, waiting_summary
from reservation.models import Reservation, WaitingListEntry, WaitingSummary

# The scores that count by the order of today, and once all rules invite: those who are invited come before those who
# are not yet, and each by the highest score.
Rank = tuple[tuple[bool, int], tuple[bool, int]]


def estimate(registration: Registration, now: datetime) -> Estimate | None:
    """The source of `registration.groups.order`: None for whoever waits for nothing, and before the first count."""
    rules = rules_at(now)
    if not rules or not (_is_listed(registration) or _waits_for_pin2(registration, rules, now)):
        return None
    regions = registration.preferred_sites.values_list(region_of_site(), flat=True)
    return estimate_of(facts_of(registration), set(regions), now)


def _waits_for_pin2(registration: Registration, rules: Sequence[Rule], now: datetime) -> bool:
    return order.waiting(rules=rules, now=now).filter(pk=registration.pk).exists()


def _is_listed(registration: Registration) -> bool:
    """Whether the person stands on the waiting list and no time is kept for them."""
    reserved = Reservation.objects.holding_seats().filter(registration=registration)
    entries = WaitingListEntry.objects.filter(registration=registration, left_at=None)
    return entries.filter(~Exists(reserved)).exists()


def estimate_of(facts: Facts, regions: set[str], now: datetime) -> Estimate | None:
    """The place of somebody who waits with these facts; None where no rule fits, and before the first count."""
    summary = waiting_summary.latest()
    rules = rules_at(now)
    if summary is None or not decide(facts, rules, now=now).rules:
        return None
    born = facts.birth_date
    cuts = {born, born + timedelta(days=1), *_days_of(rules, timezone.localdate(now))}
    ranks = _Ranks(rules, now)
    mine = ranks.of(born, facts.claims)
    at_least: Counter[str] = Counter()
    at_most: Counter[str] = Counter()
    anywhere = 0
    for row in waiting_summary.by_months(sorted(cuts)):
        ends = [(ranks.of(day, row.claims), day) for day in (row.earliest, row.latest)]
        if all(_is_before(rank, day, mine, born) for rank, day in ends) and len(row.regions) == 1:
            at_least[next(iter(row.regions))] += row.people
        if any(_may_be_before(rank, day, mine, born) for rank, day in ends):
            anywhere += 0 if row.regions else row.people
            at_most.update(dict.fromkeys(row.regions, row.people))
    # Where the person can go: the regions of their sites, else those with room, else those that others chose.
    possible = regions or set(summary.free_pairs) or set(at_most)
    low = min((at_least[code] for code in possible), default=0)
    # The person was counted with those of their day of birth.
    most = {code: max(at_least[code], at_most[code] + anywhere - 1) for code in possible}
    high = min(most.values(), default=anywhere - 1)
    weeks = _weeks(facts, rules, now, summary, at_least, most)
    return Estimate(low, max(low, high), summary.computed_at, weeks)


def _weeks(
    facts: Facts,
    rules: Sequence[Rule],
    now: datetime,
    summary: WaitingSummary,
    at_least: Mapping[str, int],
    at_most: Mapping[str, int],
) -> Weeks | None:
    """How long the wait will probably be; None also where nobody knows when the group is invited."""
    invited_from = decide(facts, rules, now=now).invites_from
    if invited_from is None:
        return None
    served = summary.served.get("weeks", {})
    return wait.expected(at_least, at_most, served, until_invited=max(invited_from - now, timedelta()))


class _Ranks:
    """The rank of somebody, found once for all who are alike to every rule."""

    def __init__(self, rules: Sequence[Rule], now: datetime) -> None:
        self._rules, self._now = rules, now
        self._of = cache(self._decide)

    def of(self, born: date, claims: Mapping[str, str]) -> Rank:
        """The rank of whoever was born on that day and has these claims."""
        return self._of(born, frozenset(claims.items()))

    def _decide(self, born: date, claims: frozenset[tuple[str, str]]) -> Rank:
        fitting = decide(Facts(born, dict(claims)), self._rules, now=self._now).rules
        invited = max((rule.score for rule in fitting if rule.invites(self._now)), default=0)
        highest = max((rule.score for rule in fitting), default=0)
        return (invited > 0, invited or highest), (highest > 0, highest)


def _is_before(rank: Rank, born: date, mine: Rank, my_birth: date) -> bool:
    """Whether they surely come first: by the order of today, and once all rules invite."""
    return all(_first(theirs, born, ours, my_birth) for theirs, ours in zip(rank, mine, strict=True))


def _may_be_before(rank: Rank, born: date, mine: Rank, my_birth: date) -> bool:
    """Whether they may come first: of those born on one day nobody knows here who registered earlier."""
    day_after = my_birth + timedelta(days=1)
    return any(_first(theirs, born, ours, day_after) for theirs, ours in zip(rank, mine, strict=True))


def _first(theirs: tuple[bool, int], born: date, ours: tuple[bool, int], before: date) -> bool:
    return theirs[1] > 0 and (theirs > ours or (theirs == ours and born < before))


def _days_of(rules: Iterable[Rule], today: date) -> set[date]:
    """The days of birth that the rules tell apart."""
    days = set()
    for rule in rules:
        earliest, latest = rule.births(today=today)
        days |= {earliest, *([latest + timedelta(days=1)] if latest < date.max else [])}
    return days - {date.min}
