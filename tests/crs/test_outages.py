"""A server is away, hangs or holds a lock: each page answers in time, and nobody loses anything.

Real processes of the portal, with a database and a Valkey that only they use.
"""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from crs import breaker
from crs.sessions import SessionStore
from tests import database
from tests.stack import Stack
from tests.valkey import OwnValkey
from tests.waiting import wait_until

pytestmark = pytest.mark.xdist_group("outages")

CSRF = "c" * 32
_END_CONNECTIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
# Generous: these machines are busy. A page that waited for a server that hangs took five to ten seconds.
AT_ONCE, IN_TIME = 4.0, 12.0


@dataclass(frozen=True)
class Answer:
    """What a visitor got, and after how many seconds."""

    status: int
    seconds: float
    headers: dict[str, str]
    text: str


@dataclass(frozen=True)
class Visitor:
    """A browser with a session of its own, or with none."""

    stack: Stack
    session: str = ""

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, **form: str) -> Answer:
        """Send a form."""
        return self._ask("POST", path, urlencode({**form, "csrfmiddlewaretoken": CSRF}))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        cookies = f"crs_language=en; csrftoken={CSRF}" + (f"; crs_session={self.session}" if self.session else "")
        headers = {"Cookie": cookies, "Host": f"localhost:{self.stack.port}"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.monotonic()
        connection = HTTPConnection("127.0.0.1", self.stack.port, timeout=60)
        connection.request(method, path, body, headers)
        response: HTTPResponse = connection.getresponse()
        text = response.read().decode()
        found = {name.lower(): value for name, value in response.getheaders()}
        connection.close()
        return Answer(response.status, time.monotonic() - started, found, text)


@pytest.fixture(scope="module")
def valkey() -> Iterator[OwnValkey]:
    with OwnValkey() as own:
        yield own


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, valkey: OwnValkey) -> Iterator[Stack]:
    with Stack(
        "outages",
        logs=tmp_path_factory.mktemp("outages"),
        has_worker=False,
        REDIS_URL=valkey.url,
        DJANGO_SETTINGS_MODULE="tests.crs.uncollected_settings",
    ) as made:
        made.start()
        # Both processes have seen each kind of page before a second counts.
        first = Visitor(made, _proven_session(made))
        with ThreadPoolExecutor(8) as crowd:
            list(crowd.map(first.get, ["/registrace/formular/", "/ockovaci-mista/", "/personal/prihlaseni/"] * 8))
        yield made


@pytest.fixture
def stranger(stack: Stack) -> Visitor:
    """Somebody without a session."""
    return Visitor(stack)


@pytest.fixture
def citizen(stack: Stack) -> Visitor:
    """Somebody who has proved a telephone and is filling in the form."""
    return Visitor(stack, _proven_session(stack))


@pytest.fixture
def keeper(stack: Stack) -> Visitor:
    """A member of staff who gave both factors."""
    user = User(username=f"keeper-{time.monotonic_ns()}", password="!", is_staff=True, is_superuser=True)
    with database.connect(stack.database) as connection:
        user.pk = connection.execute(
            "INSERT INTO auth_user (username, password, is_staff, is_superuser, is_active, date_joined, "
            "first_name, last_name, email) VALUES (%s, '!', true, true, true, now(), '', '', '') RETURNING id",
            [user.username],
        ).fetchone()[0]  # type: ignore[index]
        device = connection.execute(
            "INSERT INTO otp_totp_totpdevice (user_id, name, confirmed, key, step, t0, digits, tolerance, drift, "
            "last_t, throttling_failure_count) VALUES (%s, '', true, %s, 30, 0, 6, 1, 0, 0, 0) RETURNING id",
            [user.pk, "0" * 40],
        ).fetchone()[0]  # type: ignore[index]
    content = {
        "_auth_user_id": str(user.pk),
        "_auth_user_backend": "crs.accounts.backend.Accounts",
        "_auth_user_hash": user.get_session_auth_hash(),
        "otp_device_id": f"otp_totp.totpdevice/{device}",
    }
    return Visitor(stack, _session(stack, **content))


def test_a_half_filled_form_outlives_a_valkey_that_hangs_and_one_that_lost_everything(
    valkey: OwnValkey, citizen: Visitor
) -> None:
    with _hanging(valkey):
        sent = citizen.post("/registrace/formular/", first_name="Božena", last_name="Němcová")
        shown = citizen.get("/registrace/formular/")
    valkey.kill()
    try:
        during = citizen.get("/registrace/formular/")
    finally:
        valkey.start()
    for answer in (sent, shown, during, citizen.get("/registrace/formular/")):
        assert (answer.status, "Němcová" in answer.text) == (200, True)
        assert answer.seconds < AT_ONCE
        _assert_keeps_its_session(answer)


def test_staff_go_on_working_while_valkey_hangs(valkey: OwnValkey, keeper: Visitor) -> None:
    assert keeper.get("/personal/").status == 200
    with _hanging(valkey):
        answer = keeper.get("/personal/")
    assert answer.status == 200
    assert answer.seconds < AT_ONCE
    _assert_keeps_its_session(answer)


def test_who_logs_out_while_valkey_hangs_stays_logged_out_when_it_is_back(valkey: OwnValkey, keeper: Visitor) -> None:
    assert keeper.get("/personal/").status == 200
    with _hanging(valkey):
        assert keeper.post("/personal/odhlaseni/").status == 302
    time.sleep(breaker.PAUSE_SECONDS)
    answer = keeper.get("/personal/")
    assert (answer.status, answer.headers["location"].split("?")[0]) == (302, "/personal/prihlaseni/")


