"""The cache is fast and forgets only what is its own."""

import redis
from django.conf import settings
from django.core.cache import cache


def test_clearing_leaves_the_keys_of_others_alone() -> None:
    server = redis.Redis.from_url(settings.CACHES["default"]["LOCATION"])
    server.set("somebody-else:1:kept", "yes", ex=60)
    cache.set("gone", 1)
    cache.clear()
    assert cache.get("gone") is None
    assert server.get("somebody-else:1:kept") == b"yes"
    server.delete("somebody-else:1:kept")


def test_one_client_serves_every_call() -> None:
    assert cache._cache.get_client() is cache._cache.get_client()  # type: ignore[attr-defined]
