"""What goes on to Django, what does not, and in which words."""

import asyncio
import http.client
import io
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crs.embedded.paths import ROOT
from crs.web.application import Application
from crs.web.bodies import BYTES_OF_BODIES, Held
from crs.web.environ import environ
from crs.web.threads import Full, Threads
from tests.crs.web.processes import SECONDS_OF_PATIENCE, Web, ask
from tests.stack import free_port, wait_until_answers

TOKEN = "a" * 32
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={TOKEN}"}


def _post(web: Web, body: bytes | Iterator[bytes], **headers: str) -> tuple[int, str]:
    line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=SECONDS_OF_PATIENCE)
    answer = ask(line, "POST", "/jazyk/", body=body, headers={**FORM, **headers})
    return answer.status, answer.body


def test_a_form_reaches_django_as_it_was_sent(web: Web) -> None:
    body = f"csrfmiddlewaretoken={TOKEN}&language=en&next=/registrace/&filler={'x' * 500_000}"
    assert _post(web, body.encode())[0] == 302


def test_a_body_that_is_too_large_is_refused_before_it_is_read(web: Web) -> None:
    head = "POST /jazyk/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", web.port), timeout=SECONDS_OF_PATIENCE) as line:
        line.sendall(head.encode())
        answer = b""
        while more := line.recv(65536):
            answer += more
    assert answer.startswith(b"HTTP/1.1 413")
    assert "příliš velké" in answer.decode()


def test_a_longer_body_is_taken_where_files_are_checked_and_only_there(web: Web) -> None:
    long = b"x" * (13 * 1024 * 1024)
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    for path, body, status in (
        ("/overeni/soubor/", long, 400),  # Django has seen that there is no form in it
        ("/overeni/soubor/", long + b"x", 413),
        ("/overeni/", long, 413),
        ("/overeni/soubor", long, 413),
    ):
        line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=SECONDS_OF_PATIENCE)
        line.putrequest("POST", path)
        for name, value in {**kind, "Host": "localhost", "Content-Length": str(len(body))}.items():
            line.putheader(name, value)
        line.endheaders()
        if status != 413:
            line.send(body)
        answer = line.getresponse()
        assert answer.status == status, path
        told = answer.read().decode()
        assert ("Soubor je větší než 12 MB" in told) == (body is not long)
        line.close()


def test_programs_are_told_in_json_what_is_refused_before_django(web: Web) -> None:
    for headers, status in (({"Content-Length": "2000000"}, 413), ({"Transfer-Encoding": "chunked"}, 411)):
        line = http.client.HTTPConnection("127.0.0.1", web.port, timeout=SECONDS_OF_PATIENCE)
        line.putrequest("POST", "/api/verify/")
        for name, value in headers.items():
            line.putheader(name, value)
        line.endheaders()
        answer = line.getresponse()
        assert (answer.status, answer.headers["Content-Type"]) == (status, "application/json")
        assert json.loads(answer.read())["message"]
        line.close()


def test_bodies_take_no_more_room_than_there_is_and_long_ones_leave_half_of_it() -> None:
    held = Held()
    long = 13 * 1024 * 1024
    assert [held.take(long) for _ in range(3)] == [True, True, False]
    for _ in range(38):
        assert held.take(1024 * 1024)
    assert not held.take(1024 * 1024)
    held.give_back(long)
    assert held.take(1024 * 1024)
    assert not held.take(long)
    assert held.all <= BYTES_OF_BODIES


def test_a_body_is_counted_until_its_request_is_answered() -> None:
    """A thread may be long about it, and what waits for a thread is in memory all the same."""
    go_on = threading.Event()

    def hanging(request: dict[str, Any], start_response: Callable[..., None]) -> Any:
        go_on.wait(SECONDS_OF_PATIENCE)
        start_response("200 OK", [])
        return io.BytesIO(b"ok")

    class Asked(Scope):
        headers = Scope.Headers([("content-length", "1000")])

    class Line:
        def __init__(self) -> None:
            self.answers: list[int] = []

        async def __call__(self) -> bytes:
            return b"x" * 1000

        def response_bytes(self, status: int, headers: object, body: bytes) -> None:
            self.answers.append(status)

    async def walk() -> None:
        application = Application(hanging)
        application.__rsgi_init__(asyncio.get_running_loop())
        line = Line()
        asked = asyncio.ensure_future(application.__rsgi__(Asked(), line))
        await asyncio.sleep(0.1)
        assert application._held.all == 1000
        asked.cancel()  # as when the client leaves
        await asyncio.sleep(0)
        assert application._held.all == 1000
        go_on.set()
        while application._held.all:
            await asyncio.sleep(0.01)
        assert line.answers == [200]

    asyncio.run(asyncio.wait_for(walk(), SECONDS_OF_PATIENCE))


