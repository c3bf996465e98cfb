"""Which groups may register now and which come next, as the front page tells everybody.

It is asked by whoever opens the portal, so the answer waits in the cache for a minute, and never past the next opening.
Where cache and database are away the page says nothing of it (docs/adr/0067-front-page.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain, zip_longest
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crs.breaker import breaker_of
from crs.outages import OUTAGES
from registration.groups.rules import Rule, rules_at
from registration.models import GroupRule, PriorityGroup

_KEY = "registration:open-groups"
_SECONDS = 60

# From an age to an age, both included; None: without a limit.
Ages = tuple[int, int | None]


@dataclass(frozen=True)
class Opened:
    """The people who may register: their ages in words, and the names of the groups for other reasons."""

    ages: list[str]
    groups: list[str]

    @property
    def is_nobody(self) -> bool:
        """Whether no group is among them."""
        return not self.ages and not self.groups


def front_page_part() -> dict[str, Any] | None:
    """What the front page says; None where nothing can be known now."""
    now = timezone.now()
    known = cache.get(_KEY)
    if known is None:
        ask = partial(_asked, now)
        known = breaker_of(settings.DATABASE_URL).call(ask, errors=OUTAGES, otherwise=None)
        if known is None:
            return None
        cache.set(_KEY, known, _lasts(known, now))
    following = known["next"]
    return {
        "now": _opened(known["now"]),
        "next": _opened(following) if following else None,
        "next_at": parse_datetime(following["at"]) if following else None,
    }


def invited(rules: Iterable[Rule], *, now: datetime) -> Opened:
    """The people who are being invited at `now`."""
    return _opened(_kept(rule for rule in rules if rule.invites(now)))


def _asked(now: datetime) -> dict[str, Any]:
    """The open groups and the next ones, as JSON: two queries."""
    rules = rules_at(now)
    open_rules = [rule for rule in rules if rule.registers(now)]
    is_open = {rule.group.code for rule in open_rules}
    planned = GroupRule.objects.filter(valid_from__gt=now).select_related("group").order_by("valid_from")
    in_turn: dict[str, list[tuple[datetime, Rule]]] = {}
    for begins, rule in chain(((now, rule) for rule in rules), ((row.valid_from, Rule.of(row)) for row in planned)):
        if rule.group.code not in is_open:
            in_turn.setdefault(rule.group.code, []).append((begins, rule))
    coming = [opening for of_group in in_turn.values() if (opening := _opening(of_group))]
    first = min((at for at, _rule in coming), default=None)
    following = None if first is None else _kept(rule for at, rule in coming if at == first) | {"at": first.isoformat()}
    return {"now": _kept(open_rules), "next": following}


def _opening(in_turn: Sequence[tuple[datetime, Rule]]) -> tuple[datetime, Rule] | None:
    """When a group opens, and by which of its rules: each holds from its moment until the next one's."""
    ends = [begins for begins, _rule in in_turn[1:]]
    for (begins, rule), end in zip_longest(in_turn, ends):
        opens_at = max(begins, rule.registers_from) if rule.registers_from else None
        if opens_at and (end is None or opens_at < end):
            return opens_at, rule
    return None


def _lasts(known: dict[str, Any], now: datetime) -> float:
    opens_at = parse_datetime(known["next"]["at"]) if known["next"] else None
    return _SECONDS if opens_at is None else min(_SECONDS, max(1.0, (opens_at - now).total_seconds()))


def _kept(rules: Iterable[Rule]) -> dict[str, Any]:
    chosen = list(rules)
    ages = [(rule.min_age or 0, rule.max_age) for rule in chosen if rule.is_by_age]
    return {"ages": _joined(ages), "groups": [rule.group.names for rule in chosen if not rule.is_by_age]}


def _joined(ages: Iterable[Ages]) -> list[Ages]:
    """Ages that touch or overlap as one, the oldest first."""
    found: list[Ages] = []
    for low, high in sorted(ages, key=lambda one: one[0]):
        if found and (found[-1][1] is None or low <= found[-1][1] + 1):
            before, until = found[-1]
            found[-1] = (before, None if until is None or high is None else max(until, high))
        else:
            found.append((low, high))
    return found[::-1]


def _opened(kept: dict[str, Any]) -> Opened:
    return Opened(
        ages=[_age_in_words(low, high) for low, high in kept["ages"]],
        groups=[PriorityGroup.in_language(names) for names in kept["groups"]],
    )


def _age_in_words(low: int, high: int | None) -> str:
    if high is None:
        return _("people aged %(low)d and over") % {"low": low} if low else _("people of any age")
    if not low:
        return _("people up to the age of %(high)d") % {"high": high}
    return _("people aged %(low)d to %(high)d") % {"low": low, "high": high}
