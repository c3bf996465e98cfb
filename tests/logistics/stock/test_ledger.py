"""The ledger act by act: what each does, what it refuses and in which words, and what nobody can do to the past."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import translation

from logistics.models import (
    Batch,
    Region,
    StockBalance,
    StockDocument,
    StockItem,
    StockMovement,
    StorageCondition,
    StorageRule,
    Store,
    VaccinationSite,
)
from logistics.stock import errors, ledger, ledger_check
from logistics.stock.ledger import Count, EntryLine
from tests.logistics.shelves import (
    KEEPS,
    LAST_DAY,
    NOW,
    PRAGUE,
    context,
    balance,
    distributor,
    execute,
    opened,
    site_store,
    snapshot,
    swabs,
    vials,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def closed() -> StockItem:
    return vials()


@pytest.fixture
def store(closed: StockItem) -> Store:
    """A site's store with ten vials."""
    return site_store(EntryLine(closed, 10))


@pytest.fixture
def dose(store: Store, closed: StockItem) -> StockItem:
    """Thirteen doses of two vials that the store has opened."""
    return opened(ledger.open_vials(store=store, item=closed, vials=2, doses=13, context=context()))


def refused(reason: type[errors.StockError], what: Callable[[], Any]) -> errors.StockError:
    """What `what` says when it refuses, and proof that nothing of it stayed."""
    before = snapshot()
    with pytest.raises(reason) as caught:
        what()
    assert snapshot() == before
    return caught.value


def block() -> None:
    Batch.objects.filter(number="EJ6797").update(blocked_at=NOW, block_reason="Stažení výrobcem")


# --- establishing -------------------------------------------------------------------------------


def test_a_store_begins_with_what_is_there(closed: StockItem) -> None:
    store = site_store(EntryLine(closed, 4), EntryLine(swabs(), 100), EntryLine(closed, 1))
    assert (balance(store, closed), balance(store, swabs())) == (5, 100)
    document = store.documents.get()
    assert (document.kind, document.happened_on) == ("ESTABLISHMENT", date(2027, 1, 11))
    assert document.number == f"ZS-2027-{document.pk:07}"
    assert store.name == str(store.site)


def test_a_region_and_a_distributor_have_stores_too() -> None:
    region = Region.objects.order_by("pk").first()
    store = ledger.establish(region=region, context=context())
    assert (store.kind, store.name) == ("REGION", str(region))
    assert distributor().kind == "DISTRIBUTOR"


def test_a_place_has_one_store() -> None:
    region = Region.objects.order_by("pk").first()
    ledger.establish(region=region, context=context())
    refused(errors.StoreExists, partial(ledger.establish, region=region, context=context()))
    first = distributor()
    refused(errors.StoreExists, partial(ledger.establish, name=first.name, context=context()))
    site = site_store().site
    refused(errors.StoreExists, partial(ledger.establish, site=site, context=context(key=uuid4())))


# --- receiving and issuing ----------------------------------------------------------------------


def test_a_receipt_adds_and_names_the_supplier(store: Store, closed: StockItem) -> None:
    lines = [EntryLine(closed, 5), EntryLine(swabs(), 30), EntryLine(closed, 2)]
    receipt = ledger.receive(store=store, lines=lines, outside_party="Avenier", context=context())
    assert (receipt.outside_party, receipt.number[:8], receipt.movements.count()) == ("Avenier", "PR-2027-", 2)
    assert (balance(store, closed), balance(store, swabs())) == (17, 30)


def test_nobody_delivers_opened_vials(store: Store, dose: StockItem) -> None:
    refused(errors.NotOpened, partial(ledger.receive, store=store, lines=[EntryLine(dose, 6)], context=context()))


def test_more_than_a_balance_can_hold_is_refused_in_words(store: Store, closed: StockItem) -> None:
    for much in (2**31 - 1, 2**31, 10**20):  # with what is there; alone; more than any integer of the database
        refused(
            errors.TooMuch, partial(ledger.receive, store=store, lines=[EntryLine(closed, much)], context=context())
        )


