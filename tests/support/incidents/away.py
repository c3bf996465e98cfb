"""Servers that are away, for the pages that have to come all the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from crs.breaker import Breaker
from crs.cache import Cache
from support.incidents import state
from tests.stack import free_port
from tests.valkey import REAL_OPTIONS


@contextmanager
def database_away() -> Iterator[None]:
    """Every query fails as where the server is gone."""

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(refuse):
        yield


@contextmanager
def valkey_away(*modules: ModuleType) -> Iterator[None]:
    """The modules ask a server that is not there."""
    options = {**settings.CACHES["default"], "KEY_PREFIX": "own", "OPTIONS": REAL_OPTIONS}
    with pytest.MonkeyPatch.context() as patch:
        for module in modules:
            patch.setattr(module, "cache", Cache(f"redis://127.0.0.1:{free_port()}/0", options))
        yield


@contextmanager
def fresh_breaker() -> Iterator[None]:
    """A process that has not met an outage yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "_database", Breaker("test"))
        yield
