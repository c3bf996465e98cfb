"""Batches: registered once, blocked everywhere at once, extended with a reason, found wherever they are or were."""

from datetime import date, timedelta
from functools import partial
from importlib import import_module

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.migrations import AddConstraint, RunSQL

from crs.messaging.models import Message
from crs.no_break import breakable
from logistics.models import Batch, Region, Role, StockBalance, StockItem, Store, Vaccine
from logistics.stock import items, ledger
from logistics.stock.errors import BatchBlocked
from logistics.stock.ledger import EntryLine
from logistics.vaccines import batches, errors
from tests.factories import LAST_DAY, NOW, context, make_staff, make_store
from tests.race import race

ACT, EXPIRY = context(), LAST_DAY


@pytest.fixture
def comirnaty(db: None) -> Vaccine:
    return Vaccine.objects.get(pk="comirnaty")


@pytest.fixture
def brno(db: None) -> Store:
    return _store_of("Výstaviště Brno")


@pytest.fixture
def batch(comirnaty: Vaccine) -> Batch:
    return batches.register(vaccine=comirnaty, number="EJ6797", expires_on=EXPIRY, by=None, now=NOW)


@pytest.fixture
def minister(db: None) -> User:
    return make_staff(Role.MINISTRY, name="ministr")


def _store_of(name: str) -> Store:
    return make_store(name=name, district="CZ0642")


def _receive(store: Store, batch: Batch, vials: int) -> StockItem:
    item = items.vaccine_item(batch=batch, doses_per_vial=6)
    ledger.receive(store=store, lines=[EntryLine(item, vials)], context=ACT)
    return item


@pytest.mark.parametrize("typed", ["AB-1/2", "ab–1⁄2", "ＡＢ−１∕２", "A\u3164B\u00ad-1/2\ufe0f"])
def test_a_number_is_kept_in_the_signs_of_a_keyboard(typed: str) -> None:
    assert batches.as_kept(typed) == "AB-1/2"


def test_a_batch_is_known_once_however_it_is_typed(comirnaty: Vaccine, batch: Batch) -> None:
    again = batches.register(vaccine=comirnaty, number=" ej 6797 ", expires_on=EXPIRY, by=None, now=NOW)
    assert again == batch
    assert batch.number == "EJ6797"


@pytest.mark.parametrize("number", ["", "EJ#6797", "EJ\\6797", "ŠARŽE1", "A" * 21, "EJ6797\x00", "EJ–67", "-", "???"])
def test_what_is_no_number_of_a_batch_is_refused(comirnaty: Vaccine, number: str) -> None:
    with pytest.raises(errors.WrongBatchNumber):
        batches.register(vaccine=comirnaty, number=number, expires_on=EXPIRY, by=None, now=NOW)


@pytest.mark.parametrize("number", ["A", "1", "AB/123", "22E1", "10-12", "00123", "=1+1", "A.B_C", "1!\"%&'()*,:;<>?"])
def test_whatever_gs1_allows_in_a_batch_is_recorded(comirnaty: Vaccine, number: str) -> None:
    recorded = batches.register(vaccine=comirnaty, number=number, expires_on=EXPIRY, by=None, now=NOW)
    assert Batch.objects.get(pk=recorded.pk).number == number
    recorded.full_clean()


@pytest.mark.parametrize("number", ["ŠARŽE1", "EJ#6797", "ej6797", "EJ 6797"])
def test_the_database_holds_no_other(comirnaty: Vaccine, number: str) -> None:
    with pytest.raises(IntegrityError, match="batch_number_as_gs1_allows"), transaction.atomic():
        Batch.objects.create(vaccine=comirnaty, number=number, expires_on=EXPIRY)


def test_a_number_of_signs_alone_that_was_recorded_before_stands_in_no_way(comirnaty: Vaccine) -> None:
    migration = import_module("logistics.migrations.0010_batch_numbers_as_gs1_allows").Migration
    (check,) = (one.constraint for one in migration.operations if isinstance(one, AddConstraint))
    (cleaning,) = (str(one.sql) for one in migration.operations if isinstance(one, RunSQL))
    with connection.schema_editor() as schema, connection.cursor() as cursor:
        schema.remove_constraint(Batch, check)
        kept, odd = (
            Batch.objects.create(vaccine=comirnaty, number=number, expires_on=EXPIRY) for number in ("E-1", "---")
        )
        cursor.execute(cleaning)
        schema.add_constraint(Batch, check)
    odd.refresh_from_db()
    kept.refresh_from_db()
    assert (kept.number, odd.number) == ("E-1", f"NO-NUMBER-{odd.pk}")
    assert set(odd.events.values_list("number", flat=True)) == {"---", odd.number}  # type: ignore[attr-defined]