def test_a_body_of_unknown_length_is_refused(web: Web) -> None:
    # In one piece, for the answer may come before a client has sent the second.
    request = (
        b"POST /jazyk/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nlanguage=en\r\n0\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", web.port), timeout=60) as line:
        line.sendall(request)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        body = answer.read().decode()
    assert answer.status == 411
    assert "nerozumí" in body


def _raw(web: Web, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """The last answer to a request that is sent as it stands: its status, headers and body."""
    with socket.create_connection(("127.0.0.1", web.port), timeout=SECONDS_OF_PATIENCE) as line:
        line.sendall(request)
        answer = b""
        while more := line.recv(65536):
            answer += more
    answer = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.lower().split(": ", 1) for line in lines), body


@pytest.mark.parametrize(
    ("first", "lines", "status"),
    [
        ("GET / HTTP/1.1", "host: localhost", 200),  # names of headers in lower case
        ("GET http://localhost/ HTTP/1.1", "Host: localhost", 200),
        ("HEAD / HTTP/1.1", "Host: localhost", 200),
        ("HEAD /healthz HTTP/1.1", "Host: 10.1.2.3", 200),
        ("POST /healthz HTTP/1.1", "Host: localhost\r\nContent-Length: 0", 405),
        ("TRACE / HTTP/1.1", "Host: localhost", 405),
        ("GET / HTTP/1.1", "Host: evil.example", 400),
        ("GET / HTTP/1.1", "Host: localhost\r\nHost: evil.example", 400),
        ("GET /o/%00/ HTTP/1.1", "Host: localhost", 404),
        ("GET /static/%00.css HTTP/1.1", "Host: localhost", 404),
        ("GET /mista/%C0%AF/ HTTP/1.1", "Host: localhost", 404),
        ("GET //evil.example/registrace HTTP/1.1", "Host: localhost", 404),
        ("GET /?kraj=CZ064&kraj=CZ010;a=+&%FF=%&%u0041 HTTP/1.1", "Host: localhost", 200),
        ("GET / HTTP/1.1", f"Host: localhost\r\nCookie: crs_session={'x' * 40_000}", 200),
    ],
)
def test_a_request_is_answered_however_it_is_spelled(web: Web, first: str, lines: str, status: int) -> None:
    answered, headers, body = _raw(web, f"{first}\r\n{lines}\r\nConnection: close\r\n\r\n".encode())
    assert answered == status
    if "/healthz" not in first:
        assert "content-security-policy" in headers
    if first.startswith("HEAD"):
        assert (int(headers["content-length"]) > 0, body) == (True, b"")


def test_a_program_that_waits_to_be_told_to_go_on_is_told(web: Web) -> None:
    body = f"csrfmiddlewaretoken={TOKEN}&language=en&next=/".encode()
    lines = [*(f"{name}: {value}" for name, value in FORM.items()), "Host: localhost", "Connection: close"]
    lines += ["Expect: 100-continue", f"Content-Length: {len(body)}"]
    assert _raw(web, "\r\n".join(["POST /jazyk/ HTTP/1.1", *lines, "", ""]).encode() + body)[0] == 302


def test_who_leaves_in_the_middle_leaves_no_trace(web: Web) -> None:
    before = web.log.read_text()
    left = set()
    for _ in range(8):
        with socket.create_connection(("127.0.0.1", web.port)) as line:
            line.sendall(b"POST /jazyk/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nnext=")
            left.add(line.getsockname()[1])
    _until(lambda: not left & web.ports_of_clients())
    assert web.get("/").status == 200
    assert web.log.read_text() == before