def test_an_issue_takes_and_names_the_recipient(store: Store, closed: StockItem) -> None:
    document = ledger.issue(store=store, lines=[EntryLine(closed, 4)], outside_party="Nemocnice", context=context())
    assert (document.outside_party, balance(store, closed)) == ("Nemocnice", 6)


def test_the_day_of_a_document_is_the_day_in_prague(store: Store, closed: StockItem) -> None:
    at_midnight = datetime(2027, 1, 12, 0, 30, tzinfo=PRAGUE)  # 23:30 of the 11th in UTC
    document = ledger.receive(store=store, lines=[EntryLine(closed, 1)], context=context(at_midnight))
    document.refresh_from_db()
    assert (document.happened_on, document.recorded_at) == (date(2027, 1, 12), at_midnight)


@pytest.mark.parametrize("quantity", [0, -1])
def test_nothing_is_not_recorded(store: Store, closed: StockItem, dose: StockItem, quantity: int) -> None:
    for lines in ([EntryLine(closed, quantity)], [], [EntryLine(closed, 2), EntryLine(closed, quantity)]):
        for what in (
            partial(ledger.receive, store=store),
            partial(ledger.send, store=store, to=distributor()),
            partial(ledger.issue, store=store, outside_party="Nemocnice"),
            partial(ledger.waste, store=store, reason="BROKEN"),
        ):
            refused(errors.NothingToRecord, partial(what, lines=lines, context=context()))
    refused(
        errors.NothingToRecord, partial(ledger.open_vials, store=store, item=closed, vials=quantity, context=context())
    )
    refused(errors.NothingToRecord, partial(ledger.consume, store=store, item=dose, doses=quantity, context=context()))
    thaw = partial(ledger.change_storage, store=store, item=closed, to=StorageCondition.THAWED, context=context())
    refused(errors.NothingToRecord, partial(thaw, vials=quantity))


def test_more_than_there_is_is_refused_with_both_figures(store: Store, closed: StockItem, dose: StockItem) -> None:
    """The store has 8 vials and 13 doses of opened ones."""
    lines = [EntryLine(closed, 9)]
    thaw = partial(
        ledger.change_storage, store=store, item=closed, vials=9, to=StorageCondition.THAWED, context=context()
    )
    for what in (
        partial(ledger.send, store=store, to=distributor(), lines=lines, context=context()),
        partial(ledger.issue, store=store, outside_party="Nemocnice", lines=lines, context=context()),
        partial(ledger.waste, store=store, reason="BROKEN", lines=lines, context=context()),
        partial(ledger.open_vials, store=store, item=closed, vials=9, context=context()),
        thaw,
    ):
        error = refused(errors.NotEnoughStock, what)
        assert (error.have, error.wanted) == (8, 9)  # type: ignore[attr-defined]
    error = refused(errors.NotEnoughStock, partial(ledger.consume, store=store, item=dose, doses=14, context=context()))
    assert str(error) == "Comirnaty EJ6797: the store holds only 13, you asked for 14."
    with translation.override("cs"):
        error = refused(
            errors.NotEnoughStock, partial(ledger.consume, store=store, item=dose, doses=14, context=context())
        )
        assert str(error) == "Comirnaty EJ6797: na skladě je jen 13, zadáno je 14."


def test_one_line_too_many_undoes_all_lines(store: Store, closed: StockItem) -> None:
    there = distributor()
    error = refused(
        errors.NotEnoughStock,
        partial(
            ledger.send, store=store, to=there, lines=[EntryLine(closed, 1), EntryLine(swabs(), 1)], context=context()
        ),
    )
    assert (error.have, error.wanted, error.item) == (0, 1, str(swabs()))  # type: ignore[attr-defined]


# --- sending and confirming ---------------------------------------------------------------------


