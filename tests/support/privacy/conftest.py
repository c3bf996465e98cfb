"""Tests here read pages and labels in English."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation

from tests.pages import browser


@pytest.fixture
def client() -> Client:
    """A browser that asks for English."""
    return browser()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Labels as the pages show them."""
    with translation.override("en"):
        yield
