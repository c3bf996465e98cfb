"""How long vials and doses keep, and what nobody does with those that are past it or blocked."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import translation

from crs.no_break import breakable
from logistics.models import (
    Batch,
    StockItem,
    StorageCondition,
    StorageRule,
    Store,
)
from logistics.stock import errors, ledger, ledger_check
from logistics.stock.ledger import Count, EntryLine
from tests.factories import LAST_DAY, NOW, PRAGUE, balance, context, make_distributor, make_store, make_vials, opened
from tests.logistics.stock.ledger.proofs import KEEPS, block, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


# --- clocks -------------------------------------------------------------------------------------


def use_by_after(to: StorageCondition, *, now: datetime, item: StockItem) -> datetime:
    store = make_store(EntryLine(item, 1))
    if to == StorageCondition.OPEN:
        document = ledger.open_vials(store=store, item=item, vials=1, context=context(now))
    else:
        document = ledger.change_storage(store=store, item=item, vials=1, to=to, context=context(now))
    use_by = opened(document).use_by
    assert use_by is not None
    return use_by.astimezone(PRAGUE)


@pytest.mark.parametrize(("day", "days"), [(date(2021, 5, 16), 5), (date(2021, 5, 17), 31), (date(2027, 1, 11), 31)])
def test_a_thawed_vial_keeps_as_the_rule_of_that_day_says(day: date, days: int) -> None:
    """From May 2021 31 days instead of 5 (product information of Comirnaty)."""
    item = make_vials()
    StorageRule.objects.filter(vaccine="comirnaty", storage="THAWED").delete()
    for valid_from, keeps in ((date(2020, 12, 21), 5), (date(2021, 5, 17), 31)):
        StorageRule.objects.create(
            vaccine_id="comirnaty",
            storage="THAWED",
            valid_from=valid_from,
            max_celsius=8,
            keeps=timedelta(days=keeps),
        )
    now = datetime(day.year, day.month, day.day, 9, 12, 45, tzinfo=PRAGUE)
    use_by = use_by_after(StorageCondition.THAWED, now=now, item=item)
    assert use_by.astimezone(PRAGUE) - now.replace(second=0) in (timedelta(days=days), timedelta(days=days, hours=1))
    assert use_by.astimezone(PRAGUE).second == 0


def test_opened_doses_keep_six_hours_also_in_the_night_when_summer_time_begins_or_ends() -> None:
    item = make_vials(expires_on=date(2028, 12, 31))
    spring, autumn = datetime(2027, 3, 27, 23, 0, tzinfo=PRAGUE), datetime(2027, 10, 30, 23, 0, tzinfo=PRAGUE)
    assert use_by_after(StorageCondition.OPEN, now=NOW, item=item) == datetime(2027, 1, 11, 15, 0, tzinfo=PRAGUE)
    # At night 2:00 is 3:00, and in autumn 3:00 is 2:00.
    assert use_by_after(StorageCondition.OPEN, now=spring, item=item).isoformat() == "2027-03-28T06:00:00+02:00"
    assert use_by_after(StorageCondition.OPEN, now=autumn, item=item).isoformat() == "2027-10-31T04:00:00+01:00"


def test_no_clock_outlives_the_printed_expiry_nor_that_of_thawing() -> None:
    tomorrow = make_vials("FE8405", expires_on=date(2027, 1, 12))
    end = datetime(2027, 1, 13, 0, 0, tzinfo=PRAGUE)
    assert use_by_after(StorageCondition.THAWED, now=NOW, item=tomorrow) == end
    late = datetime(2027, 1, 12, 22, 0, tzinfo=PRAGUE)
    assert use_by_after(StorageCondition.OPEN, now=late, item=tomorrow) == end
    store, item = make_store(), make_vials()
    ledger.receive(store=store, lines=[EntryLine(item, 2)], context=context())
    thawed = opened(
        ledger.change_storage(store=store, item=item, vials=1, to=StorageCondition.THAWED, context=context())
    )
    an_hour_before = NOW + KEEPS["THAWED"] - timedelta(hours=1)
    warm = opened(
        ledger.change_storage(
            store=store, item=thawed, vials=1, to=StorageCondition.ROOM, context=context(an_hour_before)
        )
    )
    assert warm.use_by == thawed.use_by == an_hour_before + timedelta(hours=1)
    other = opened(
        ledger.change_storage(store=store, item=item, vials=1, to=StorageCondition.THAWED, context=context())
    )
    dose = opened(ledger.open_vials(store=store, item=other, vials=1, context=context(an_hour_before)))
    assert dose.use_by == other.use_by


def test_a_vial_out_of_the_fridge_has_two_hours_to_be_opened_and_its_doses_six(store: Store, closed: StockItem) -> None:
    warm = opened(ledger.change_storage(store=store, item=closed, vials=2, to=StorageCondition.ROOM, context=context()))
    assert warm.use_by == NOW + timedelta(hours=2)
    hour_later = NOW + timedelta(hours=1)
    dose = opened(ledger.open_vials(store=store, item=warm, vials=1, context=context(hour_later)))
    assert dose.use_by == hour_later + timedelta(hours=6)
    late = context(NOW + timedelta(hours=2, minutes=1))
    refused(errors.UseByPassed, partial(ledger.open_vials, store=store, item=warm, vials=1, context=late))


def test_the_clock_of_the_freezer_ends_with_the_freezer(store: Store, closed: StockItem) -> None:
    StorageRule.objects.filter(vaccine="comirnaty", storage="FREEZER").delete()
    StorageRule.objects.create(
        vaccine_id="comirnaty",
        storage="FREEZER",
        valid_from=date(2021, 3, 26),
        max_celsius=-15,
        keeps=timedelta(days=14),
    )
    change = partial(ledger.change_storage, store=store, vials=1)
    frozen = opened(change(item=closed, to=StorageCondition.FREEZER, context=context()))
    assert frozen.use_by == NOW + timedelta(days=14)
    last_minute = NOW + timedelta(days=14)
    thawed = opened(change(item=frozen, to=StorageCondition.THAWED, context=context(last_minute)))
    assert thawed.use_by == last_minute + KEEPS["THAWED"]
    frozen = opened(change(item=closed, to=StorageCondition.FREEZER, context=context()))
    refused(
        errors.UseByPassed,
        partial(change, item=frozen, to=StorageCondition.THAWED, context=context(NOW + timedelta(days=15))),
    )


def test_nothing_is_frozen_again_nor_kept_as_no_rule_says(store: Store, closed: StockItem) -> None:
    thawed = opened(
        ledger.change_storage(store=store, item=closed, vials=2, to=StorageCondition.THAWED, context=context())
    )
    change = partial(ledger.change_storage, store=store, vials=1, context=context())
    for to in (StorageCondition.STORED, StorageCondition.FREEZER, StorageCondition.THAWED):
        error = refused(errors.NoSuchStorage, partial(change, item=thawed, to=to))
        assert str(error) == "This vaccine cannot be moved to that kind of storage."
    StorageRule.objects.filter(vaccine="comirnaty", storage="ROOM").delete()
    refused(errors.NoSuchStorage, partial(change, item=thawed, to=StorageCondition.ROOM))


def test_vials_opened_in_one_minute_are_one_item(store: Store, closed: StockItem) -> None:
    first = opened(ledger.open_vials(store=store, item=closed, vials=1, context=context()))
    again = opened(ledger.open_vials(store=store, item=closed, vials=1, context=context(NOW + timedelta(seconds=59))))
    later = opened(ledger.open_vials(store=store, item=closed, vials=1, context=context(NOW + timedelta(minutes=1))))
    assert (first == again, first == later) == (True, False)
    assert balance(store, first) == 12


# --- blocked, expired, past its clock -----------------------------------------------------------


def uses(store: Store, closed: StockItem, dose: StockItem, now: datetime) -> dict[str, Callable[[], Any]]:
    """Everything that uses stock or hands it on to somebody who would."""
    one, way = [EntryLine(closed, 1)], context(now)
    return {
        "open": partial(ledger.open_vials, store=store, item=closed, vials=1, context=way),
        "thaw": partial(
            ledger.change_storage, store=store, item=closed, vials=1, to=StorageCondition.THAWED, context=way
        ),
        "consume": partial(ledger.consume, store=store, item=dose, doses=1, context=way),
        "send": partial(ledger.send, store=store, to=make_store(), lines=one, context=way),
        "issue": partial(ledger.issue, store=store, outside_party="Nemocnice", lines=one, context=way),
    }


def clearing(store: Store, closed: StockItem, dose: StockItem, now: datetime) -> None:
    """What may be done with stock that may not be used: all this goes through."""
    way = context(now)
    receipt = ledger.receive(store=store, lines=[EntryLine(closed, 3)], context=way)
    ledger.reverse(document=receipt, context=way)
    back = ledger.send(store=store, to=make_distributor(), lines=[EntryLine(closed, 1)], context=way)
    ledger.confirm_delivery(dispatch=back, counted={closed.pk: 1}, context=way)
    returned = ledger.send(store=store, to=make_distributor(), lines=[EntryLine(closed, 1)], context=way)
    ledger.reverse(document=returned, context=way)
    ledger.take_stock(store=store, counts=[Count(closed, 7, 6), Count(dose, 13, 12)], context=way)
    ledger.waste(store=store, lines=[EntryLine(closed, 6), EntryLine(dose, 12)], reason="BLOCKED", context=way)
    assert (balance(store, closed), balance(store, dose)) == (0, 0)
    assert ledger_check.differences() == []


@pytest.mark.parametrize("use", ["open", "thaw", "consume", "send", "issue"])
def test_a_blocked_batch_is_not_used_nor_handed_on(store: Store, closed: StockItem, dose: StockItem, use: str) -> None:
    what = uses(store, closed, dose, NOW)[use]
    block()
    error = refused(errors.BatchBlocked, what)
    assert str(error) == "Comirnaty EJ6797 is blocked and must not be used. Reason: Stažení výrobcem"
    with translation.override("cs"):
        error = refused(errors.BatchBlocked, what)
        assert (
            breakable(str(error))
            == "Comirnaty EJ6797 – šarže je zablokovaná a nesmí se použít. Důvod: Stažení výrobcem"
        )
    Batch.objects.update(blocked_at=None, block_reason="")
    what()


def test_a_blocked_batch_is_received_counted_sent_back_thrown_away_and_reversed(
    store: Store, closed: StockItem, dose: StockItem
) -> None:
    block()
    clearing(store, closed, dose, NOW)


def test_the_block_of_one_batch_leaves_others_alone(store: Store, closed: StockItem) -> None:
    other = make_vials("FE8405")
    ledger.receive(store=store, lines=[EntryLine(other, 1)], context=context())
    block()
    ledger.open_vials(store=store, item=other, vials=1, context=context())
    # One blocked line among good ones stops them all.
    ledger.receive(store=store, lines=[EntryLine(other, 1)], context=context())
    both = [EntryLine(other, 1), EntryLine(closed, 1)]
    refused(errors.BatchBlocked, partial(ledger.send, store=store, to=make_store(), lines=both, context=context()))


@pytest.mark.parametrize("use", ["open", "thaw", "send", "issue"])
def test_a_batch_may_be_used_on_its_last_day_in_prague_and_not_after_it(
    store: Store, closed: StockItem, dose: StockItem, use: str
) -> None:
    """The last day ends at 22:00 UTC, summer time being on."""
    last_minute = datetime(2027, 3, 31, 23, 59, tzinfo=PRAGUE)
    after = datetime(2027, 4, 1, 0, 1, tzinfo=PRAGUE)
    assert after.astimezone(tz=None).utctimetuple().tm_mday == LAST_DAY.day
    error = refused(errors.BatchExpired, uses(store, closed, dose, after)[use])
    assert breakable(str(error)) == "Comirnaty EJ6797 expired: its last day was 31. 3. 2027. It must not be used."
    uses(store, closed, dose, last_minute)[use]()


def test_an_expired_batch_is_received_counted_sent_back_thrown_away_and_reversed(
    store: Store, closed: StockItem, dose: StockItem
) -> None:
    clearing(store, closed, dose, datetime(2027, 4, 1, 0, 1, tzinfo=PRAGUE))


def test_opened_doses_are_used_until_their_minute(store: Store, dose: StockItem) -> None:
    end = NOW + timedelta(hours=6)
    ledger.consume(store=store, item=dose, doses=1, context=context(end))
    late = partial(ledger.consume, store=store, item=dose, doses=1, context=context(end + timedelta(seconds=1)))
    error = refused(errors.UseByPassed, late)
    assert str(error) == "Comirnaty EJ6797 was to be used by 11. 1. 2027 15:00. It must not be used any more."
    ledger.waste(store=store, lines=[EntryLine(dose, 12)], reason="EXPIRED", context=context(end + timedelta(days=1)))


def test_a_thawed_vial_past_its_clock_is_not_opened_but_may_be_sent_back(store: Store, closed: StockItem) -> None:
    thawed = opened(
        ledger.change_storage(store=store, item=closed, vials=2, to=StorageCondition.ROOM, context=context())
    )
    late = context(NOW + timedelta(hours=3))
    refused(errors.UseByPassed, partial(ledger.open_vials, store=store, item=thawed, vials=1, context=late))
    refused(
        errors.UseByPassed,
        partial(ledger.send, store=store, to=make_store(), lines=[EntryLine(thawed, 1)], context=late),
    )
    ledger.send(store=store, to=make_distributor(), lines=[EntryLine(thawed, 2)], context=late)


def test_blocked_is_said_before_expired_and_that_before_the_clock_and_that_before_the_amount(
    store: Store, closed: StockItem, dose: StockItem
) -> None:
    later = context(datetime(2027, 5, 1, 9, 0, tzinfo=PRAGUE))
    draw = partial(ledger.consume, store=store, item=dose, doses=99)
    refused(errors.NotEnoughStock, partial(draw, context=context()))
    refused(errors.UseByPassed, partial(draw, context=context(NOW + timedelta(days=1))))
    refused(errors.BatchExpired, partial(draw, context=later))
    block()
    refused(errors.BatchBlocked, partial(draw, context=later))
