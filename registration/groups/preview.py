"""What a planned rule would change, told before it is saved.

How many people wait, and how many pairs of seats are free, only the room above knows: it gives the figures
(`set_source`), and counts them itself, so that a million registrations come here as a few thousand rows.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from logistics.models import Region
from registration.groups import rules
from registration.groups.eligibility import Eligibility, Facts, decide
from registration.groups.rules import Rule
from registration.models import GroupRule, OpeningReminder, PriorityGroup


@dataclass(frozen=True)
class Waiting:
    """People who are alike to every rule: no day of `cuts` parts them, and their claims are in the same states.

    They wait for PIN2 and for a first dose: no reservation holds seats for them.
    """

    birth_date: date  # of one of them, whoever it is
    claims: frozenset[tuple[str, str]]  # code of the group and `PriorityClaim.State`; standing claims only
    region: str  # code of the region where they would go; "" without preferred sites
    people: int


@dataclass(frozen=True)
class Figures:
    """Who waits, and for what there is room."""

    waiting: Sequence[Waiting]
    free_pairs: Mapping[str, int]  # pairs of seats that are promised to nobody, by code of the region
    computed_at: datetime


# Called with `cuts`, rising days: people born before a day of them, and people born on it or later, must not be counted
# in one row. Between two days of `cuts` all people with the same claims and region are one row: in SQL, GROUP BY
# width_bucket(birth_date, cuts), claims, region with min(birth_date). `now` is the moment of asking.
Source = Callable[[Sequence[date], datetime], Figures]

_source: Source | None = None


def set_source(source: Source) -> None:
    """Let the room above give the figures; called in its `AppConfig.ready`."""
    global _source
    _source = source


@dataclass(frozen=True)
class InRegion:
    """People of one region ("" without preferred sites) whom the rules invite, and the room for them now."""

    region: str
    name: str
    newly: int
    invited: int
    free_pairs: int


@dataclass(frozen=True)
class Effect:
    """What a change of rules does to those who wait, at one moment."""

    at: datetime
    newly: int = 0
    no_more: int = 0
    other_group: int = 0
    without_group: int = 0
    invited: int = 0
    regions: tuple[InRegion, ...] = ()

    @property
    def moves_people(self) -> bool:
        """Whether it changes anything for anybody who waits."""
        return bool(self.newly or self.no_more or self.other_group or self.without_group)

    @property
    def free_pairs(self) -> int:
        """Pairs of seats that are free now in all regions."""
        return sum(one.free_pairs for one in self.regions)


@dataclass(frozen=True)
class Preview:
    """What a change of rules would do, the first moment first; `computed_at` is None where nobody gives figures."""

    effects: tuple[Effect, ...]
    warnings: tuple[str, ...]
    computed_at: datetime | None


def of_change(*, adds: GroupRule | None, removes: GroupRule | None, now: datetime) -> Preview:
    """What it would do to plan the rule `adds`, which is not saved, or to withdraw the planned one `removes`, or both.

    Both are rules of one group.
    """
    changed = [row for row in (adds, removes) if row is not None]
    moments = _moments(changed, now=now)
    before = {at: rules.in_order(_rows(at, None, None)) for at in moments}
    after = {at: rules.in_order(_rows(at, adds, removes)) for at in moments}
    figures = _source(_cuts([before, after]), now) if _source else Figures((), {}, now)
    names = dict(Region.objects.values_list("code", "name"))
    effects = [_effect(at, before[at], after[at], figures, names) for at in moments]
    # The first moment is that of the change itself; of the others those that matter to somebody.
    shown = tuple(effect for effect in effects if effect.at == moments[0] or effect.moves_people)
    warnings = _warnings(changed[0].group, adds, removes, {at: (before[at], after[at]) for at in moments}, effects)
    return Preview(shown, tuple(warnings), figures.computed_at if _source else None)


def _moments(changed: Sequence[GroupRule], *, now: datetime) -> list[datetime]:
    """When the change is felt: as it begins, and when its rule or the one before would let people come."""
    begins = max(now, min(row.valid_from for row in changed))
    until_then = rules.in_force(begins).filter(group=changed[0].group_id).first()
    rows = [*changed, *([until_then] if until_then else [])]
    times = [at for row in rows for at in (row.valid_from, row.registers_from, row.invites_from) if at and at > begins]
    return [begins, *sorted(set(times) - {begins})]


def _rows(at: datetime, adds: GroupRule | None, removes: GroupRule | None) -> list[GroupRule]:
    """The rules in force at a moment, were the change made."""
    rows = {row.group_id: row for row in rules.in_force(at).exclude(pk__in=_keys(removes))}
    if adds is not None and adds.valid_from <= at:
        other = rows.get(adds.group_id)
        if other is None or other.valid_from <= adds.valid_from:
            rows[adds.group_id] = adds
    return list(rows.values())


def _cuts(sides: Sequence[Mapping[datetime, tuple[Rule, ...]]]) -> list[date]:
    """The days of birth that any of the rules tells apart."""
    cuts = set()
    for side in sides:
        for at, known in side.items():
            for rule in known:
                earliest, latest = rule.births(today=timezone.localdate(at))
                cuts |= {earliest, *([latest + timedelta(days=1)] if latest < date.max else [])}
    return sorted(cuts - {date.min})


def _effect(
    at: datetime, before: tuple[Rule, ...], after: tuple[Rule, ...], figures: Figures, names: Mapping[str, str]
) -> Effect:
    counts: Counter[str] = Counter()
    newly: Counter[str] = Counter()
    invited: Counter[str] = Counter()
    # People of all regions who are alike are decided about once.
    known: dict[tuple[date, frozenset[tuple[str, str]]], tuple[Eligibility, Eligibility]] = {}
    for row in figures.waiting:
        alike = (row.birth_date, row.claims)
        if alike not in known:
            facts = Facts(row.birth_date, dict(row.claims))
            known[alike] = decide(facts, before, now=at), decide(facts, after, now=at)
        was, becomes = known[alike]
        invited[row.region] += row.people * becomes.may_reserve
        newly[row.region] += row.people * (becomes.may_reserve and not was.may_reserve)
        counts["no_more"] += row.people * (was.may_reserve and not becomes.may_reserve)
        counts["without_group"] += row.people * (becomes.best is None and was.best is not None)
        counts["other_group"] += row.people * (becomes.best is not None and _group(becomes) != _group(was))
    regions = sorted({*figures.free_pairs, *(region for region, people in invited.items() if people)})
    rows = tuple(
        InRegion(one, names.get(one, ""), newly[one], invited[one], figures.free_pairs.get(one, 0)) for one in regions
    )
    return Effect(at, newly.total(), invited=invited.total(), regions=rows, **counts)


def _group(eligibility: Eligibility) -> PriorityGroup | None:
    return eligibility.best.group if eligibility.best else None


def _warnings(
    group: PriorityGroup,
    adds: GroupRule | None,
    removes: GroupRule | None,
    sides: Mapping[datetime, tuple[tuple[Rule, ...], tuple[Rule, ...]]],
    effects: Sequence[Effect],
) -> Iterator[str]:
    """What the editor may not have meant, in words."""
    begins, last = effects[0].at, effects[-1].at
    if adds is not None:
        yield from _about_the_rule(adds, removes)
    for at, (before, after) in sides.items():
        was, becomes = _rule_of(group, before), _rule_of(group, after)
        if at == begins and was and was.registers(at) and not (becomes and becomes.registers(at)):
            yield gettext("From then on nobody can register by this group.")
        if becomes and becomes.invites(at) and not (was and was.invites(at)):
            passed_over = [str(rule.group) for rule in after if rule.score > becomes.score and not rule.invites(at)]
            if passed_over:
                yield gettext(
                    "People of this group come to be invited while groups of a higher score are not: %(groups)s."
                ) % {"groups": ", ".join(passed_over)}
            break
    if any(effect.no_more for effect in effects):
        yield gettext(
            "Some people who wait stop being invited. Those of them who have PIN2 already cannot reserve with it."
        )
    if any(effect.without_group for effect in effects):
        yield gettext("Some people who wait belong to no group then. Nobody invites them until another rule does.")
    if any(effect.newly and effect.invited > effect.free_pairs for effect in effects):
        yield gettext("More people are invited then than there are free pairs of times now.")
    waiting = OpeningReminder.objects.filter(group=group, sent_at=None).count()
    opened = _rule_of(group, sides[last][1])
    if waiting and opened and opened.registers(last):
        yield ngettext(
            "%(count)d telephone gets the SMS that it asked for, as soon as the group registers.",
            "%(count)d telephones get the SMS that they asked for, as soon as the group registers.",
            waiting,
        ) % {"count": waiting}


def _about_the_rule(adds: GroupRule, removes: GroupRule | None) -> Iterator[str]:
    later = GroupRule.objects.filter(group=adds.group, valid_from__gt=adds.valid_from)
    next_one = later.exclude(pk__in=_keys(removes)).order_by("valid_from").first()
    if next_one is not None:
        yield gettext("It holds only until %(moment)s: another rule of this group is planned from then.") % {
            "moment": date_format(timezone.localtime(next_one.valid_from), "DATETIME_FORMAT")
        }
    if adds.group.basis == PriorityGroup.Basis.AGE and adds.min_age is None:
        yield gettext("The rule names no lowest age: it takes small children, too.")
    if adds.registers_from is None and adds.invites_from is not None:
        yield gettext("Nobody can register by this group, but those who have registered are invited.")
    if adds.age_on is not None:
        yield gettext("Ages count on %(day)s; nobody comes into the group or leaves it by a birthday.") % {
            "day": date_format(adds.age_on)
        }


def _keys(row: GroupRule | None) -> list[int]:
    return [row.pk] if row else []


def _rule_of(group: PriorityGroup, known: Iterable[Rule]) -> Rule | None:
    return next((rule for rule in known if rule.group == group), None)
