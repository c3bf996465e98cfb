"""Stock views add up: what is there, what was used and wasted, for a store, a region and the country."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from logistics.models import Batch, Region, StockItem, Store, VaccinationSite, Vaccine
from logistics.reports import queries as reports
from logistics.reports.queries import Period
from logistics.stock import items, ledger
from logistics.stock.ledger import EntryLine
from tests.logistics.shelves import NOW, context, distributor, opened

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
JANUARY = Period(date(2027, 1, 1), date(2027, 1, 31))
EVERYWHERE = Store.objects.all()


def only(store: Store) -> QuerySet[Store]:
    return Store.objects.filter(pk=store.pk)


def store_in(district: str) -> Store:
    site = VaccinationSite.objects.create(name=f"Místo {district}", district_id=district, address="x")
    return ledger.establish(site=site, context=context())


def item_of(vaccine: str, number: str, doses_per_vial: int, *, last_day: date = date(2027, 3, 31)) -> StockItem:
    batch = Batch.objects.create(vaccine=Vaccine.objects.get(pk=vaccine), number=number, expires_on=last_day)
    return items.vaccine_item(batch=batch, doses_per_vial=doses_per_vial)


@pytest.fixture
def brno() -> Store:
    return store_in("CZ0642")


@pytest.fixture
def comirnaty() -> StockItem:
    return item_of("comirnaty", "EJ6797", 6)


def give(store: Store, item: StockItem, *, vials: int, drawn: int, given: int, now: datetime = NOW) -> StockItem:
    remains = opened(ledger.open_vials(store=store, item=item, vials=vials, doses=drawn, context=context(now)))
    ledger.consume(store=store, item=remains, doses=given, context=context(now))
    return remains


def test_stock_is_told_by_batch_with_what_is_opened_and_what_is_coming(brno: Store, comirnaty: StockItem) -> None:
    avenier = distributor(EntryLine(comirnaty, 100))
    ledger.receive(store=brno, lines=[EntryLine(comirnaty, 10)], context=context())
    give(brno, comirnaty, vials=2, drawn=13, given=9)
    ledger.send(store=avenier, to=brno, lines=[EntryLine(comirnaty, 5)], context=context())
    (row,) = reports.stock(only(brno), today=TODAY)
    assert (row.vials, row.doses_in_vials, row.opened, row.doses) == (8, 48, 4, 52)
    assert (row.incoming_vials, row.incoming_doses) == (5, 30)
    (whole,) = reports.stock(EVERYWHERE, today=TODAY)
    assert (whole.vials, whole.incoming_vials) == (103, 5)


def test_a_batch_that_is_only_on_its_way_is_told_too(brno: Store, comirnaty: StockItem) -> None:
    ledger.send(
        store=distributor(EntryLine(comirnaty, 100)), to=brno, lines=[EntryLine(comirnaty, 5)], context=context()
    )
    (row,) = reports.stock(only(brno), today=TODAY)
    assert (row.vials, row.doses, row.incoming_vials) == (0, 0, 5)


@pytest.mark.parametrize(
    ("last_day", "blocked", "state"),
    [
        (TODAY + timedelta(days=15), False, "good"),
        (TODAY + timedelta(days=14), False, "soon"),
        (TODAY, False, "soon"),
        (TODAY - timedelta(days=1), False, "expired"),
        (TODAY + timedelta(days=90), True, "blocked"),
    ],
)
def test_what_must_be_watched_is_marked(brno: Store, last_day: date, blocked: bool, state: str) -> None:
    item = item_of("comirnaty", "FE8405", 6, last_day=last_day)
    ledger.receive(store=brno, lines=[EntryLine(item, 1)], context=context())
    if blocked:
        Batch.objects.update(blocked_at=NOW, block_reason="Recall")
    assert [row.state for row in reports.stock(only(brno), today=TODAY)] == [state]


def test_doses_used_are_told_by_day_and_vaccine_without_what_was_reversed(brno: Store, comirnaty: StockItem) -> None:
    spikevax = item_of("spikevax", "3001651", 10)
    for item in (comirnaty, spikevax):
        ledger.receive(store=brno, lines=[EntryLine(item, 10)], context=context())
    give(brno, comirnaty, vials=2, drawn=12, given=7)
    rest = give(brno, spikevax, vials=1, drawn=10, given=4, now=NOW + timedelta(days=1))
    mistake = ledger.consume(store=brno, item=rest, doses=3, context=context(NOW + timedelta(days=1)))
    ledger.reverse(document=mistake, context=context(NOW + timedelta(days=1)))
    usage = reports.consumption(only(brno), JANUARY)
    assert [vaccine.pk for vaccine in usage.vaccines] == ["comirnaty", "spikevax"]
    assert usage.rows() == [(TODAY, [7, 0], 7), (TODAY + timedelta(days=1), [0, 4], 4)]
    assert usage.totals() == [7, 4, 11]
    assert reports.consumption(only(brno), Period(TODAY, TODAY)).totals() == [7, 7]


def test_the_waste_rate_counts_closed_and_opened_doses_and_the_gain_of_opening(
    brno: Store, comirnaty: StockItem
) -> None:
    ledger.receive(store=brno, lines=[EntryLine(comirnaty, 10)], context=context())
    rest = give(brno, comirnaty, vials=2, drawn=14, given=10)
    ledger.waste(store=brno, lines=[EntryLine(rest, 4)], reason="LEFT_OVER", context=context())
    ledger.waste(store=brno, lines=[EntryLine(comirnaty, 1)], reason="BROKEN", context=context())
    mistake = ledger.waste(store=brno, lines=[EntryLine(comirnaty, 3)], reason="BROKEN", context=context())
    ledger.reverse(document=mistake, context=context())
    (row,) = reports.waste(only(brno), JANUARY)
    assert (row.consumed, row.doses_closed, row.doses_opened, row.extra) == (10, 6, 4, 2)
    assert row.percent == 50
    assert [(closed, opened) for _reason, closed, opened in row.reasons] == [(6, 0), (0, 4)]


def test_a_reversed_opening_gains_nothing(brno: Store, comirnaty: StockItem) -> None:
    ledger.receive(store=brno, lines=[EntryLine(comirnaty, 10)], context=context())
    opening = ledger.open_vials(store=brno, item=comirnaty, vials=1, doses=7, context=context())
    ledger.reverse(document=opening, context=context())
    assert reports.waste(only(brno), JANUARY) == []


def test_regions_add_up_to_the_country_and_stores_to_their_region(brno: Store, comirnaty: StockItem) -> None:
    avenier, znojmo, tabor = distributor(EntryLine(comirnaty, 100)), store_in("CZ0647"), store_in("CZ0317")
    south_moravia = Region.objects.get(pk="CZ064")
    ledger.establish(region=south_moravia, lines=[EntryLine(comirnaty, 2)], context=context())
    for store, vials in ((brno, 10), (znojmo, 20), (tabor, 40)):
        ledger.receive(store=store, lines=[EntryLine(comirnaty, vials)], context=context())
        give(store, comirnaty, vials=1, drawn=6, given=6)
        ledger.send(store=avenier, to=store, lines=[EntryLine(comirnaty, 1)], context=context())
    lines = {line.key: line for line in reports.by_region(JANUARY)}
    assert len(lines) == 15
    assert (lines["CZ064"].vials, lines["CZ064"].consumed, lines["CZ064"].incoming) == (30, 12, 12)
    assert (lines["CZ031"].vials, lines["CZ031"].consumed, lines["CZ031"].incoming) == (39, 6, 6)
    assert lines[avenier.pk].vials == 97
    whole = reports.total(list(lines.values()))
    assert (whole.vials, whole.consumed) == (166, 18)
    stores = reports.by_store(Store.objects.in_region(south_moravia.code), JANUARY)
    assert reports.total(stores).vials == 30
    assert len(stores) == 3


def test_the_last_use_is_found_for_who_looks_at_an_empty_period(brno: Store, comirnaty: StockItem) -> None:
    assert reports.last_use(only(brno)) is None
    ledger.receive(store=brno, lines=[EntryLine(comirnaty, 10)], context=context())
    give(brno, comirnaty, vials=1, drawn=6, given=6)
    assert reports.last_use(only(brno)) == TODAY


def test_the_number_of_questions_does_not_grow_with_stores(comirnaty: StockItem) -> None:
    counts = []
    for district in ("CZ0642", "CZ0647"):
        store = store_in(district)
        ledger.receive(store=store, lines=[EntryLine(comirnaty, 10)], context=context())
        give(store, comirnaty, vials=1, drawn=6, given=6)
        with CaptureQueriesContext(connection) as queries:
            reports.stock(EVERYWHERE, today=TODAY)
            reports.consumption(EVERYWHERE, JANUARY)
            reports.waste(EVERYWHERE, JANUARY)
            reports.by_region(JANUARY)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 14