def test_pages_of_strangers_do_without_valkey(valkey: OwnValkey, stranger: Visitor) -> None:
    with _hanging(valkey):
        for path in ("/", "/registrace/", "/rezervace/", "/ockovaci-mista/", "/personal/prihlaseni/"):
            answer = stranger.get(path)
            assert (answer.status, answer.seconds < AT_ONCE) == (200, True), path


def test_a_locked_table_holds_up_only_who_asks_for_it_and_for_a_moment(stack: Stack, stranger: Visitor) -> None:
    with database.connect(stack.database) as connection, connection.transaction():
        connection.execute("LOCK TABLE logistics_vaccinationsite IN ACCESS EXCLUSIVE MODE")
        with ThreadPoolExecutor(16) as crowd:
            waiting = [crowd.submit(stranger.get, "/ockovaci-mista/") for _ in range(16)]
            time.sleep(0.3)
            others = [stranger.get(path) for path in ("/healthz", "/")]
            refused = [one.result() for one in waiting]
    assert [(answer.status, answer.seconds < AT_ONCE) for answer in others] == [(200, True)] * 2
    assert {answer.status for answer in refused} == {503}
    assert max(answer.seconds for answer in refused) < IN_TIME
    assert {answer.headers["retry-after"] for answer in refused} == {"5"}
    assert all("The system is very busy at this moment" in answer.text for answer in refused)
    assert stranger.get("/ockovaci-mista/").status == 200


def test_a_database_that_is_gone_logs_nobody_out_and_comes_back_by_itself(
    stack: Stack, citizen: Visitor, keeper: Visitor, stranger: Visitor
) -> None:
    wait_until(lambda: stranger.get("/ockovaci-mista/").status == 200, "the page comes again", seconds=30)
    with database.connect() as server:
        server.execute(f'ALTER DATABASE "{stack.database}" WITH ALLOW_CONNECTIONS false')
        try:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [stack.database]
            )
            pages = [(citizen, "/registrace/formular/"), (keeper, "/personal/"), (keeper, "/admin/")]
            with ThreadPoolExecutor(3) as crowd:
                away = list(crowd.map(lambda page: page[0].get(page[1]), pages))
        finally:
            server.execute(f'ALTER DATABASE "{stack.database}" WITH ALLOW_CONNECTIONS true')
    for answer in away:
        assert (answer.status, answer.headers.get("retry-after")) == (503, "5")
        assert "The system is very busy at this moment" in answer.text
        assert answer.seconds < IN_TIME
        _assert_keeps_its_session(answer)
    wait_until(lambda: citizen.get("/registrace/formular/").status == 200, "the page comes again", seconds=30)
    wait_until(lambda: keeper.get("/personal/").status == 200, "the page comes again", seconds=30)


def test_a_database_that_says_nothing_holds_a_page_only_for_the_time_of_a_statement(
    stack: Stack, stranger: Visitor
) -> None:
    wait_until(lambda: stranger.get("/ockovaci-mista/").status == 200, "the page comes again", seconds=30)
    with _silent_database(stack), ThreadPoolExecutor(4) as crowd:
        waiting: list[Future[Answer]] = [crowd.submit(stranger.get, "/ockovaci-mista/") for _ in range(4)]
        time.sleep(0.3)
        assert stranger.get("/healthz").seconds < AT_ONCE
        answers = [one.result() for one in waiting]
    # A new connection may have been made meanwhile: then the page comes after all.
    assert {answer.status for answer in answers} <= {200, 503}
    assert max(answer.seconds for answer in answers) < IN_TIME
    wait_until(lambda: stranger.get("/ockovaci-mista/").status == 200, "the page comes again", seconds=30)


def _assert_keeps_its_session(answer: Answer) -> None:
    """No error deletes the cookie of a session."""
    cookie = answer.headers.get("set-cookie", "")
    assert 'crs_session=""' not in cookie
    assert "Max-Age=0" not in cookie


@contextmanager
def _hanging(valkey: OwnValkey) -> Iterator[None]:
    valkey.stop()
    try:
        yield
    finally:
        valkey.go_on()


@contextmanager
def _silent_database(stack: Stack) -> Iterator[None]:
    """Every server process of this database stands still: connected, and without a word."""
    with database.connect() as server:
        rows = server.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [stack.database]).fetchall()
    pids = [pid for (pid,) in rows]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _session(stack: Stack, **content: str) -> str:
    """The key of a new session of the stack with `content`."""
    store = SessionStore()
    key = os.urandom(16).hex()
    with database.connect(stack.database) as connection:
        connection.execute(
            "INSERT INTO django_session VALUES (%s, %s, now() + interval '1 hour')", [key, store.encode(content)]
        )
    return key


def _proven_session(stack: Stack) -> str:
    """The session of a browser that has proved a telephone."""
    proof = str(uuid4())
    with database.connect(stack.database) as connection:
        connection.execute(
            "INSERT INTO registration_phoneverification (id, phone, created_at, asked_at, resends, wrong_tries, "
            "verified_at) VALUES (%s, '+420601000001', now(), now(), 0, 0, now())",
            [proof],
        )
    return _session(stack, verification_id=proof, proven_verification_id=proof)
