"""The demonstration data of a local run: real sites with made-up rules, by which they open for the days ahead.

The sites have identifiers of their own, so the ministry's list never mixes with them.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from crs.czech_holidays import is_holiday
from logistics.models import AnnouncedDelivery, Store, VaccinationSite, Vaccine
from logistics.staff import demo as demo_staff
from logistics.stock import announcing
from logistics.stock.demo import DISTRIBUTOR, load_stock
from reservation.closing import closing
from reservation.closing.closing import ClosureDraft
from reservation.free_seats import folding
from reservation.models import Closure, OpeningRule, Slot
from reservation.opening import generating, rules
from reservation.opening.drafts import Draft, Span

SITES = Path(__file__).parent / "data" / "demo_sites.csv"
SITES_WITH_STOCK = 3
VACCINE = "comirnaty"
SECOND_VACCINE = "spikevax"
# Data, not interface texts: notes and reasons stand in the language in which a site wrote them.
NOTE = "Ukázkové údaje: otevírací doba a počty míst jsou smyšlené."
MANAGER, SENDER = "vedouci", "distributor"
WHY_CLOSED = "Ukázka: odstávka elektřiny."
CLOSED_IN_DAYS, CLOSED_FOR = 10, timedelta(hours=3)
ANNOUNCED_IN_DAYS, ANNOUNCED_DOSES = 3, 300
WORKING_DAYS, ALL_DAYS = range(5), range(7)
WEDNESDAY = 2
CHILDREN_FROM, SECOND_VACCINE_FROM = time(15), time(13)
# Small sites have longer intervals, until at least one person comes in each.
INTERVALS = (15, 30, 60, 120, 240)


@dataclass(frozen=True)
class DemoSite:
    """A line of the file: the site, and its seats a day per calendar."""

    site: VaccinationSite
    seats: dict[str, int]
    is_open_at_weekends: bool


@dataclass(frozen=True)
class Loaded:
    """How much `load` added."""

    sites: int
    slots: int
    is_administrator_new: bool


def load(*, now: datetime) -> Loaded:
    """Add the sites, their rules, the slots of the days ahead, the staff and some stock; what is there stays.

    A second run on the same day changes nothing, one on a later day adds the days that are missing.
    """
    demo = read_sites()
    with transaction.atomic():
        known = set(VaccinationSite.objects.filter(pk__in=[one.site.pk for one in demo]).values_list("pk", flat=True))
        new = [one for one in demo if one.site.pk not in known]
        VaccinationSite.objects.bulk_create([one.site for one in new], ignore_conflicts=True)
    is_administrator_new = demo_staff.add(site=first_site())
    _open(demo, now)
    slots = _generate([one.site.pk for one in demo], now)
    _close(now)
    keeper = User.objects.get(username=demo_staff.STOCK_KEEPER)
    stocked = VaccinationSite.objects.filter(pk__in=[one.site.pk for one in demo[:SITES_WITH_STOCK]])
    load_stock(sites=stocked, by=keeper, now=now)
    _announce(now)
    return Loaded(sites=len(new), slots=slots, is_administrator_new=is_administrator_new)


def read_sites() -> list[DemoSite]:
    """The sites of the file."""
    with SITES.open(encoding="utf-8", newline="") as lines:
        return [_site(row) for row in csv.DictReader(lines)]


def is_working_day(day: date) -> bool:
    """Whether it is neither a weekend nor a public holiday in the Czech Republic."""
    return day.weekday() in WORKING_DAYS and not is_holiday(day)


def first_site() -> VaccinationSite:
    """The site at which the demonstration's staff work, once it is loaded."""
    return VaccinationSite.objects.select_related("district__region").get(pk=read_sites()[0].site.pk)


def _open(demo: Iterable[DemoSite], now: datetime) -> None:
    """Give the sites that have never had a rule theirs."""
    ruled = set(OpeningRule.objects.values_list("site_id", flat=True))
    sites = VaccinationSite.objects.open().in_bulk([one.site.pk for one in demo])
    tomorrow = timezone.localdate(now) + timedelta(days=1)
    manager = User.objects.get(username=MANAGER)
    first = first_site()
    for one in demo:
        site = sites.get(one.site.pk)
        if site is None or site.pk in ruled:
            continue
        is_first = site == first
        for draft in _drafts(one, tomorrow, has_more=is_first):
            rules.save(site, draft, by=manager if is_first else None, now=now, starts_task=False)


