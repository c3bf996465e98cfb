"""The ledger adds up: each act on its own, and what it refuses."""

from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from logistics import errors, items, ledger
from logistics.ledger import Act, Line
from logistics.models import Batch, StockBalance, StockItem, Store, VaccinationSite, Vaccine

NOW = datetime(2027, 1, 11, 9, 0, tzinfo=ZoneInfo("Europe/Prague"))
ACT = Act(by=None, now=NOW)


@pytest.fixture
def store(db: None) -> Store:
    site = VaccinationSite.objects.create(name="Výstaviště Brno", district_id="CZ0642", address="Brno")
    return ledger.establish(site=site, act=ACT)


@pytest.fixture
def other(db: None) -> Store:
    return ledger.establish(name="Distributor", act=ACT)


@pytest.fixture
def vials(db: None) -> StockItem:
    batch = Batch.objects.create(
        vaccine=Vaccine.objects.get(pk="comirnaty"), number="EJ6797", expires_on=date(2027, 3, 31)
    )
    return items.vaccine_item(batch=batch, doses_per_vial=6)


def balance(store: Store, item: StockItem) -> int:
    return StockBalance.objects.filter(store=store, item=item).values_list("quantity", flat=True).first() or 0


def test_the_day_of_a_store(store: Store, other: Store, vials: StockItem) -> None:
    ledger.receive(store=store, lines=[Line(vials, 10)], act=ACT)
    opening = ledger.open_vials(store=store, item=vials, vials=2, doses=13, act=ACT)
    opened = StockItem.objects.get(storage="OPEN")
    ledger.consume(store=store, item=opened, doses=12, act=ACT)
    with pytest.raises(errors.NotEnoughStock) as refused:
        ledger.consume(store=store, item=opened, doses=2, act=ACT)
    assert (refused.value.have, refused.value.wanted) == (1, 2)
    with pytest.raises(errors.NotEnoughStock):
        ledger.reverse(document=opening, act=ACT)
    dispatch = ledger.send(store=store, to=other, lines=[Line(vials, 3)], act=ACT)
    with pytest.raises(errors.DifferenceNeedsReason):
        ledger.confirm_delivery(dispatch=dispatch, counted={vials.pk: 2}, act=ACT)
    delivery = ledger.confirm_delivery(dispatch=dispatch, counted={vials.pk: 2}, reason="LOST", act=ACT)
    assert (balance(store, vials), balance(store, opened), balance(other, vials)) == (5, 1, 2)
    with pytest.raises(errors.NotInTransit):
        ledger.confirm_delivery(dispatch=dispatch, counted={vials.pk: 3}, act=ACT)
    ledger.reverse(document=delivery, act=ACT)
    ledger.confirm_delivery(dispatch=dispatch, counted={vials.pk: 3}, act=ACT)
    assert balance(other, vials) == 3


def test_a_form_sent_twice_is_recorded_once(store: Store, vials: StockItem) -> None:
    act = Act(by=None, now=NOW, request_key=uuid4())
    first = ledger.receive(store=store, lines=[Line(vials, 10)], act=act)
    assert ledger.receive(store=store, lines=[Line(vials, 10)], act=act) == first
    assert balance(store, vials) == 10


def test_a_blocked_batch_is_not_opened(store: Store, vials: StockItem) -> None:
    ledger.receive(store=store, lines=[Line(vials, 10)], act=ACT)
    Batch.objects.update(blocked_at=NOW, block_reason="Recall")
    with pytest.raises(errors.BatchBlocked):
        ledger.open_vials(store=store, item=vials, vials=1, act=ACT)
    ledger.waste(store=store, lines=[Line(vials, 10)], reason="BLOCKED", act=ACT)
    assert balance(store, vials) == 0
