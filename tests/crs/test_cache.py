"""The cache is fast, forgets only what is its own, and is never what a page waits for or fails on."""

import logging
import pickle
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from pytest_django.fixtures import Settings

from crs import breaker
from crs.cache import Cache
from tests.cast import JANA
from tests.valkey import REAL_OPTIONS, OwnValkey

# A second by the settings, more on a busy machine; each call that waits for the server took five.
SOON = 2.5


@pytest.fixture(scope="module")
def server() -> Iterator[OwnValkey]:
    with OwnValkey() as own:
        yield own


@contextmanager
def pause_over() -> Iterator[None]:
    """Time in which whoever gave up the server asks it again."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(breaker, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + 61))
        yield


@pytest.fixture
def own_cache(server: OwnValkey) -> Iterator[Cache]:
    """A cache on the test's own server, with the settings of the real one; the server answers before and after."""
    made = Cache(server.url, {**settings.CACHES["default"], "KEY_PREFIX": "own", "OPTIONS": REAL_OPTIONS})
    made.clear()
    with pause_over():
        made.get("key")  # so that this process knows it as a server that answers
    yield made
    server.go_on()


def test_clearing_leaves_the_keys_of_others_alone() -> None:
    server = redis.Redis.from_url(settings.CACHES["default"]["LOCATION"])
    server.set("somebody-else:1:kept", "yes", ex=60)
    cache.set("gone", 1)
    cache.clear()
    assert cache.get("gone") is None
    assert server.get("somebody-else:1:kept") == b"yes"
    server.delete("somebody-else:1:kept")


def test_one_client_serves_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[redis.Redis] = []
    make = redis.Redis.__init__

    def count(client: redis.Redis, *arguments: Any, **options: Any) -> None:
        made.append(client)
        make(client, *arguments, **options)

    monkeypatch.setattr(redis.Redis, "__init__", count)
    for number in range(3):
        cache.set("key", number)
        assert cache.get("key") == number
    assert len(made) <= 2, "one for reading, one for writing"


@pytest.mark.parametrize("value", [7, "Žižkov", None, True, [1.5, {"a": [2]}]])
def test_values_come_back_as_they_were(value: object) -> None:
    cache.set("value", value)
    assert cache.get("value", "missing") == value
    cache.set_many({"one": value, "two": value})
    assert cache.get_many(["one", "two"]) == {"one": value, "two": value}


def test_a_number_can_be_counted_up() -> None:
    cache.set("count", 1)
    assert cache.incr("count") == 2
    assert cache.get("count") == 2


class Trap:
    """What runs when somebody unpickles it."""

    sprung = False

    def __reduce__(self) -> tuple[Any, ...]:
        return setattr, (Trap, "sprung", True)


def test_who_can_write_to_valkey_cannot_have_code_run_here() -> None:
    cache.set("trap", "x")
    key = cache.make_key("trap")
    redis.Redis.from_url(settings.CACHES["default"]["LOCATION"]).set(key, pickle.dumps(Trap()), ex=60)
    with pytest.raises(ValueError, match=r"decode|JSON|Expecting"):
        cache.get("trap")
    assert not Trap.sprung


def _use_everything(cache: Cache) -> list[Any]:
    """What a cache that holds nothing answers to each act."""
    cache.set("key", 1)
    cache.set_many({"key": 1})
    cache.delete_many(["key"])
    with pytest.raises(ValueError, match="not found"):
        cache.incr("key")
    return [cache.add("key", 1), cache.get("key", "none"), cache.get_many(["key"]), cache.delete("key"), "key" in cache]


def test_a_cache_that_hangs_costs_a_moment_once_and_is_like_an_empty_one(
    own_cache: Cache, server: OwnValkey, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "PAUSE_SECONDS", 60.0)
    own_cache.set("key", "kept")
    server.stop()
    started = time.monotonic()
    assert _use_everything(own_cache) == [True, "none", {}, False, False]
    assert time.monotonic() - started < SOON
    server.go_on()
    assert own_cache.get("key") is None, "nobody asks again before the pause is over"
    with pause_over():
        assert own_cache.get("key") in ("kept", 1), "what the pause kept from the server is not made up for"
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.WARNING], "a line for each change"


def test_a_cache_that_is_gone_is_like_an_empty_one_and_comes_back_by_itself(
    own_cache: Cache, server: OwnValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "PAUSE_SECONDS", 0.0)
    server.kill()
    started = time.monotonic()
    assert _use_everything(own_cache) == [True, "none", {}, False, False]
    assert time.monotonic() - started < SOON
    server.start()
    own_cache.set("key", 2)
    assert own_cache.get("key") == 2


def test_a_cache_that_is_full_goes_on_and_leaves_the_queue_alone(own_cache: Cache, server: OwnValkey) -> None:
    from celery import Celery

    queue = Celery("full", broker=server.url, set_as_current=False)
    for number in range(20):
        queue.send_task("messaging.deliver_sms", args=[number])
    used = server.client.info("memory")["used_memory"]
    server.client.config_set("maxmemory", used + 2_000_000)
    for number in range(60):
        own_cache.set(f"filler:{number}", "x" * 100_000)
    assert own_cache.get("filler:59") == "x" * 100_000
    # Which went is chance: the server's clock of the last use has seconds, and all came within one.
    kept = own_cache.get_many([f"filler:{number}" for number in range(60)])
    assert 1 <= len(kept) <= 25, len(kept)
    assert server.client.llen("celery") == 20
    server.client.config_set("maxmemory", 256_000_000)


@pytest.mark.django_db
def test_limits_per_address_let_pass_without_the_cache(
    own_cache: Cache, server: OwnValkey, settings: Settings, rf: Any
) -> None:
    from registration.telephones import pin_limits

    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": server.url, "OPTIONS": REAL_OPTIONS}}
    settings.PINS_PER_ADDRESS = "2/h"
    request = rf.get("/")
    asked = [pin_limits.no_pin_until(request, JANA.phone, now=timezone.now()) for _ in range(3)]
    assert asked[:2] == [None, None]
    assert asked[2] is not None
    server.stop()
    started = time.monotonic()
    assert pin_limits.no_pin_until(request, JANA.phone, now=timezone.now()) is None
    assert time.monotonic() - started < SOON