@pytest.mark.parametrize("typed", [" ej 6797 ", "EJ\u200b6797", "ＥＪ６７９７", "ej\u00a06797\r\n"])
def test_a_number_is_kept_as_printed_however_it_is_typed(typed: str) -> None:
    assert batches.as_kept(typed) == "EJ6797"


def test_another_expiry_is_refused_and_ours_is_named(comirnaty: Vaccine, batch: Batch) -> None:
    with pytest.raises(errors.ExpiryDiffers, match=r"31\.\xa03\.\xa02027") as refused:
        batches.register(vaccine=comirnaty, number="EJ6797", expires_on=date(2027, 4, 30), by=None, now=NOW)
    assert refused.value.expires_on == EXPIRY


def test_a_year_typed_wrong_is_refused(comirnaty: Vaccine) -> None:
    with pytest.raises(errors.WrongExpiry):
        batches.register(vaccine=comirnaty, number="EJ6797", expires_on=date(2072, 3, 31), by=None, now=NOW)


def test_vials_with_the_old_print_are_taken_after_an_extension(
    comirnaty: Vaccine, batch: Batch, minister: User
) -> None:
    longer = date(2027, 6, 30)
    batches.change_expiry(batch=batch, expires_on=longer, reason="EMA 9 months", by=minister, now=NOW)
    for printed in (EXPIRY, longer):
        assert (
            batches.register(vaccine=comirnaty, number="EJ6797", expires_on=printed, by=None, now=NOW).expires_on
            == longer
        )
    with pytest.raises(errors.SameExpiry):
        batches.change_expiry(batch=batch, expires_on=longer, reason="again", by=minister, now=NOW)


def test_a_block_is_felt_in_every_store_and_ends_with_the_unblocking(batch: Batch, brno: Store, minister: User) -> None:
    znojmo = _store_of("Znojmo")
    for store in (brno, znojmo):
        item = _receive(store, batch, 2)
    batches.block(batch=batch, reason="Particles in vials", by=minister, now=NOW)
    for store in (brno, znojmo):
        with pytest.raises(BatchBlocked, match="Particles in vials"):
            ledger.open_vials(store=store, item=item, vials=1, context=ACT)
    with pytest.raises(errors.AlreadyBlocked):
        batches.block(batch=batch, reason="again", by=minister, now=NOW)
    batches.unblock(batch=batch, reason="Laboratory found nothing", by=minister, now=NOW)
    ledger.open_vials(store=brno, item=item, vials=1, context=ACT)
    with pytest.raises(errors.NotBlocked):
        batches.unblock(batch=batch, reason="again", by=minister, now=NOW)


def test_the_history_says_who_when_and_why(batch: Batch, minister: User) -> None:
    batches.block(batch=batch, reason="Particles", by=minister, now=NOW)
    batches.unblock(batch=batch, reason="Nothing found", by=minister, now=NOW)
    told = [row.pgh_context.metadata for row in batch.events.order_by("pgh_id") if row.pgh_context]  # type: ignore[attr-defined]
    assert [(row["operation"], row.get("user"), row.get("reason")) for row in told] == [
        ("logistics.register_batch", None, None),
        ("logistics.block_batch", minister.pk, "Particles"),
        ("logistics.unblock_batch", minister.pk, "Nothing found"),
    ]


def test_nothing_is_changed_without_a_reason_nor_without_a_number(
    comirnaty: Vaccine, batch: Batch, minister: User
) -> None:
    with pytest.raises(errors.ReasonMissing):
        batches.block(batch=batch, reason="  ", by=minister, now=NOW)
    unpublished = Batch.objects.get_or_create(vaccine=comirnaty, number="")[0]
    with pytest.raises(errors.BatchNotPublished):
        batches.block(batch=unpublished, reason="all of it", by=minister, now=NOW)