def test_what_was_sent_is_nowhere_until_it_is_confirmed(store: Store, closed: StockItem) -> None:
    there = site_store()
    dispatch = ledger.send(store=store, to=there, lines=[EntryLine(closed, 4)], context=context())
    assert (balance(store, closed), balance(there, closed)) == (6, 0)
    assert list(StockDocument.objects.in_transit()) == [dispatch]
    delivery = ledger.confirm_delivery(dispatch=dispatch, counted={closed.pk: 4}, context=context())
    assert (balance(store, closed), balance(there, closed)) == (6, 4)
    assert (delivery.store, delivery.counterpart, delivery.confirms, delivery.reason) == (there, store, dispatch, "")
    assert not StockDocument.objects.in_transit().exists()


@pytest.mark.parametrize(("came", "has"), [(3, 3), (0, 0), (5, 5)])
def test_what_came_may_differ_with_a_reason(store: Store, closed: StockItem, came: int, has: int) -> None:
    there = site_store()
    dispatch = ledger.send(store=store, to=there, lines=[EntryLine(closed, 4)], context=context())
    confirm = partial(ledger.confirm_delivery, dispatch=dispatch, counted={closed.pk: came}, context=context())
    error = refused(errors.DifferenceNeedsReason, confirm)
    assert str(error) == "The numbers differ from what was sent. Choose the reason of the difference."
    assert confirm(reason="LOST").reason == "LOST"
    assert (balance(store, closed), balance(there, closed)) == (6, has)
    assert ledger_check.differences() == []


def test_an_item_that_is_not_named_did_not_come(store: Store, closed: StockItem) -> None:
    there, other = site_store(), swabs()
    ledger.receive(store=store, lines=[EntryLine(other, 9)], context=context())
    dispatch = ledger.send(store=store, to=there, lines=[EntryLine(closed, 4), EntryLine(other, 9)], context=context())
    confirm = partial(ledger.confirm_delivery, dispatch=dispatch, context=context())
    refused(errors.DifferenceNeedsReason, partial(confirm, counted={closed.pk: 4}))
    confirm(counted={closed.pk: 4}, reason="LOST")
    assert balance(there, other) == 0


@pytest.mark.parametrize("reason", ["", "LOST"])
def test_what_was_not_sent_cannot_come(store: Store, closed: StockItem, reason: str) -> None:
    dispatch = ledger.send(store=store, to=site_store(), lines=[EntryLine(closed, 4)], context=context())
    confirm = partial(ledger.confirm_delivery, dispatch=dispatch, reason=reason, context=context())
    refused(errors.NothingToRecord, partial(confirm, counted={closed.pk: 4, swabs().pk: 1}))
    refused(errors.NothingToRecord, partial(confirm, counted={closed.pk: -1}))


def test_a_reason_without_a_difference_is_not_kept(store: Store, closed: StockItem) -> None:
    dispatch = ledger.send(store=store, to=site_store(), lines=[EntryLine(closed, 4)], context=context())
    delivery = ledger.confirm_delivery(dispatch=dispatch, counted={closed.pk: 4}, reason="LOST", context=context())
    assert delivery.reason == ""


def test_a_dispatch_is_confirmed_again_only_after_the_confirmation_was_cancelled(
    store: Store, closed: StockItem
) -> None:
    there = site_store()
    dispatch = ledger.send(store=store, to=there, lines=[EntryLine(closed, 3)], context=context())
    confirm = partial(ledger.confirm_delivery, dispatch=dispatch, context=context())
    delivery = confirm(counted={closed.pk: 2}, reason="LOST")
    refused(errors.NotInTransit, partial(confirm, counted={closed.pk: 3}))
    refused(errors.DeliveredMeanwhile, partial(ledger.reverse, document=dispatch, context=context()))
    ledger.reverse(document=delivery, context=context())
    assert (balance(there, closed), list(StockDocument.objects.in_transit())) == (0, [dispatch])
    assert confirm(counted={closed.pk: 3}).attempt == 2
    assert balance(there, closed) == 3
    assert ledger_check.differences() == []


