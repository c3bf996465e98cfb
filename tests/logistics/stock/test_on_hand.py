"""What the screens say of stock: amounts in words, marks, and the order in which vials are to be used."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.translation import override

from logistics.models import Material, Pack, StockItem, StorageCondition, StorageRule, Vaccine
from logistics.stock import items, ledger, on_hand
from logistics.stock.errors import NoSuchStorage
from logistics.stock.forms.receiving import product_of, products
from tests.factories import NOW, context, make_store, make_vials, put

pytestmark = pytest.mark.usefixtures("clock")

TODAY = NOW.date()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("quantity", "czech"),
    [(1, "1\xa0ampulka"), (2, "2\xa0ampulky"), (5, "5\xa0ampulek"), (1170, "1\xa0170\xa0ampulek")],
)
def test_amounts_are_declined(quantity: int, czech: str) -> None:
    with override("cs"):
        assert on_hand.amount(make_vials(), quantity) == czech


@pytest.mark.django_db
def test_doses_and_pieces_are_declined() -> None:
    material = StockItem(material=Material.objects.get(pk="swab"))
    with override("cs"):
        assert [on_hand.doses_text(number) for number in (1, 3, 6)] == ["1\xa0dávka", "3\xa0dávky", "6\xa0dávek"]
        assert [on_hand.amount(material, number) for number in (1, 4, 9)] == ["1\xa0kus", "4\xa0kusy", "9\xa0kusů"]


@pytest.mark.django_db
def test_what_runs_out_first_is_used_first_and_what_must_not_be_used_last(in_english: None) -> None:
    store, now = make_store(), timezone.now()
    late, early, gone = (
        make_vials("LATE01", expires_on=TODAY + timedelta(days=90)),
        make_vials("EARLY1", expires_on=TODAY + timedelta(days=60)),
        make_vials("GONE01", expires_on=TODAY - timedelta(days=1)),
    )
    for item in (gone, late, early):
        put(store, item, 5)
    ledger.change_storage(store=store, item=late, vials=2, to=StorageCondition.THAWED, context=context())
    order = on_hand.first_to_use(on_hand.holdings(store, now))
    said = [(holding.item.batch.number, holding.item.storage) for holding in order if holding.item.batch]
    assert said == [("LATE01", "THAWED"), ("EARLY1", "STORED"), ("LATE01", "STORED"), ("GONE01", "STORED")]
    assert [holding.is_usable for holding in order] == [True, True, True, False]
    assert [row.batch.number for row in on_hand.contents(store, now).batches] == ["GONE01", "EARLY1", "LATE01"]


@pytest.mark.django_db
def test_a_clock_that_ran_out_is_marked(in_english: None) -> None:
    store, now = make_store(), timezone.now()
    vials = make_vials()
    put(store, vials, 5)
    ledger.open_vials(store=store, item=vials, vials=1, context=context())
    opened = next(holding for holding in on_hand.holdings(store, now) if holding.item.is_open)
    assert opened.mark is None
    later = on_hand.Holding(opened.item, opened.quantity, now + timedelta(hours=7))
    assert later.mark is not None
    assert (later.mark.kind, later.is_usable, later.waste_reason) == ("past", False, "EXPIRED")


@pytest.mark.django_db
def test_moves_are_those_that_the_rules_of_the_vaccine_know() -> None:
    found = [
        on_hand.Holding(item, 5, timezone.now())
        for item in (make_vials(), make_vials("ABV5300", vaccine="vaxzevria"), make_vials("XD955", vaccine="janssen"))
    ]
    with override("en"):
        moves = on_hand.moves(found, today=TODAY)
    assert moves[found[0].item.pk] == "freezer / thawed, in the fridge / out of the fridge"
    assert found[1].item.pk not in moves
    assert "freezer" not in moves[found[2].item.pk]


@pytest.mark.django_db
def test_a_condition_that_the_newest_rule_withdraws_is_neither_offered_nor_taken(in_english: None) -> None:
    store, vials = make_store(), make_vials()
    put(store, vials, 5)
    freezer = StorageRule.objects.filter(vaccine="comirnaty", storage=StorageCondition.FREEZER).latest("valid_from")
    StorageRule.objects.create(
        vaccine_id="comirnaty",
        storage=StorageCondition.FREEZER,
        valid_from=freezer.valid_from + timedelta(days=1),
        max_celsius=freezer.max_celsius,
        keeps=None,
    )
    moves = on_hand.moves(on_hand.holdings(store, timezone.now()), today=TODAY)
    assert moves == {vials.pk: "thawed, in the fridge / out of the fridge"}
    with pytest.raises(NoSuchStorage):
        ledger.change_storage(store=store, item=vials, vials=1, to=StorageCondition.FREEZER, context=context())


@pytest.mark.django_db
def test_products_are_vaccines_by_doses_a_vial_the_newest_kind_first() -> None:
    keys = [key for key, _label in products()]
    assert keys.count("comirnaty:6") == 1
    assert keys.index("comirnaty:6") < keys.index("comirnaty:5")
    assert product_of("comirnaty", None) == "comirnaty:6"
    assert product_of("comirnaty", 5) == "comirnaty:5"
    assert product_of("comirnaty", 7) == "comirnaty:6"
    Pack.objects.all().delete()
    assert product_of("comirnaty", 6) == ""


@pytest.mark.django_db
def test_a_batch_without_a_number_has_no_mark() -> None:
    batch = Vaccine.objects.get(pk="comirnaty").batches.create(number="", expires_on=None)
    item = items.vaccine_item(batch=batch, doses_per_vial=6)
    assert on_hand.Holding(item, 1, timezone.now()).mark is None