def test_a_region_and_a_distributor_that_hold_it_are_told_too(batch: Batch, brno: Store, minister: User) -> None:
    assert brno.site is not None
    region = brno.site.lies_in
    for role in (Role.REGION, Role.DISTRIBUTOR):
        make_staff(role, region=region if role == Role.REGION else None, name=role.lower())
    make_staff(Role.REGION, region=Region.objects.exclude(pk=region.pk).first(), name="elsewhere")
    _receive(brno, batch, 1)
    batches.block(batch=batch, reason="Particles", by=minister, now=NOW)
    assert not Message.objects.exists()

    batches.unblock(batch=batch, reason="Nothing found", by=minister, now=NOW)
    distributor = ledger.establish(name="Avenier", context=ACT)
    item = _receive(distributor, batch, 2)
    ledger.send(
        store=distributor, to=ledger.establish(region=region, context=ACT), lines=[EntryLine(item, 1)], context=ACT
    )
    batches.block(batch=batch, reason="Particles after all", by=minister, now=NOW)
    told = Message.objects.values_list("recipient", flat=True)
    assert sorted(told) == ["distributor@example.cz", "region@example.cz"]


def test_those_who_hold_or_await_it_are_told(batch: Batch, brno: Store, minister: User) -> None:
    znojmo, elsewhere = _store_of("Znojmo"), _store_of("Vyškov")
    distributor = ledger.establish(name="Avenier", phone="+420 210 000 000", context=ACT)
    ledger.establish(name="Another", phone="+420 220 000 000", context=ACT)
    item = _receive(distributor, batch, 5)
    _receive(brno, batch, 1)
    ledger.send(store=distributor, to=znojmo, lines=[EntryLine(item, 2)], context=ACT)
    for store in (brno, znojmo, elsewhere):
        for role in (Role.MANAGER, Role.STOCK_KEEPER, Role.VACCINATOR):
            make_staff(role, site=store.site, name=f"{role.lower()}-{store.pk}")
    make_staff(Role.STOCK_KEEPER, site=znojmo.site, name=f"manager-{brno.pk}")  # one person, two reasons
    batches.block(batch=batch, reason="Particles", by=minister, now=NOW)
    told = Message.objects.values_list("recipient", flat=True)
    assert sorted(told) == sorted(
        f"{role}-{store.pk}@example.cz" for store in (brno, znojmo) for role in ("manager", "stock_keeper")
    )
    letter = Message.objects.first()
    assert letter is not None
    assert "EJ6797" in letter.subject
    assert "Particles" in (letter.text or "")
    assert "Avenier: +420 210 000 000" in breakable(letter.text or "")
    assert "Another" not in (letter.text or "")


@pytest.mark.django_db(transaction=True)
def test_after_a_block_returned_nobody_opens() -> None:
    comirnaty = Vaccine.objects.get(pk="comirnaty")
    batch = batches.register(vaccine=comirnaty, number="EJ6797", expires_on=EXPIRY, by=None, now=NOW)
    stores = [_store_of(f"Site {number}") for number in range(3)]
    minister = make_staff(Role.MINISTRY)
    for store in stores:
        item = _receive(store, batch, 10)

    def open_until_refused(store: Store) -> int:
        for opened in range(10):
            try:
                ledger.open_vials(store=store, item=item, vials=1, context=ACT)
            except BatchBlocked:
                return opened
        return 10

    def block() -> int:
        batches.block(batch=batch, reason="Particles", by=minister, now=NOW + timedelta(minutes=1))
        # What is closed at the moment in which the block returned stays closed.
        return sum(StockBalance.objects.filter(item=item).values_list("quantity", flat=True))

    outcomes = race(*(partial(open_until_refused, store) for store in stores), block)
    assert all(isinstance(outcome, int) for outcome in outcomes), outcomes
    assert outcomes[-1] == 30 - sum(outcomes[:-1])
    assert outcomes[-1] == sum(StockBalance.objects.filter(item=item).values_list("quantity", flat=True))


@pytest.mark.django_db(transaction=True)
def test_two_sites_that_meet_a_batch_at_once_know_one_batch() -> None:
    comirnaty = Vaccine.objects.get(pk="comirnaty")
    meet = partial(batches.register, vaccine=comirnaty, number="FE8405", expires_on=EXPIRY, by=None, now=NOW)
    outcomes = race(*[meet] * 4)
    assert {batch.pk for batch in outcomes} == {Batch.objects.get(number="FE8405").pk}
