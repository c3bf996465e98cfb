"""What the tests of a store's screens share."""

import pytest
from django.test import Client
from django.urls import reverse

from logistics.models import Store
from tests.pages import browser


@pytest.fixture
def client() -> Client:
    return browser()


def page(name: str, store: Store, *more: object) -> str:
    """The address of a page of the store."""
    return reverse(f"logistics:{name}", args=[store.pk, *more])