def test_a_dispatch_that_was_called_back_is_home_and_cannot_be_confirmed(store: Store, closed: StockItem) -> None:
    dispatch = ledger.send(store=store, to=site_store(), lines=[EntryLine(closed, 3)], context=context())
    ledger.reverse(document=dispatch, context=context())
    assert balance(store, closed) == 10
    error = refused(
        errors.NotInTransit,
        partial(ledger.confirm_delivery, dispatch=dispatch, counted={closed.pk: 3}, context=context()),
    )
    assert str(error) == "This delivery is not on its way any more: it was confirmed or called back."


def test_only_a_dispatch_can_be_confirmed(store: Store, closed: StockItem) -> None:
    receipt = ledger.receive(store=store, lines=[EntryLine(closed, 1)], context=context())
    refused(errors.NotInTransit, partial(ledger.confirm_delivery, dispatch=receipt, counted={}, context=context()))


def test_a_store_does_not_send_to_itself(store: Store, closed: StockItem) -> None:
    send = partial(ledger.send, store=store, to=store, lines=[EntryLine(closed, 1)], context=context())
    assert str(refused(errors.SameStore, send)) == "A store cannot send to itself. Choose another one."


def test_opened_vials_do_not_travel(store: Store, dose: StockItem) -> None:
    refused(
        errors.NotOpened,
        partial(ledger.send, store=store, to=distributor(), lines=[EntryLine(dose, 1)], context=context()),
    )
    refused(
        errors.NotOpened,
        partial(ledger.issue, store=store, outside_party="Nikdo", lines=[EntryLine(dose, 1)], context=context()),
    )


# --- opening, using, throwing away --------------------------------------------------------------


@pytest.mark.parametrize(("doses", "drawn"), [(None, 12), (1, 1), (12, 12), (13, 13), (16, 16)])
def test_two_vials_of_six_give_twelve_doses_or_what_was_drawn(
    store: Store, closed: StockItem, doses: int | None, drawn: int
) -> None:
    opening = ledger.open_vials(store=store, item=closed, vials=2, doses=doses, context=context())
    assert (balance(store, closed), balance(store, opened(opening))) == (8, drawn)


@pytest.mark.parametrize("doses", [-1, 0, 17])
def test_so_many_doses_are_not_in_two_vials(store: Store, closed: StockItem, doses: int) -> None:
    what = partial(ledger.open_vials, store=store, item=closed, vials=2, doses=doses, context=context())
    assert str(refused(errors.WrongDoses, what)) == "So many doses cannot be in these vials: at least 1 and at most 16."


def test_only_a_closed_vial_is_opened_or_thawed(store: Store, dose: StockItem) -> None:
    for item in (dose, swabs()):
        refused(errors.NotOpened, partial(ledger.open_vials, store=store, item=item, vials=1, context=context()))
    change = partial(ledger.change_storage, store=store, vials=1, context=context())
    refused(errors.NotOpened, partial(change, item=dose, to=StorageCondition.THAWED))
    refused(errors.NotOpened, partial(change, item=vials(), to=StorageCondition.OPEN))
    refused(errors.NoSuchStorage, partial(change, item=swabs(), to=StorageCondition.THAWED))


def test_doses_are_used_from_opened_vials_and_material_as_it_is(
    store: Store, closed: StockItem, dose: StockItem
) -> None:
    refused(errors.NotOpened, partial(ledger.consume, store=store, item=closed, doses=1, context=context()))
    ledger.consume(store=store, item=dose, doses=13, context=context())
    ledger.receive(store=store, lines=[EntryLine(swabs(), 20)], context=context())
    ledger.consume(store=store, item=swabs(), doses=13, context=context())
    assert (balance(store, dose), balance(store, swabs())) == (0, 7)