class Scope:
    """A request as granian describes it."""

    method, path, query_string, http_version, scheme = "GET", "/místo/", "kraj=CZ064", "1.1", "http"
    client, server = "[2001:db8::1]:5443", "127.0.0.1:8000"

    class Headers(list[tuple[str, str]]):
        """The lines of a request."""

        def items(self) -> list[tuple[str, str]]:
            """All of them."""
            return self

        def get(self, name: str, default: str = "") -> str:
            """One of them."""
            return dict(self).get(name, default)

    headers = Headers(
        [
            ("host", "localhost"),
            ("x-forwarded-for", "192.0.2.1"),
            ("x_forwarded_for", "6.6.6.6"),
            ("x-forwarded_for", "6.6.6.7"),
            ("cookie", "a=1"),
            ("cookie", "b=2"),
            ("accept", "text/html"),
            ("accept", "*/*"),
            ("content-length", "3"),
        ]
    )


def test_django_reads_the_request_and_no_header_with_an_underscore() -> None:
    seen = environ(Scope(), b"a=b")
    assert seen["HTTP_X_FORWARDED_FOR"] == "192.0.2.1"
    assert (seen["HTTP_COOKIE"], seen["HTTP_ACCEPT"]) == ("a=1; b=2", "text/html,*/*")
    assert (seen["REMOTE_ADDR"], seen["SERVER_NAME"], seen["SERVER_PORT"]) == ("2001:db8::1", "127.0.0.1", "8000")
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/místo/"
    assert (seen["CONTENT_LENGTH"], seen["wsgi.input"].read()) == ("3", b"a=b")


def test_who_would_wait_too_long_is_sent_away_and_threads_that_hang_are_noticed() -> None:
    threads = Threads(2, most_waiting=3)
    go_on, done = threading.Event(), threading.Semaphore(0)

    def hang() -> None:
        go_on.wait(SECONDS_OF_PATIENCE)
        done.release()

    assert not threads.are_stuck(0)
    threads.put(hang)
    _until(lambda: not threads.waiting())
    assert not threads.are_stuck(0)
    threads.put(hang)
    _until(lambda: threads.are_stuck(0))
    for _ in range(3):
        threads.put(hang)
    assert not threads.are_stuck(SECONDS_OF_PATIENCE)
    with pytest.raises(Full):
        threads.put(hang)
    go_on.set()
    for _ in range(5):
        assert done.acquire(timeout=SECONDS_OF_PATIENCE)


def test_a_thread_outlives_a_request_that_fails_outside_django(caplog: pytest.LogCaptureFixture) -> None:
    threads = Threads(1, most_waiting=3)
    done = threading.Event()

    def fail() -> None:
        raise ValueError

    threads.put(fail)
    threads.put(done.set)
    assert done.wait(SECONDS_OF_PATIENCE)
    assert re.search("outside Django", caplog.text)


def test_a_process_in_which_every_thread_hangs_is_replaced(tmp_path: Path) -> None:
    port = free_port()
    log = tmp_path / "web.log"
    granian = ["-m", "granian", "--interface", "rsgi", "--http", "1", "--port", str(port), "--no-ws"]
    granian += ["--respawn-failed-workers", "tests.crs.web.hanging:application"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "crs.settings"}
    with log.open("w") as output:
        process = subprocess.Popen([sys.executable, *granian], cwd=ROOT, env=environment, stdout=output, stderr=output)
    lines = []
    try:
        wait_until_answers(f"http://127.0.0.1:{port}/")
        odd = ask(http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_OF_PATIENCE), "GET", "/odd/")
        assert odd.status == 500
        for _ in range(4):
            lines.append(socket.create_connection(("127.0.0.1", port)))
            lines[-1].sendall(b"GET /hang/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        _until(lambda: "All 4 threads hang" in log.read_text())
        wait_until_answers(f"http://127.0.0.1:{port}/")
    finally:
        for line in lines:
            line.close()
        process.terminate()
        process.wait(SECONDS_OF_PATIENCE)


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS_OF_PATIENCE
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert is_so()
