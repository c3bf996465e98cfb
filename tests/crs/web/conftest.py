"""One web process on the test run's own database, and one nginx in front of it, for all tests here."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests import database
from tests.crs.web.far_end import FarEnd
from tests.crs.web.processes import Proxy, Web
from tests.programs import require


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker runs all of them: they share the processes, and must not measure each other."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("web"))
            item.add_marker(pytest.mark.django_db)  # or nobody makes the database that `web` uses


@pytest.fixture(scope="session")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """`python -m crs.web`, as `make run` and the container start it."""
    database = str(connection.settings_dict["NAME"])
    with Web(tmp_path_factory.mktemp("web"), database=database, prefix=os.environ["CACHE_PREFIX"]) as web:
        assert web.get("/registrace/").status == 200, "static files are missing: `make test` collects them first"
        yield web


@pytest.fixture(autouse=True)
def _leave_no_rows(request: pytest.FixtureRequest) -> Iterator[None]:
    """What `web` has committed is gone before other tests count rows."""
    yield
    if "web" in request.fixturenames:
        with database.connect(str(connection.settings_dict["NAME"])) as committed:
            committed.execute("DELETE FROM captcha_captchastore")
            committed.execute("DELETE FROM django_session")


@pytest.fixture(scope="session")
def proxy(web: Web, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """Debian's nginx with the configuration that we ship, in front of `web`."""
    require("nginx", "nginx")
    with Proxy(tmp_path_factory.mktemp("nginx"), upstream=web.port) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def far_end() -> Iterator[FarEnd]:
    """A server that notes what the proxy sends it."""
    with FarEnd() as far_end:
        yield far_end


@pytest.fixture(scope="session")
def far_proxy(far_end: FarEnd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The same nginx in front of `far_end`, but it loses patience sooner."""
    require("nginx", "nginx")
    with Proxy(tmp_path_factory.mktemp("far-nginx"), upstream=far_end.port, seconds_to_answer=2) as proxy:
        yield proxy