def test_closed_vials_opened_doses_and_material_are_thrown_away_with_a_reason(
    store: Store, closed: StockItem, dose: StockItem
) -> None:
    document = ledger.waste(
        store=store, lines=[EntryLine(closed, 1), EntryLine(dose, 2)], reason="BROKEN", context=context()
    )
    assert (document.reason, balance(store, closed), balance(store, dose)) == ("BROKEN", 7, 11)
    with pytest.raises(IntegrityError):
        ledger.waste(store=store, lines=[EntryLine(closed, 1)], reason="", context=context())


# --- clocks -------------------------------------------------------------------------------------


def use_by_after(to: StorageCondition, *, now: datetime, item: StockItem) -> datetime:
    store = site_store(EntryLine(item, 1))
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
    item = vials()
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
    item = vials(last_day=date(2028, 12, 31))
    spring, autumn = datetime(2027, 3, 27, 23, 0, tzinfo=PRAGUE), datetime(2027, 10, 30, 23, 0, tzinfo=PRAGUE)
    assert use_by_after(StorageCondition.OPEN, now=NOW, item=item) == datetime(2027, 1, 11, 15, 0, tzinfo=PRAGUE)
    # At night 2:00 is 3:00, and in autumn 3:00 is 2:00.
    assert use_by_after(StorageCondition.OPEN, now=spring, item=item).isoformat() == "2027-03-28T06:00:00+02:00"
    assert use_by_after(StorageCondition.OPEN, now=autumn, item=item).isoformat() == "2027-10-31T04:00:00+01:00"


def test_no_clock_outlives_the_printed_expiry_nor_that_of_thawing() -> None:
    tomorrow = vials("FE8405", last_day=date(2027, 1, 12))
    end = datetime(2027, 1, 13, 0, 0, tzinfo=PRAGUE)
    assert use_by_after(StorageCondition.THAWED, now=NOW, item=tomorrow) == end
    late = datetime(2027, 1, 12, 22, 0, tzinfo=PRAGUE)
    assert use_by_after(StorageCondition.OPEN, now=late, item=tomorrow) == end
    store, item = site_store(), vials()
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
        "send": partial(ledger.send, store=store, to=site_store(), lines=one, context=way),
        "issue": partial(ledger.issue, store=store, outside_party="Nemocnice", lines=one, context=way),
    }


def clearing(store: Store, closed: StockItem, dose: StockItem, now: datetime) -> None:
    """What may be done with stock that may not be used: all this goes through."""
    way = context(now)
    receipt = ledger.receive(store=store, lines=[EntryLine(closed, 3)], context=way)
    ledger.reverse(document=receipt, context=way)
    back = ledger.send(store=store, to=distributor(), lines=[EntryLine(closed, 1)], context=way)
    ledger.confirm_delivery(dispatch=back, counted={closed.pk: 1}, context=way)
    called_back = ledger.send(store=store, to=distributor(), lines=[EntryLine(closed, 1)], context=way)
    ledger.reverse(document=called_back, context=way)
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
        assert str(error) == "Comirnaty EJ6797 – šarže je zablokovaná a nesmí se použít. Důvod: Stažení výrobcem"
    Batch.objects.update(blocked_at=None, block_reason="")
    what()


def test_a_blocked_batch_is_received_counted_sent_back_thrown_away_and_undone(
    store: Store, closed: StockItem, dose: StockItem
) -> None:
    block()
    clearing(store, closed, dose, NOW)


def test_the_block_of_one_batch_leaves_others_alone(store: Store, closed: StockItem) -> None:
    other = vials("FE8405")
    ledger.receive(store=store, lines=[EntryLine(other, 1)], context=context())
    block()
    ledger.open_vials(store=store, item=other, vials=1, context=context())
    # One blocked line among good ones stops them all.
    ledger.receive(store=store, lines=[EntryLine(other, 1)], context=context())
    both = [EntryLine(other, 1), EntryLine(closed, 1)]
    refused(errors.BatchBlocked, partial(ledger.send, store=store, to=site_store(), lines=both, context=context()))


