"""A store: finding and establishing it, and what its page shows."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from logistics.models import Batch, Role, StockItem, Store
from logistics.stock import ledger
from tests.factories import NOW, context, make_site, make_staff, make_store, make_vials, put
from tests.logistics.stock.conftest import page
from tests.pages import log_in, send_form, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TODAY = NOW.date()


def test_who_has_one_store_goes_straight_there(keeper: Client, store: Store) -> None:
    assert keeper.get(reverse("logistics:stock_home")).headers["Location"] == page("store", store)


def test_a_keeper_establishes_the_store_of_a_site_once(client: Client) -> None:
    site = make_site("Poliklinika Písek")
    log_in(client, make_staff(Role.STOCK_KEEPER, site=site))
    path = reverse("logistics:establish", args=[site.pk])
    assert path in client.get(reverse("logistics:stock_home")).content.decode()
    assert client.get(path).status_code == 200
    key = uuid4()
    for _click in range(2):
        assert send_form(client, path, form_key=key).headers["Location"] == page("store", site.store)
    assert Store.objects.filter(site=site).count() == 1


def test_a_regional_coordinator_establishes_the_store_of_the_region(client: Client) -> None:
    log_in(client, make_staff(Role.REGION, region="CZ031"))
    send_form(client, reverse("logistics:establish_region", args=["CZ031"]))
    assert Store.objects.get().region_id == "CZ031"
    assert client.get(reverse("logistics:establish_region", args=["CZ064"])).status_code == 404
    assert client.get(page("receive", Store.objects.get())).status_code == 200


def test_the_ministry_finds_any_store_by_name(client: Client, store: Store) -> None:
    other = make_store(name="Poliklinika Písek")
    log_in(client, make_staff(Role.MINISTRY))
    listed = client.get(reverse("logistics:stock_home")).content.decode()
    assert page("store", store) in listed
    assert page("store", other) in listed
    found = client.get(reverse("logistics:stock_home") + "?hledej=písek").content.decode()
    assert page("store", store) not in found
    assert page("store", other) in found


def test_vials_and_doses_stand_side_by_side(keeper: Client, store: Store, vials: StockItem) -> None:
    ledger.open_vials(store=store, item=vials, vials=1, doses=7, context=context())
    shown = text_of(keeper.get(page("store", store)))
    assert "9 vials = 54 doses" in shown
    assert "7 doses" in shown
    assert "use by" in shown


def test_the_page_asks_as_few_queries_for_many_batches_as_for_one(
    keeper: Client, store: Store, vials: StockItem, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    most = 14  # with the session, read and noted
    with django_assert_max_num_queries(most):  # type: ignore[operator]
        keeper.get(page("store", store))
    for number in range(20):
        put(store, make_vials(f"AB{number:04}"), 5)
    sender = make_store(name="Nemocnice Písek")
    put(sender, vials, 5)
    for _number in range(4):
        ledger.send(store=sender, to=store, lines=[ledger.EntryLine(vials, 1)], context=context())
    with django_assert_max_num_queries(most):  # type: ignore[operator]
        assert "AB0019" in keeper.get(page("store", store)).content.decode()


def test_what_must_not_be_used_is_marked_in_words(keeper: Client, store: Store) -> None:
    put(store, make_vials("BLOCK1"), 5)
    Batch.objects.filter(number="BLOCK1").update(blocked_at=timezone.now(), block_reason="Quality defect")
    put(store, make_vials("OLD001", expires_on=TODAY - timedelta(days=1)), 5)
    put(store, make_vials("SOON01", expires_on=TODAY + timedelta(days=3)), 5)
    shown = text_of(keeper.get(page("store", store)))
    for words in ("Blocked: Quality defect", "Expired: its last day was", "Expires in 3 days"):
        assert words in shown
    choice = keeper.get(page("open", store)).content.decode()
    assert choice.count("disabled") == 2
    assert "Blocked: Quality defect" in choice


def test_the_pages_speak_czech(keeper: Client, store: Store, vials: StockItem) -> None:
    keeper.cookies[settings.LANGUAGE_COOKIE_NAME] = "cs"
    ledger.open_vials(store=store, item=vials, vials=5, context=context())
    shown = text_of(keeper.get(page("store", store)))
    assert "5 ampulek = 30 dávek" in shown
    with override("cs"):
        assert gettext("Doses used") in shown
