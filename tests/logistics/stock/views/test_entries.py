"""The keeper's screens: each entry of the ledger through its page."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from logistics.models import Batch, Material, Pack, StockDocument, StockItem, Store
from logistics.stock import items, ledger
from tests.factories import NOW, balance, context, make_store, make_vials, put
from tests.logistics.stock.conftest import page
from tests.pages import send_form, summary, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
Kind = StockDocument.Kind
TODAY = NOW.date()


@pytest.mark.parametrize("trouble", ["blocked", "expired"])
def test_what_must_not_be_used_is_refused_by_post_as_well(keeper: Client, store: Store, trouble: str) -> None:
    item = make_vials("BAD001", expires_on=TODAY - timedelta(days=1) if trouble == "expired" else TODAY)
    if trouble == "blocked":
        Batch.objects.update(blocked_at=timezone.now(), block_reason="Quality defect")
    put(store, item, 5)
    other = make_store(name="Nemocnice Písek")
    reason = "Quality defect" if trouble == "blocked" else "expired"
    for path, fields in (
        (page("open", store), {"item": item.pk, "vials": 1}),
        (page("send", store) + f"?kam={other.pk}", {f"item-{item.pk}": 1}),
        (page("send", store) + "?kam=ven", {f"item-{item.pk}": 1, "outside_party": "Ordinace"}),
        (page("storage", store), {"item": item.pk, "vials": 1, "to": "THAWED"}),
    ):
        answer = send_form(keeper, path, **fields)
        assert answer.status_code == 200, path
        assert reason in summary(answer), path
    distributor = ledger.establish(name="Avenier", context=context())
    send_form(keeper, page("send", store) + f"?kam={distributor.pk}", **{f"item-{item.pk}": 2})
    send_form(keeper, page("waste", store), **{f"item-{item.pk}": 3, "reason": "EXPIRED"})
    assert balance(store, item) == 0


def test_receiving_vials_of_a_new_batch(keeper: Client, store: Store) -> None:
    assert keeper.get(page("receive", store)).status_code == 200
    year = TODAY.year + 1
    fields = {
        "product": "comirnaty:6",
        "number": "fe 8405",
        "expires_on": f"02/{year}",
        "vials": 195,
        "outside_party": "Pfizer",
    }
    answer = send_form(keeper, page("receive", store), **fields)
    document = StockDocument.objects.get(kind=Kind.RECEIPT)
    assert answer.headers["Location"] == page("store", store) + f"?zapsano={document.pk}"
    batch = Batch.objects.get(number="FE8405")
    assert batch.expires_on == date(year, 3, 1) - timedelta(days=1)
    assert (document.recorded_by.get_username(), document.outside_party) == ("karel", "Pfizer")  # type: ignore[union-attr]
    shown = keeper.get(answer.headers["Location"]).content.decode()
    assert document.number in shown
    assert page("reverse", store, document.pk) in shown
    # The next one: the same supplier is offered, a known batch needs no expiry.
    assert 'value="Pfizer"' in keeper.get(page("receive", store)).content.decode()
    again = {"product": "comirnaty:6", "number": "FE8405", "vials": 5, "another": "yes"}
    answer = send_form(keeper, page("receive", store), **again)
    assert answer.headers["Location"].startswith(page("receive", store))
    assert "Recorded:" in keeper.get(answer.headers["Location"]).content.decode()
    assert balance(store, StockItem.objects.get(batch=batch)) == 200


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"expires_on": "31. 2. 2090"}, "Write it as 03/2027"),
        ({"expires_on": "1. 1. 2020"}, "This day has passed"),
        ({"expires_on": ""}, "This batch is new here"),
        ({"vials": "0"}, "from 1 to"),
        ({"number": "?"}, "1 to 20"),
        ({"product": "vaxzevria:10", "thawed_until": "2099-01-01T10:00"}, "This vaccine is not thawed"),
        ({"thawed_until": "2020-01-01T10:00"}, "This time has passed"),
        ({"thawed_until": f"{TODAY + timedelta(days=80)}T10:00"}, "longer than these vials keep"),
    ],
)
def test_a_refused_receipt_keeps_what_was_typed(
    keeper: Client, store: Store, wrong: dict[str, str], words: str
) -> None:
    good = {"product": "comirnaty:6", "number": "FE8405", "expires_on": f"{TODAY + timedelta(days=90)}", "vials": "12"}
    answer = send_form(keeper, page("receive", store), **{**good, "outside_party": "Pfizer CZ", **wrong})
    assert answer.status_code == 200
    assert words in summary(answer)
    assert 'value="Pfizer CZ"' in answer.content.decode()
    assert not Batch.objects.filter(number="FE8405").exists()


def test_vials_that_came_thawed_have_their_use_by(keeper: Client, store: Store) -> None:
    until = timezone.localtime() + timedelta(days=5)
    fields = {"product": "comirnaty:6", "number": "FE8405", "expires_on": f"{TODAY + timedelta(days=90)}", "vials": 12}
    send_form(keeper, page("receive", store), **fields, thawed_until=f"{until:%Y-%m-%dT%H:%M}")
    item = StockItem.objects.get(batch__number="FE8405")
    assert (item.storage, item.use_by) == ("THAWED", until.replace(second=0, microsecond=0))


def test_materials_are_received_several_at_once(keeper: Client, store: Store) -> None:
    fields = {"material-syringe-1ml": 100, "material-swab": 200, "material-outside_party": ""}
    keeper.post(page("receive", store), fields)
    shown = text_of(keeper.get(page("store", store)))
    assert "100 pieces" in shown
    assert "200 pieces" in shown
    empty = keeper.post(page("receive", store), {"material-outside_party": ""})
    assert "Nothing was filled in" in summary(empty)


def test_a_scanned_code_fills_the_receipt(keeper: Client, store: Store) -> None:
    pack = Pack.objects.get(vaccine="comirnaty", doses_per_vial=6, vials=195)
    Pack.objects.filter(pk=pack.pk).update(gtin="05415062397534")
    year = (TODAY.year + 1) % 100
    code = f"01054150623975341 7{year}033110FE8405".replace(" ", "")
    answer = send_form(keeper, page("receive", store), scan=code, outside_party="Pfizer", vials="")
    shown = answer.content.decode()
    assert re.search(r'value="comirnaty:6"\s+selected', shown)
    assert 'value="FE8405"' in shown
    assert f'value="31. 3. {TODAY.year + 1}"' in shown
    assert 'value="Pfizer"' in shown
    assert re.search(r'name="vials"[^>]*autofocus', shown)
    assert not StockDocument.objects.filter(kind=Kind.RECEIPT).exists()
    unreadable = send_form(keeper, page("receive", store), scan="???", number="FE8405")
    assert "could not be read" in text_of(unreadable)
    assert 'value="FE8405"' in unreadable.content.decode()


def test_a_form_sent_twice_is_recorded_once(keeper: Client, store: Store, vials: StockItem) -> None:
    key = uuid4()
    answers = [
        send_form(keeper, page("open", store), form_key=key, item=vials.pk, vials=2).headers["Location"]
        for _click in range(2)
    ]
    assert answers[0] == answers[1]
    assert balance(store, vials) == 8


def test_an_old_page_sent_with_other_numbers_is_refused_in_words_and_then_recorded(
    keeper: Client, store: Store, vials: StockItem
) -> None:
    key = uuid4()
    send_form(keeper, page("open", store), form_key=key, item=vials.pk, vials=2)
    answer = send_form(keeper, page("open", store), form_key=key, item=vials.pk, vials=3)
    assert "This page was already sent once with something else in it" in summary(answer)
    assert balance(store, vials) == 8
    fresh = re.search(r'name="form_key" value="([^"]+)"', answer.content.decode())
    assert fresh
    send_form(keeper, page("open", store), form_key=fresh[1], item=vials.pk, vials=3)
    assert balance(store, vials) == 5


def test_opening_offers_first_what_expires_first(keeper: Client, store: Store, vials: StockItem) -> None:
    sooner = make_vials("EARLY1", expires_on=TODAY + timedelta(days=20))
    put(store, sooner, 3)
    shown = keeper.get(page("open", store)).content.decode()
    assert re.search(rf'value="{sooner.pk}"[^>]* checked', shown)
    scanned = send_form(keeper, page("open", store), scan="ej6797", vials=2)
    assert re.search(rf'value="{vials.pk}"[^>]* checked', scanned.content.decode())
    assert "is not in this store" in text_of(send_form(keeper, page("open", store), scan="XX1111"))
    Batch.objects.filter(number="EJ6797").update(blocked_at=timezone.now(), block_reason="Quality defect")
    assert "Blocked: Quality defect" in text_of(send_form(keeper, page("open", store), scan="EJ6797"))


def test_an_extra_dose_is_fine_and_three_are_not(keeper: Client, store: Store, vials: StockItem) -> None:
    refused = send_form(keeper, page("open", store), item=vials.pk, vials=1, doses=9)
    assert "at most 8" in summary(refused)
    assert 'value="9"' in refused.content.decode()
    put(store, items.material_item(Material.objects.get(pk="swab")), 100)
    assert "checked" not in keeper.get(page("consume", store)).content.decode()
    send_form(keeper, page("open", store), item=vials.pk, vials=1, doses=7)
    opened = StockItem.objects.get(storage="OPEN")
    assert balance(store, opened) == 7
    send_form(keeper, page("consume", store), item=opened.pk, doses=6)
    assert balance(store, opened) == 1
    refused = send_form(keeper, page("consume", store), item=opened.pk, doses=6, note="afternoon")
    assert "holds only 1" in summary(refused)
    assert 'value="afternoon"' in refused.content.decode()


def test_thawing_starts_the_clock(keeper: Client, store: Store, vials: StockItem) -> None:
    put(store, make_vials("ABV5300", vaccine="vaxzevria"), 5)
    shown = keeper.get(page("storage", store)).content.decode()
    assert "EJ6797" in shown
    assert "ABV5300" not in shown
    send_form(keeper, page("storage", store), item=vials.pk, vials=4, to="THAWED")
    thawed = StockItem.objects.get(storage="THAWED")
    assert balance(store, thawed) == 4
    back = send_form(keeper, page("storage", store), item=thawed.pk, vials=1, to="FREEZER")
    assert "cannot be moved to that kind of storage" in summary(back)


def test_waste_takes_closed_and_opened_at_once(keeper: Client, store: Store, vials: StockItem) -> None:
    ledger.open_vials(store=store, item=vials, vials=1, context=context())
    opened = StockItem.objects.get(storage="OPEN")
    fields = {f"item-{vials.pk}": 2, f"item-{opened.pk}": 6}
    refused = send_form(keeper, page("waste", store), **fields)
    assert "Choose the reason" in summary(refused)
    assert 'value="6"' in refused.content.decode()
    send_form(keeper, page("waste", store), **fields, reason="LEFT_OVER")
    assert (balance(store, vials), balance(store, opened)) == (7, 0)
    assert "Nothing was filled in" in summary(send_form(keeper, page("waste", store), reason="LOST"))
    prefilled = keeper.get(page("waste", store) + f"?polozka={vials.pk}").content.decode()
    assert 'value="7"' in prefilled


def test_a_stocktake_sets_what_was_counted(keeper: Client, store: Store, vials: StockItem) -> None:
    fields = {f"item-{vials.pk}": 8, f"shown-{vials.pk}": 10, "reason": "LOST"}
    ledger.waste(store=store, lines=[ledger.EntryLine(vials, 1)], reason="BROKEN", context=context())
    refused = send_form(keeper, page("stocktake", store), **fields)
    assert "changed while you were counting" in summary(refused)
    assert f'name="shown-{vials.pk}" value="9"' in refused.content.decode()
    assert 'value="8"' in refused.content.decode()
    send_form(keeper, page("stocktake", store), **{**fields, f"shown-{vials.pk}": 9})
    assert balance(store, vials) == 8
    empty = send_form(keeper, page("stocktake", store), **{f"shown-{vials.pk}": 8, "reason": "LOST"})
    assert "at least at one line" in summary(empty)
