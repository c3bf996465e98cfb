"""What a coordinator sees of a re-planning: who moves where in numbers, how far it has come, whom to call."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.czech_order import order_of_name
from crs.messaging.models import Message
from logistics.models import VaccinationSite
from logistics.staff import permissions
from reservation.models import PlannedMove, Replan
from reservation.permissions import ReservationAct
from reservation.replanning import planning, replan_messages

# A letter reaches people so long after it was written, at the latest.
LETTER = timedelta(days=7)


@dataclass
class SiteMoves:
    """What becomes of the appointments of a site: how many stay at it, go to another one, and have no time."""

    site: VaccinationSite
    here: int = 0
    elsewhere: int = 0
    without: int = 0


@dataclass
class Overview:
    """A re-planning in numbers: moves by state, how far they go, and by site; `left` of `all` are to be worked on."""

    states: list[tuple[str, int]]
    distances: list[tuple[str, int]]
    sites: list[SiteMoves] = field(default_factory=list)
    all: int = 0
    left: int = 0

    @property
    def percent(self) -> int:
        """How much is done."""
        return 100 * (self.all - self.left) // self.all if self.all else 100


_SAME_DAY, _WEEK, _FORTNIGHT = _("the same day"), _("up to a week"), _("up to two weeks")
_LONGER, _ELSEWHERE = _("longer"), pgettext_lazy("moves", "at another site")


def visible_to(user: User) -> QuerySet[Replan]:
    """The re-plannings of the sites or the regions for which the user may re-plan; of all sites the ministry's."""
    known = Replan.objects.select_related(
        "site", "region", "vaccine", "closure", "made_by", "published_by", "undone_by", "discarded_by"
    )
    if permissions.may_everywhere(user, ReservationAct.REPLAN):
        return known
    sites = permissions.sites_where(user, ReservationAct.REPLAN)
    regions = permissions.regions_where(user, ReservationAct.REPLAN)
    return known.filter(Q(site__in=sites) | Q(site=None, region__in=regions))


def overview(replan: Replan, *, now: datetime) -> Overview:
    """Count its moves; one query, and one more while it is planned."""
    rows = (
        PlannedMove.objects.filter(replan=replan)
        .order_by()
        .values_list("state", "from_slot__site", "to_slot__site", F("to_slot__day") - F("from_slot__day"))
        .annotate(count=Count("pk"))
    )
    states: Counter[str] = Counter()
    distances: Counter[str] = Counter()
    sites: dict[Any, SiteMoves] = {}
    found = list(rows)
    known = VaccinationSite.objects.in_bulk({row[1] for row in found})
    for state, old, new, days, count in found:
        states[state] += count
        line = sites.setdefault(old, SiteMoves(known[old]))
        if new is None:
            line.without += count
            continue
        distances[str(_distance(days))] += count
        line.here += count if new == old else 0
        line.elsewhere += count if new != old else 0
    if elsewhere := sum(line.elsewhere for line in sites.values()):
        distances[str(_ELSEWHERE)] = elsewhere
    named = [
        (str(PlannedMove.State(state).label), states[state]) for state in PlannedMove.State.values if states[state]
    ]
    far = [str(one) for one in (_SAME_DAY, _WEEK, _FORTNIGHT, _LONGER, _ELSEWHERE)]
    left = _left(replan, states, now)
    return Overview(
        states=named,
        distances=[(name, distances[name]) for name in far if distances[name]],
        sites=sorted(
            sites.values(),
            key=lambda line: (-line.without, -line.here - line.elsewhere, order_of_name(line.site.name)),
        ),
        all=sum(states.values()) + (left if replan.state == Replan.State.PLANNING else 0),
        left=left,
    )


def holders(replan: Replan, *, now: datetime) -> dict[Replan, int]:
    """Other plans, not published yet, that keep people from this one, and how many of its appointments are theirs."""
    if replan.state not in (Replan.State.PLANNING, Replan.State.PLANNED):
        return {}
    people = planning.booked_in(replan, now=now).values("reservation")
    moves = PlannedMove.objects.filter(state=PlannedMove.State.PLANNED, replan__state__in=Replan.OPEN)
    theirs = moves.filter(appointment__reservation__in=people).exclude(replan=replan)
    counts = dict(theirs.order_by().values_list("replan").annotate(count=Count("appointment")))
    known = Replan.objects.select_related("site", "region", "vaccine", "closure", "made_by").in_bulk(counts)
    return {known[key]: count for key, count in sorted(counts.items())}


def rows_of(replan: Replan, *, state: str) -> QuerySet[PlannedMove]:
    """The moves by their old times, of one state or all, with their people."""
    moves = PlannedMove.objects.filter(replan=replan).select_related(
        "from_slot__site", "to_slot__site", "appointment__reservation__registration__person"
    )
    if state in PlannedMove.State.values:
        moves = moves.filter(state=state)
    return moves.order_by("from_slot__starts_at", "pk")


def unanswered(replan: Replan) -> QuerySet[PlannedMove]:
    """The moves that an undoing would take back, as far as a look without locks can say."""
    return PlannedMove.objects.filter(
        replan=replan,
        state=PlannedMove.State.MOVED,
        answered_at=None,
        appointment__slot=F("to_slot"),
        appointment__state="BOOKED",
    )


def unreached(replan: Replan, *, now: datetime) -> QuerySet[PlannedMove]:
    """The moves whose people no message has reached: none could be written, all failed, or a letter comes too late."""
    told = Message.objects.filter(template=replan_messages.MOVED, created_at__gte=replan.published_at or now)
    told = told.exclude(state__in=(Message.State.FAILED, Message.State.CANCELLED))
    # By whom it is about: two people may have one telephone.
    theirs = told.filter(
        ~Q(channel=Message.Channel.LETTER) | Q(created_at__lte=OuterRef("to_slot__starts_at") - LETTER),
        reference=Cast(OuterRef("appointment__reservation"), CharField()),
    )
    moves = unanswered(replan).filter(~Exists(theirs), to_slot__starts_at__gt=now)
    return moves.select_related(
        "from_slot__site", "to_slot__site", "appointment__reservation__registration__person"
    ).order_by("to_slot__starts_at", "pk")


def _distance(days: timedelta) -> Any:
    away = abs(days.days)
    return _SAME_DAY if away == 0 else _WEEK if away <= 7 else _FORTNIGHT if away <= 14 else _LONGER


def _left(replan: Replan, states: Counter[str], now: datetime) -> int:
    if replan.state == Replan.State.PLANNING:
        return planning.scope_of(replan, now=now).count()
    working_on = {
        Replan.State.PUBLISHING: PlannedMove.State.PLANNED,
        Replan.State.UNDOING: PlannedMove.State.MOVED,
    }
    state = working_on.get(Replan.State(replan.state))
    return states[state] if state else 0