@pytest.mark.parametrize("use", ["open", "thaw", "send", "issue"])
def test_a_batch_may_be_used_on_its_last_day_in_prague_and_not_after_it(
    store: Store, closed: StockItem, dose: StockItem, use: str
) -> None:
    """The last day ends at 22:00 UTC, summer time being on."""
    last_minute = datetime(2027, 3, 31, 23, 59, tzinfo=PRAGUE)
    after = datetime(2027, 4, 1, 0, 1, tzinfo=PRAGUE)
    assert after.astimezone(tz=None).utctimetuple().tm_mday == LAST_DAY.day
    error = refused(errors.BatchExpired, uses(store, closed, dose, after)[use])
    assert str(error) == "Comirnaty EJ6797 expired: its last day was 31. 3. 2027. It must not be used."
    uses(store, closed, dose, last_minute)[use]()


def test_an_expired_batch_is_received_counted_sent_back_thrown_away_and_undone(
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
        partial(ledger.send, store=store, to=site_store(), lines=[EntryLine(thawed, 1)], context=late),
    )
    ledger.send(store=store, to=distributor(), lines=[EntryLine(thawed, 2)], context=late)


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


# --- stocktakes ---------------------------------------------------------------------------------


def test_a_stocktake_sets_what_was_counted_and_says_why(store: Store, closed: StockItem, dose: StockItem) -> None:
    new = vials("FE8405")
    counts = [Count(closed, 8, 7), Count(dose, 13, 13), Count(new, 0, 2)]
    document = ledger.take_stock(store=store, counts=counts, context=context())
    assert (balance(store, closed), balance(store, dose), balance(store, new)) == (7, 13, 2)
    assert (document.reason, document.movements.count()) == ("MISCOUNTED", 2)


def test_a_stocktake_that_finds_all_as_it_was_is_recorded_without_a_reason(store: Store, closed: StockItem) -> None:
    document = ledger.take_stock(store=store, counts=[Count(closed, 10, 10)], context=context())
    assert (document.reason, document.movements.count(), document.kind) == ("", 0, "STOCKTAKE")


def test_a_stocktake_of_what_moved_meanwhile_is_refused(store: Store, closed: StockItem) -> None:
    other = vials("FE8405")
    ledger.receive(store=store, lines=[EntryLine(closed, 1)], context=context())
    for counts in ([Count(closed, 10, 9)], [Count(closed, 12, 0)], [Count(other, 0, 3), Count(closed, 10, 10)]):
        refused(errors.CountedMeanwhile, partial(ledger.take_stock, store=store, counts=counts, context=context()))
    refused(
        errors.NothingToRecord,
        partial(ledger.take_stock, store=store, counts=[Count(closed, 11, -1)], context=context()),
    )


# --- reversals ----------------------------------------------------------------------------------


def documents_of_all_kinds(store: Store, closed: StockItem) -> dict[str, StockDocument]:
    """One of each kind that can be undone, each still free to be."""
    other = site_store()
    incoming = ledger.send(
        store=site_store(EntryLine(closed, 3)), to=store, lines=[EntryLine(closed, 3)], context=context()
    )
    opening = ledger.open_vials(store=store, item=closed, vials=1, context=context())
    ledger.receive(store=store, lines=[EntryLine(swabs(), 9)], context=context())
    return {
        "RECEIPT": ledger.receive(store=store, lines=[EntryLine(closed, 2)], context=context()),
        "DISPATCH": ledger.send(store=store, to=other, lines=[EntryLine(closed, 2)], context=context()),
        "DELIVERY": ledger.confirm_delivery(
            dispatch=incoming, counted={closed.pk: 2}, reason="LOST", context=context()
        ),
        "ISSUE": ledger.issue(store=store, lines=[EntryLine(closed, 1)], outside_party="Nemocnice", context=context()),
        "STORAGE": ledger.change_storage(
            store=store, item=closed, vials=1, to=StorageCondition.THAWED, context=context()
        ),
        "CONSUMPTION": ledger.consume(store=store, item=swabs(), doses=2, context=context()),
        "WASTE": ledger.waste(store=store, lines=[EntryLine(closed, 1)], reason="BROKEN", context=context()),
        "STOCKTAKE": ledger.take_stock(store=store, counts=[Count(swabs(), 7, 5)], context=context()),
        "OPENING": opening,
    }


