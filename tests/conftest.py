"""What every test stands on: a real PostgreSQL and a real Valkey, and nothing of another run."""

import gc
import os
import secrets
from collections.abc import Iterator

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

import pytest  # noqa: E402
import redis  # noqa: E402
import time_machine  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client, TransactionTestCase  # noqa: E402
from django.utils import translation  # noqa: E402
from hypothesis import HealthCheck  # noqa: E402
from hypothesis import settings as examples  # noqa: E402
from pytest_django import DjangoDbBlocker  # noqa: E402

from tests import database  # noqa: E402
from tests.valkey import REAL_OPTIONS  # noqa: E402

# A machine that stalls for a moment makes no example wrong. Each run takes the same examples, as a rare one must not
# stop a change that has nothing to do with it; `--hypothesis-profile searching` takes others each time.
examples.register_profile("searching", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.register_profile("repeatable", examples.get_profile("searching"), derandomize=True)
examples.load_profile("repeatable")


def pytest_configure(config: pytest.Config) -> None:
    """Give this run its own databases and throw away what a killed run left behind."""
    os.environ.setdefault(database.TEMPLATE, database.template_name())
    # pytest-django has read the settings before this file could set the environment for them.
    settings.CACHES["default"]["KEY_PREFIX"] = PREFIX
    # A machine that stalls for a moment is no outage; tests of outages bring the real patience.
    REAL_OPTIONS.update(settings.CACHES["default"]["OPTIONS"])
    settings.CACHES["default"]["OPTIONS"] = {**REAL_OPTIONS, "socket_connect_timeout": 30, "socket_timeout": 30}
    settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = f"{PREFIX}:"
    connection.settings_dict["OPTIONS"]["pool"]["max_size"] = int(os.environ["DATABASE_POOL_SIZE"])
    # A test's data need not survive a power cut, and the disk is what most tests would wait for.
    connection.settings_dict["OPTIONS"]["options"] = "-c synchronous_commit=off"
    # Each test's rollback would throw the plans away, and the text of a statement with a kept plan is not told.
    connection.settings_dict["OPTIONS"]["prepare_threshold"] = None
    # Accounts of tests guard nothing, and Django's hash takes half a second for each.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # A fresh clone has not run collectstatic; the browser tests, which want the real thing, do.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    # Each test client makes the middleware anew, and WhiteNoise would look at all collected files each time.
    settings.WHITENOISE_AUTOREFRESH = True
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        for room in i18n.catalogs(settings.BASE_DIR):
            i18n.compile_room(room)
        i18n.forget_read_catalogs()
        database.drop_those_of_dead_runs()


def pytest_collection_finish() -> None:
    """Have the garbage collector look at what tests make, not at all modules again and again: a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave no keys of this run behind, in the cache or in the broker."""
    cache.clear()
    broker = redis.Redis.from_url(settings.REDIS_URL)
    for key in broker.scan_iter(f"{PREFIX}:*", count=1000):
        broker.delete(key)
    broker.close()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A copy of the run's one migrated database for this worker; pytest-django would migrate one for each."""
    name = f"{database.PREFIX}{os.getpid()}_{RUN}"
    database.create(name)
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    connection.settings_dict["NAME"] = name
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        database.keep_data_of_migrations()
        # After a test that commits for real. Django would empty every table, and load the data before the next one.
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: database.restore())
        yield
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
    database.drop(name)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Limits and cached lists start empty in each test; only this run's keys are touched."""
    cache.clear()


@pytest.fixture(autouse=True)
def _czech() -> None:
    """Each test begins in the portal's language: a page of the test before may have left its own."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is the morning on which tests/factories.py makes its rows."""
    from tests.factories import NOW

    with time_machine.travel(NOW, tick=True) as coordinates:
        yield coordinates


@pytest.fixture
def admin_client(admin_user: User) -> Client:
    """A superuser who gave the second factor, without which staff see nothing."""
    from tests.pages import log_in

    client = Client()
    log_in(client, admin_user)
    return client


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name long values after their argument: a key or a signature is another one in each process of the run."""
    return argname if isinstance(val, str | bytes) and len(val) > 60 else None
