"""Announcing a delivery: the distributor promises, the site sees it, withdraws or settles it."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from logistics.models import AnnouncedDelivery, Role, Store
from logistics.stock import announcing
from logistics.stock.errors import NotAwaited, SameStore
from tests.factories import NOW, make_distributor, make_staff, make_store, make_vials, put
from tests.logistics.stock.conftest import page
from tests.pages import log_in, send_form, summary, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def site_store() -> Store:
    return make_store(name="Nemocnice Tábor")


@pytest.fixture
def firm() -> Store:
    return make_distributor()


@pytest.fixture
def sender(client: Client, firm: Store) -> Client:
    return log_in(client, make_staff(Role.DISTRIBUTOR))


def typed(**changed: object) -> dict[str, object]:
    return {"vaccine": "comirnaty", "doses": "600", "expected_on": "13. 1. 2027"} | changed


@pytest.fixture
def delivery(sender: Client, firm: Store, site_store: Store) -> AnnouncedDelivery:
    assert send_form(sender, page("announce", firm) + f"?kam={site_store.pk}", **typed()).status_code == 302
    return AnnouncedDelivery.objects.get()


def test_the_distributor_chooses_a_store_and_says_what_comes_and_when(
    sender: Client, firm: Store, site_store: Store
) -> None:
    assert f"?kam={site_store.pk}" in sender.get(page("announce", firm) + "?hledej=tábor").content.decode()
    path, key = page("announce", firm) + f"?kam={site_store.pk}", uuid4()
    assert "600" in text_of(sender.post(path, typed(form_key=key), follow=True))
    sender.post(path, typed(form_key=key))  # pressed twice
    promised = AnnouncedDelivery.objects.get()
    assert (promised.store, promised.sender, promised.doses) == (site_store, firm, 600)
    assert promised.expected_on == NOW.date() + timedelta(days=2)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"doses": "1,5"}, "Write a whole number from 1 to"),
        ({"doses": "-5"}, "Write a whole number from 1 to"),
        ({"expected_on": "10. 1. 2027"}, "today or a later day"),
        ({"expected_on": "13. 1. 2028"}, "at the latest"),
        ({"expected_on": "13. 1."}, "Write the day as"),
        ({"doses": "0"}, "Write a whole number from 1 to"),
        ({"vaccine": ""}, "Choose the vaccine"),
    ],
)
def test_a_slip_is_told_and_what_was_typed_stays(
    sender: Client, firm: Store, site_store: Store, changed: dict[str, object], words: str
) -> None:
    answer = send_form(sender, page("announce", firm) + f"?kam={site_store.pk}", **typed(**changed))
    assert words in summary(answer)
    assert f'value="{typed(**changed)["doses"]}"' in answer.content.decode()
    assert not AnnouncedDelivery.objects.exists()


def test_a_store_announces_nothing_to_itself(firm: Store, delivery: AnnouncedDelivery) -> None:
    with pytest.raises(SameStore):
        announcing.announce(
            sender=firm,
            to=firm,
            vaccine=delivery.vaccine,
            doses=1,
            expected_on=NOW.date(),
            by=delivery.announced_by,
            now=NOW,
        )


def test_the_sender_withdraws_it_once(sender: Client, firm: Store, delivery: AnnouncedDelivery) -> None:
    assert "Nemocnice Tábor" in text_of(sender.get(page("announced", firm)))
    path = page("announced_withdraw", firm, delivery.pk)
    assert "600" in text_of(sender.get(path))
    assert "withdrawn" in text_of(sender.post(path, follow=True))
    assert not AnnouncedDelivery.objects.awaited().exists()
    assert "not awaited any more" in text_of(sender.get(path, follow=True))
    assert "withdrawn 11" in text_of(sender.get(page("announced", firm) + "?vse=1"))
    with pytest.raises(NotAwaited):
        announcing.settle(delivery_id=delivery.pk, now=NOW)


def test_the_site_sees_it_and_says_that_nothing_more_comes(
    client: Client, site_store: Store, delivery: AnnouncedDelivery
) -> None:
    keeper = log_in(client, make_staff(Role.STOCK_KEEPER, site=site_store.site))
    put(site_store, make_vials(), 10)
    shown = text_of(keeper.get(page("announced", site_store)))
    assert "60 came, 540 to come" in shown
    assert "Withdraw" not in shown
    assert keeper.get(page("announced_withdraw", site_store, delivery.pk)).status_code == 404
    keeper.post(page("announced_settle", site_store, delivery.pk))
    delivery.refresh_from_db()
    assert (delivery.came, delivery.arrived_at is None) == (60, False)


def test_another_store_neither_sees_nor_ends_it(client: Client, delivery: AnnouncedDelivery) -> None:
    other = make_store(name="Poliklinika Písek")
    keeper = log_in(client, make_staff(Role.STOCK_KEEPER, site=other.site))
    # The printed address of the page may have such digits, too.
    assert not re.search(r"\b600\s", text_of(keeper.get(page("announced", other))))
    assert keeper.post(page("announced_settle", other, delivery.pk)).status_code == 404


def test_a_delivery_whose_day_passed_is_marked(client: Client, site_store: Store, delivery: AnnouncedDelivery) -> None:
    AnnouncedDelivery.objects.update(expected_on=NOW.date() - timedelta(days=1))
    keeper = log_in(client, make_staff(Role.STOCK_KEEPER, site=site_store.site))
    assert "It has not come" in text_of(keeper.get(page("announced", site_store)))
