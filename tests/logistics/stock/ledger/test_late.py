"""What was recorded later than it happened, and doses that a vial gave beyond those recorded at its opening."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from crs.no_break import breakable
from logistics.models import Batch, StockDocument, StockItem, Store
from logistics.stock import errors, ledger, ledger_check
from logistics.stock.ledger import EntryContext, EntryLine
from tests.factories import NOW, PRAGUE, balance, context, make_store, make_swabs, opened
from tests.logistics.stock.ledger.proofs import KEEPS, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

NEXT_DAY = NOW + timedelta(days=1)


def late(happened_at: datetime, now: datetime = NEXT_DAY) -> EntryContext:
    return EntryContext(by=None, now=now, happened_at=happened_at)


def block(at: datetime) -> None:
    Batch.objects.filter(number="EJ6797").update(blocked_at=at, block_reason="Recall")


# --- late entries -------------------------------------------------------------------------------


def test_a_late_entry_keeps_both_times_and_belongs_to_the_day_on_which_it_happened(
    store: Store, dose: StockItem
) -> None:
    at = NOW + timedelta(hours=2)
    document = ledger.consume(store=store, item=dose, doses=1, context=late(at))
    document.refresh_from_db()
    assert (document.happened_at, document.happened_on, document.recorded_at) == (at, NOW.date(), NEXT_DAY)
    assert ledger_check.differences() == []


def test_the_day_of_a_late_entry_is_that_of_prague(store: Store, dose: StockItem) -> None:
    just_after_midnight = datetime(2027, 1, 11, 23, 30, tzinfo=UTC)
    waste = partial(ledger.waste, store=store, lines=[EntryLine(dose, 1)], reason="SPOILED")
    document = waste(context=late(just_after_midnight, NOW + timedelta(days=3)))
    assert document.happened_on == datetime(2027, 1, 12, tzinfo=PRAGUE).date()


def test_the_clock_of_vials_that_are_recorded_late_began_when_they_were_opened(store: Store, closed: StockItem) -> None:
    at = NOW + timedelta(hours=1)
    document = ledger.open_vials(store=store, item=closed, vials=1, context=late(at))
    assert opened(document).use_by == at + KEEPS["OPEN"]
    ledger.consume(store=store, item=opened(document), doses=1, context=late(at + KEEPS["OPEN"]))
    after = late(at + KEEPS["OPEN"] + timedelta(minutes=1))
    refused(errors.UseByPassed, partial(ledger.consume, store=store, item=opened(document), doses=1, context=after))


def test_what_was_used_before_the_batch_was_blocked_may_still_be_recorded(store: Store, dose: StockItem) -> None:
    at = NOW + timedelta(hours=2)
    block(at)
    use = partial(ledger.consume, store=store, item=dose, doses=1)
    use(context=late(at - timedelta(seconds=1)))
    refused(errors.BatchBlocked, partial(use, context=late(at)))
    refused(errors.BatchBlocked, partial(use, context=late(at + timedelta(hours=1))))
    # Without a time nothing is softer than it was, not even for a clock that is wrong.
    refused(errors.BatchBlocked, partial(use, context=context(at - timedelta(hours=1))))


def test_what_was_used_on_the_last_day_of_a_batch_may_be_recorded_on_the_next_one(
    store: Store, closed: StockItem
) -> None:
    Batch.objects.update(expires_on=NOW.date())
    ledger.open_vials(store=store, item=closed, vials=1, context=late(NOW))
    refused(errors.BatchExpired, partial(ledger.open_vials, store=store, item=closed, vials=1, context=late(NEXT_DAY)))


def test_nothing_happened_in_the_future_nor_before_the_store(store: Store, dose: StockItem) -> None:
    use = partial(ledger.consume, store=store, item=dose, doses=1)
    error = refused(errors.NotFromTheFuture, partial(use, context=late(NEXT_DAY + timedelta(seconds=1))))
    assert str(error) == "The time lies in the future. Write the time at which it really happened."
    error = refused(errors.BeforeTheStore, partial(use, context=late(NOW - timedelta(days=1))))
    assert breakable(str(error)) == "The store keeps its stock in CRS only since 11. 1. 2027. Check the day."
    use(context=late(NEXT_DAY - timedelta(hours=20)))


def test_other_entries_happen_when_they_are_recorded(store: Store, closed: StockItem) -> None:
    """A pack that is sent away, or put right, is not sent in the past: the block holds."""
    block(NOW + timedelta(hours=2))
    lines, past = [EntryLine(closed, 1)], late(NOW + timedelta(hours=1))
    refused(errors.BatchBlocked, partial(ledger.send, store=store, to=make_store(), lines=lines, context=past))
    document = ledger.receive(store=store, lines=lines, context=past)
    assert (document.happened_at, document.happened_on) == (None, NEXT_DAY.date())


# --- extra doses --------------------------------------------------------------------------------


def test_a_vial_gives_at_most_two_doses_more_than_it_was_delivered_for(store: Store, closed: StockItem) -> None:
    dose = opened(ledger.open_vials(store=store, item=closed, vials=1, doses=6, context=context()))
    add = partial(ledger.add_extra_dose, store=store, item=dose, context=context())
    document = add(doses=1)
    assert (document.kind, document.reason) == ("STOCKTAKE", "EXTRA_DOSE")
    error = refused(errors.WrongDoses, partial(add, doses=2))
    assert str(error) == "So many doses cannot be in these vials: at least 1 and at most 8."
    add(doses=1)
    refused(errors.WrongDoses, partial(add, doses=1))
    assert balance(store, dose) == 8
    assert ledger_check.differences() == []


def test_doses_used_or_thrown_away_make_no_room_for_another_extra_dose(store: Store, closed: StockItem) -> None:
    dose = opened(ledger.open_vials(store=store, item=closed, vials=1, doses=8, context=context()))
    ledger.consume(store=store, item=dose, doses=5, context=context())
    ledger.waste(store=store, lines=[EntryLine(dose, 3)], reason="LEFT_OVER", context=context())
    refused(errors.WrongDoses, partial(ledger.add_extra_dose, store=store, item=dose, doses=1, context=context()))


def test_a_reversed_extra_dose_may_be_counted_again(store: Store, closed: StockItem) -> None:
    dose = opened(ledger.open_vials(store=store, item=closed, vials=1, doses=7, context=context()))
    add = partial(ledger.add_extra_dose, store=store, item=dose, doses=1, context=context())
    ledger.reverse(document=add(), context=context())
    add()
    refused(errors.WrongDoses, add)
    assert balance(store, dose) == 8


def test_extra_doses_are_of_vials_that_this_store_opened(store: Store, closed: StockItem, dose: StockItem) -> None:
    add = partial(ledger.add_extra_dose, doses=1, context=context())
    refused(errors.WrongDoses, partial(add, store=make_store(EntryLine(closed, 1)), item=dose))
    for other in (closed, make_swabs()):
        refused(errors.NotOpened, partial(add, store=store, item=other))
    refused(errors.NothingToRecord, partial(ledger.add_extra_dose, store=store, item=dose, doses=0, context=context()))
    assert StockDocument.objects.filter(reason="EXTRA_DOSE").count() == 0