def _drafts(one: DemoSite, begins: date, *, has_more: bool) -> Iterator[Draft]:
    """The rule of a site; with `has_more` also an afternoon for children and hours of a second vaccine."""
    opens, closes = one.site.opens_at, one.site.closes_at
    length = closes.hour * 60 + closes.minute - opens.hour * 60 - opens.minute
    seats = sum(one.seats.values())
    minutes = next(each for each in INTERVALS if seats * each >= length or each == INTERVALS[-1])
    percent = {for_doses: round(100 * number / seats) for for_doses, number in one.seats.items()}
    usual = Draft(
        vaccine_id=VACCINE,
        valid_from=begins,
        hours=tuple(
            Span(weekday, opens, closes) for weekday in (ALL_DAYS if one.is_open_at_weekends else WORKING_DAYS)
        ),
        minutes=minutes,
        seats=max(round(seats * minutes / length), 1),
        first_percent=percent.get(Slot.Doses.FIRST, 0),
        second_percent=percent.get(Slot.Doses.SECOND, 0),
    )
    if not has_more:
        yield usual
        return
    afternoon = replace(usual.hours[WEDNESDAY], opens_at=CHILDREN_FROM)
    before = replace(usual.hours[WEDNESDAY], closes_at=CHILDREN_FROM)
    yield replace(usual, hours=tuple(before if span.weekday == WEDNESDAY else span for span in usual.hours))
    yield replace(usual, hours=(afternoon,), youngest_age=12, oldest_age=17, minutes=30)
    yield replace(
        usual,
        vaccine_id=SECOND_VACCINE,
        hours=tuple(Span(weekday, SECOND_VACCINE_FROM, closes) for weekday in WORKING_DAYS),
        seats=1,
        minutes=30,
        is_tied_to_stock=True,
    )


def _close(now: datetime) -> None:
    """Close the first site for some hours of a working day ahead, unless it was closed before."""
    site = first_site()
    if Closure.objects.filter(site=site).exists():
        return
    day = timezone.localdate(now) + timedelta(days=CLOSED_IN_DAYS)
    while not is_working_day(day):
        day += timedelta(days=1)
    starts_at = timezone.make_aware(datetime.combine(day, site.opens_at))
    draft = ClosureDraft(site=site, starts_at=starts_at, ends_at=starts_at + CLOSED_FOR, reason=WHY_CLOSED)
    closing.close(draft=draft, shown=None, by=User.objects.get(username=MANAGER), now=now)


def _generate(site_ids: list[UUID], now: datetime) -> int:
    """Make the slots of the days ahead and the sums of their seats; returns how many slots are new.

    Where the last open day is there, nothing is left to do, so a second start costs nothing.
    """
    last_day = next(day for day in reversed(generating.days_ahead(now)) if not is_holiday(day))
    standing = OpeningRule.objects.standing().filter(site__in=site_ids, site__state=VaccinationSite.State.OPEN)
    reached = Slot.objects.filter(site__in=site_ids).aggregate(day=Max("day"))["day"]
    if not standing.exists() or (reached is not None and reached >= last_day):
        return 0
    done = generating.generate(now=now, site_ids=site_ids)
    folding.fold(now=now, seconds=float("inf"))
    return done.created


def _announce(now: datetime) -> None:
    """Promise the first site a delivery, unless it was promised one before."""
    store = Store.objects.filter(site=first_site().pk).first()
    sender = Store.objects.filter(kind=Store.Kind.DISTRIBUTOR, name=DISTRIBUTOR).first()
    if store is None or sender is None or AnnouncedDelivery.objects.filter(store=store).exists():
        return
    announcing.announce(
        sender=sender,
        to=store,
        vaccine=Vaccine.objects.get(pk=VACCINE),
        doses=ANNOUNCED_DOSES,
        expected_on=timezone.localdate(now) + timedelta(days=ANNOUNCED_IN_DAYS),
        by=User.objects.get(username=SENDER),
        now=now,
    )


def _site(row: dict[str, str]) -> DemoSite:
    calendars = {Slot.Doses.ANY: "any", Slot.Doses.FIRST: "first", Slot.Doses.SECOND: "second"}
    seats = {str(for_doses): int(row[column]) for for_doses, column in calendars.items() if int(row[column])}
    site = VaccinationSite(
        id=UUID(row["id"]),
        name=row["name"],
        district_id=row["district"],
        address=row["address"],
        latitude=Decimal(row["latitude"]) if row["latitude"] else None,
        longitude=Decimal(row["longitude"]) if row["longitude"] else None,
        kind=row["kind"],
        is_step_free=row["is_step_free"] == "1" if row["is_step_free"] else None,
        opens_at=time.fromisoformat(row["opens_at"]),
        closes_at=time.fromisoformat(row["closes_at"]),
        minimal_capacity=sum(seats.values()),
        notes=NOTE,
    )
    return DemoSite(site=site, seats=seats, is_open_at_weekends=row["weekend"] == "1")