@pytest.mark.parametrize("kind", sorted(set(StockDocument.Kind.values) - {"REVERSAL", "ESTABLISHMENT"}))
def test_a_reversal_moves_the_same_the_other_way_once(store: Store, closed: StockItem, kind: str) -> None:
    document = documents_of_all_kinds(store, closed)[kind]
    assert document.kind == kind
    before = dict(StockBalance.objects.filter(store=store).values_list("item", "quantity"))
    reversal = ledger.reverse(document=document, reason="MISTAKE", context=context())
    after = dict(StockBalance.objects.filter(store=store).values_list("item", "quantity"))
    for movement in document.movements.all():
        assert after[movement.item_id] == before[movement.item_id] - movement.quantity
    assert (reversal.reverses, reversal.store, reversal.reason) == (document, store, "MISTAKE")
    error = refused(errors.AlreadyReversed, partial(ledger.reverse, document=document, context=context()))
    assert str(error) == "This document was cancelled already."
    refused(errors.CannotReverse, partial(ledger.reverse, document=reversal, context=context()))
    assert ledger_check.differences() == []


def test_the_establishment_of_a_store_is_not_undone(store: Store) -> None:
    document = store.documents.get(kind="ESTABLISHMENT")
    error = refused(errors.CannotReverse, partial(ledger.reverse, document=document, context=context()))
    assert str(error) == "This document cannot be cancelled; record a new one instead."


def test_what_was_used_meanwhile_cannot_be_undone(store: Store, closed: StockItem) -> None:
    receipt = ledger.receive(store=store, lines=[EntryLine(closed, 5)], context=context())
    opening = ledger.open_vials(store=store, item=closed, vials=11, context=context())
    error = refused(errors.NotEnoughStock, partial(ledger.reverse, document=receipt, context=context()))
    assert (error.have, error.wanted) == (4, 5)  # type: ignore[attr-defined]
    ledger.consume(store=store, item=opened(opening), doses=1, context=context())
    refused(errors.NotEnoughStock, partial(ledger.reverse, document=opening, context=context()))


# --- double sends -------------------------------------------------------------------------------


def test_a_form_sent_twice_is_recorded_once_whatever_it_is(store: Store, closed: StockItem, dose: StockItem) -> None:
    there = site_store()
    dispatch = ledger.send(store=store, to=there, lines=[EntryLine(closed, 1)], context=context())
    receipt = ledger.receive(store=store, lines=[EntryLine(closed, 1)], context=context())
    one = [EntryLine(closed, 1)]
    acts: list[Callable[..., StockDocument]] = [
        partial(ledger.receive, store=store, lines=one),
        partial(ledger.send, store=store, to=there, lines=one),
        partial(ledger.confirm_delivery, dispatch=dispatch, counted={closed.pk: 1}),
        partial(ledger.issue, store=store, lines=one, outside_party="Nemocnice"),
        partial(ledger.change_storage, store=store, item=closed, vials=1, to=StorageCondition.THAWED),
        partial(ledger.open_vials, store=store, item=closed, vials=1),
        # All that is left: a second time there would not be enough.
        partial(ledger.consume, store=store, item=dose, doses=13),
        partial(ledger.waste, store=store, lines=one, reason="BROKEN"),
        partial(ledger.reverse, document=receipt),
    ]
    for what in acts:
        once = context(key=uuid4())
        first = what(context=once)
        before = snapshot()
        assert what(context=once) == first
        assert snapshot() == before
    have = balance(store, closed)
    stocktake = partial(ledger.take_stock, store=store, counts=[Count(closed, have, 1)], context=context(key=uuid4()))
    assert stocktake() == stocktake()
    assert balance(store, closed) == 1


