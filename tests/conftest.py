"""What every test stands on: a real PostgreSQL and a real Valkey, and nothing of another run."""

import os
import secrets

from crs import embedded, i18n

# Two runs at once share the embedded servers, not the database nor the keys in Valkey.
RUN = os.environ.setdefault("CRS_TEST_RUN", secrets.token_hex(3))
PREFIX = os.environ["CACHE_PREFIX"] = f"test-{RUN}-{os.environ.get('PYTEST_XDIST_WORKER', '')}"
os.environ.setdefault("DATABASE_POOL_SIZE", "8")
# Whatever these name in a developer's shell, no test ever touches it.
for _server in ("DATABASE", "REDIS", "CACHE"):
    for _part in ("URL", "URL_FILE", "HOST"):
        os.environ.pop(f"{_server}_{_part}", None)
embedded.hold()

import psycopg  # noqa: E402
import pytest  # noqa: E402
import redis  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from tests.valkey import REAL_OPTIONS  # noqa: E402

TEST_DATABASE_PREFIX = "test_crs_"


def pytest_configure(config: pytest.Config) -> None:
    """Give this run its own database and throw away what a killed run left behind."""
    connection.settings_dict["TEST"]["NAME"] = f"{TEST_DATABASE_PREFIX}{os.getpid()}_{RUN}"
    # pytest-django has read the settings before this file could set the environment for them.
    settings.CACHES["default"]["KEY_PREFIX"] = PREFIX
    # A machine that stalls for a moment is no outage; tests of outages bring the real patience.
    REAL_OPTIONS.update(settings.CACHES["default"]["OPTIONS"])
    settings.CACHES["default"]["OPTIONS"] = {**REAL_OPTIONS, "socket_connect_timeout": 30, "socket_timeout": 30}
    settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = f"{PREFIX}:"
    connection.settings_dict["OPTIONS"]["pool"]["max_size"] = int(os.environ["DATABASE_POOL_SIZE"])
    # A test's data need not survive a power cut, and the disk is what most tests would wait for.
    connection.settings_dict["OPTIONS"]["options"] = "-c synchronous_commit=off"
    # Accounts of tests guard nothing, and Django's hash takes half a second for each.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # A fresh clone has not run collectstatic; the browser tests, which want the real thing, do.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        for room in i18n.rooms(settings.BASE_DIR):
            i18n.compile_room(room)
        _drop_databases_of_dead_runs()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test that commits for real the data of the migrations back: the one before it flushed them.

    For all of them, because Django makes the content types anew after a flush without this, and then
    cannot lay the kept ones beside them.
    """
    for item in items:
        marker = item.get_closest_marker("django_db")
        commits = marker is not None and marker.kwargs.get("transaction")
        if commits or "transactional_db" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True), append=False)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no keys of this run behind, neither in the cache nor in the broker."""
    cache.clear()
    broker = redis.Redis.from_url(settings.REDIS_URL)
    for key in broker.scan_iter(f"{PREFIX}:*", count=1000):
        broker.delete(key)
    broker.close()


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Limits and cached lists start empty in each test; only this run's keys are touched."""
    cache.clear()


@pytest.fixture
def admin_client(admin_user: User) -> Client:
    """A superuser who gave the second factor, without which staff see nothing."""
    from tests.pages import log_in

    client = Client()
    log_in(client, admin_user)
    return client


def _drop_databases_of_dead_runs() -> None:
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as server:
        found = server.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{TEST_DATABASE_PREFIX}%"])
        for (name,) in found.fetchall():
            pid = name.removeprefix(TEST_DATABASE_PREFIX).split("_")[0]
            if pid.isdigit() and not _is_alive(int(pid)):
                server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
