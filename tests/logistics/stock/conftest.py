"""What the tests of a store's screens share."""

import pytest
from django.test import Client
from django.urls import reverse

from logistics.models import Role, StockItem, Store
from tests.factories import make_staff, make_store, make_vials, put
from tests.pages import browser, log_in


@pytest.fixture
def client() -> Client:
    return browser()


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def vials(store: Store) -> StockItem:
    item = make_vials()
    put(store, item, 10)
    return item


@pytest.fixture
def keeper(client: Client, store: Store) -> Client:
    log_in(client, make_staff(Role.STOCK_KEEPER, site=store.site, name="karel"))
    return client


def page(name: str, store: Store, *more: object) -> str:
    """The address of a page of the store."""
    return reverse(f"logistics:{name}", args=[store.pk, *more])