def test_a_store_established_twice_by_one_form_is_one(closed: StockItem) -> None:
    site = VaccinationSite.objects.create(name="Hala", district_id="CZ0642", address="Brno")
    establish = partial(ledger.establish, site=site, lines=[EntryLine(closed, 5)], context=context(key=uuid4()))
    assert establish() == establish()
    assert balance(site.store, closed) == 5


# --- the past stays -----------------------------------------------------------------------------


@pytest.mark.parametrize("model", [StockDocument, StockMovement])
def test_documents_and_movements_are_never_edited_nor_deleted_through_django(store: Store, model: Any) -> None:
    row = model.objects.last()
    for what in (row.save, row.delete, model.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            what()
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE logistics_stockdocument SET happened_on = '2021-01-01'",
        "DELETE FROM logistics_stockdocument",
        "UPDATE logistics_stockmovement SET quantity = 1",
        "DELETE FROM logistics_stockmovement",
    ],
)
def test_documents_and_movements_are_never_edited_nor_deleted_through_sql(store: Store, sql: str) -> None:
    with pytest.raises(DatabaseError, match="Cannot update or delete rows"), transaction.atomic():
        execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE logistics_stockbalance SET quantity = quantity + 1",
        "DELETE FROM logistics_stockbalance",
        "INSERT INTO logistics_stockbalance (store_id, item_id, quantity) SELECT max(store_id), 1, 5"
        " FROM logistics_stockbalance",
    ],
)
def test_nobody_touches_a_balance_by_hand(store: Store, sql: str) -> None:
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        execute(sql)
    assert caught.value.__cause__.sqlstate == "CR100"  # type: ignore[union-attr]


def test_an_item_is_never_edited(store: Store, closed: StockItem) -> None:
    closed.doses_per_vial = 5
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        closed.save()
    assert caught.value.__cause__.sqlstate == "CR106"  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_a_document_is_closed_with_its_transaction() -> None:
    """Nobody adds a line to what is on paper already; within the transaction, savepoints or not, there may be more."""
    closed, swab = vials(), swabs()
    store = site_store()
    with transaction.atomic():
        with transaction.atomic():
            document = ledger.receive(store=store, lines=[EntryLine(closed, 1)], context=context())
        with transaction.atomic():
            StockMovement.objects.create(document=document, item=swab, quantity=1)
    with pytest.raises(DatabaseError) as caught:
        StockMovement.objects.create(document=document, item=vials("FE8405"), quantity=1)
    assert caught.value.__cause__.sqlstate == "CR105"  # type: ignore[union-attr]
    assert document.movements.count() == 2
    assert ledger_check.differences() == []


def test_movements_of_many_documents_and_stores_may_come_in_one_statement(closed: StockItem) -> None:
    """As an import writes them; the balance moves by their sum."""
    stores = [site_store(EntryLine(closed, 5)) for _ in range(3)]
    documents = [
        StockDocument(kind=kind, store=store, happened_on=NOW.date(), recorded_at=NOW, reason=reason)
        for store in stores
        for kind, reason in (("RECEIPT", ""), ("WASTE", "BROKEN"))
    ]
    StockDocument.objects.bulk_create(documents)
    StockMovement.objects.bulk_create(
        StockMovement(document=document, item=closed, quantity=7 if document.kind == "RECEIPT" else -12)
        for document in documents
    )
    assert [balance(store, closed) for store in stores] == [0, 0, 0]
    assert ledger_check.differences() == []
