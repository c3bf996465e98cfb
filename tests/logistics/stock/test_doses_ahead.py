"""The doses on which a site can count: in its store, on the way and announced; not what nobody may use."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from logistics.models import AnnouncedDelivery, StorageCondition, Store, Vaccine
from logistics.stock import announcing, ledger
from logistics.stock.doses_ahead import Doses, doses_ahead
from logistics.stock.ledger import EntryLine
from logistics.vaccines import batches
from tests.factories import NOW, context, make_account, make_distributor, make_store, make_vials, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TODAY = NOW.date()
WEEK = TODAY + timedelta(days=7)


def found(store: Store, *, now: datetime = NOW) -> list[Doses]:
    assert store.site_id
    ahead = doses_ahead([store.site_id], until=WEEK, now=now)
    return ahead.get((store.site_id, "comirnaty"), [])


def announce(store: Store, doses: int, day: int) -> AnnouncedDelivery:
    return announcing.announce(
        sender=make_distributor(),
        to=store,
        vaccine=Vaccine.objects.get(pk="comirnaty"),
        doses=doses,
        expected_on=TODAY + timedelta(days=day),
        by=make_account(f"distributor-{day}-{doses}"),
        now=NOW,
    )


def test_closed_vials_count_in_doses_until_their_last_day() -> None:
    store = make_store(EntryLine(make_vials(expires_on=TODAY + timedelta(days=2)), 3))
    assert found(store) == [Doses(18, TODAY, TODAY + timedelta(days=2), is_here=True)]


def test_a_running_clock_ends_earlier_than_the_batch() -> None:
    until = NOW + timedelta(days=4)
    store = make_store(EntryLine(make_vials(storage=StorageCondition.THAWED, use_by=until), 1))
    assert [one.until for one in found(store)] == [until.date()]
    assert found(store, now=until + timedelta(minutes=1)) == []


def test_vials_in_a_freezer_go_on_to_the_fridge_in_time() -> None:
    item = make_vials(storage=StorageCondition.FREEZER, use_by=NOW + timedelta(days=1))
    assert [one.until for one in found(make_store(EntryLine(item, 1)))] == [date(2027, 3, 31)]


def test_a_blocked_or_expired_batch_covers_nobody() -> None:
    blocked, old = make_vials("BLOCKED1"), make_vials("OLD1234", expires_on=TODAY)
    store = make_store(EntryLine(blocked, 2), EntryLine(old, 2))
    assert blocked.batch
    batches.block(batch=blocked.batch, reason="cold", by=make_account("ministry"), now=NOW)
    assert [one.number for one in found(store)] == [12]
    assert found(store, now=NOW + timedelta(days=1)) == []


def test_a_dispatch_counts_from_the_next_day_and_once_though_it_was_announced() -> None:
    item = make_vials()
    store, sender = make_store(), make_distributor(EntryLine(item, 100))
    announce(store, 90, 1)
    ledger.send(store=sender, to=store, lines=[EntryLine(item, 10)], context=context())
    tomorrow = TODAY + timedelta(days=1)
    assert found(store) == [Doses(60, tomorrow, date(2027, 3, 31)), Doses(30, tomorrow, date.max)]


def test_what_was_announced_counts_from_its_day_unless_it_was_withdrawn_or_its_day_passed() -> None:
    store = make_store()
    announce(store, 60, 2)
    gone = announce(store, 30, 3)
    announcing.withdraw(delivery_id=gone.pk, now=NOW)
    announce(store, 600, 8)
    assert found(store) == [Doses(60, TODAY + timedelta(days=2), date.max)]
    assert [one.number for one in found(store, now=NOW + timedelta(days=3))] == []


def test_many_sites_cost_as_many_queries_as_one() -> None:
    stores = [make_store(EntryLine(make_vials(), 1), name=f"Místo {number}") for number in range(3)]
    keys = [store.site_id for store in stores if store.site_id]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(doses_ahead(keys, until=WEEK, now=NOW)) == 3
    assert len(asked) == 3


def test_a_receipt_settles_what_was_announced_the_earliest_first() -> None:
    store = make_store()
    first, second, later = announce(store, 12, 0), announce(store, 12, 2), announce(store, 12, 5)
    put(store, make_vials(), 3)
    for delivery in (first, second, later):
        delivery.refresh_from_db()
    assert (first.came, first.arrived_at, second.came, second.arrived_at) == (12, NOW, 6, None)
    assert (later.came, later.arrived_at) == (0, None)
    assert [(one.number, one.since) for one in found(store) if not one.is_here] == [
        (6, TODAY + timedelta(days=2)),
        (12, TODAY + timedelta(days=5)),
    ]


def test_a_delivery_from_another_store_settles_it_too_and_another_vaccine_does_not() -> None:
    comirnaty, spikevax = make_vials(), make_vials("3001651", vaccine="spikevax", doses_per_vial=10)
    store, sender = make_store(), make_distributor(EntryLine(comirnaty, 9), EntryLine(spikevax, 9))
    delivery = announce(store, 12, 1)
    for item in (spikevax, comirnaty):
        sent = ledger.send(store=sender, to=store, lines=[EntryLine(item, 2)], context=context())
        delivery.refresh_from_db()
        assert delivery.arrived_at is None
        ledger.confirm_delivery(dispatch=sent, counted={item.pk: 2}, context=context())
    delivery.refresh_from_db()
    assert delivery.arrived_at == NOW
