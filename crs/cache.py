"""Django's Redis cache: may be away, holds JSON, keeps its client, clears only its own keys."""

import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

from crs.breaker import breaker_of


class JsonSerializer:
    """Values as JSON. With pickles, anybody who can write to Valkey could run code in every web process."""

    def dumps(self, value: Any) -> str:
        """`value` as text; a whole number stays one for INCR. Raises TypeError for what JSON does not know."""
        return json.dumps(value)

    def loads(self, kept: bytes) -> Any:
        """The value. Raises ValueError where somebody else wrote there."""
        return json.loads(kept)


class _Client(RedisCacheClient):
    """While the server is away the cache is like Django's dummy cache: everything can be added, nothing is found.

    So no caller needs an `except`, and none may count on a value: it may be gone at any time.
    """

    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, **options)
        self._breaker = breaker_of(servers[0])
        self._clients: dict[bool, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """The redis-py client, kept: Django makes one for each call, and each builds a table of 170 entries.

        Safe to share, it takes a connection for each command.
        """
        if write not in self._clients:
            self._clients[write] = super().get_client(key, write=write)
        return self._clients[write]

    def add(self, key: Any, value: Any, timeout: Any) -> bool:
        return self._unless_away(partial(super().add, key, value, timeout), otherwise=True)

    def get(self, key: Any, default: Any) -> Any:
        return self._unless_away(partial(super().get, key, default), otherwise=default)

    def set(self, key: Any, value: Any, timeout: Any) -> None:
        self._unless_away(partial(super().set, key, value, timeout), otherwise=None)

    def touch(self, key: Any, timeout: Any) -> bool:
        return self._unless_away(partial(super().touch, key, timeout), otherwise=False)

    def delete(self, key: Any) -> bool:
        return self._unless_away(partial(super().delete, key), otherwise=False)

    def get_many(self, keys: Iterable[Any]) -> dict[Any, Any]:
        return self._unless_away(partial(super().get_many, keys), otherwise={})

    def has_key(self, key: Any) -> bool:
        return self._unless_away(partial(super().has_key, key), otherwise=False)

    def incr(self, key: Any, delta: int) -> int:
        count: int | None = self._unless_away(partial(super().incr, key, delta), otherwise=None)
        if count is None:
            raise ValueError(f"Key '{key}' not found.")
        return count

    def set_many(self, data: Mapping[Any, Any], timeout: Any) -> None:
        self._unless_away(partial(super().set_many, data, timeout), otherwise=None)

    def delete_many(self, keys: Iterable[Any]) -> None:
        self._unless_away(partial(super().delete_many, keys), otherwise=None)

    def _unless_away(self, ask: partial[Any], *, otherwise: Any) -> Any:
        return self._breaker.call(ask, errors=RedisError, otherwise=otherwise)


class Cache(RedisCache):
    """The cache of CRS: limits per address, short-lived lists, signs of life."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client

    def clear(self) -> None:
        """Forget the keys under our own prefix; Django's would empty the whole server, task queue and all."""
        client = self._cache.get_client(write=True)
        for key in client.scan_iter(f"{self.key_prefix}:*", count=1000):
            client.delete(key)
