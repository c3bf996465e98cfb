"""Slow clients wait; nobody waits for them."""

import socket
import statistics
import time
from collections.abc import Callable
from functools import partial

from tests.crs.web.far_end import FarEnd
from tests.crs.web.processes import SECONDS_OF_PATIENCE, Answer, Proxy, Web
from tests.crs.web.slow_clients import BODY, CHUNKED, HEADERS, IDLE, READER, SlowClients

LOOKS = 9
# A machine that stalls is slow for a while; a server that slow clients hold up is slow in each of these.
ROUNDS = 4


def test_300_slow_clients_of_every_kind_leave_pages_and_liveness_to_the_others(web: Web) -> None:
    with SlowClients(web.port, count=300, large="/registrace/"):
        for path, most in {"/healthz": 1, "/": 2}.items():
            medians = _medians(partial(web.get, path), most)
            assert medians[-1] < most, (path, medians)


def test_1100_idle_connections_leave_pages_to_the_others(web: Web) -> None:
    with SlowClients(web.port, count=1100, kinds=(IDLE,)):
        assert web.get("/").status == 200
        assert web.get("/healthz").status == 200


def test_who_does_not_finish_is_told_so_and_let_go(web: Web) -> None:
    with socket.create_connection(("127.0.0.1", web.port), timeout=SECONDS_OF_PATIENCE) as line:
        began = time.monotonic()
        line.sendall(b"POST /jazyk/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nnext=")
        answer = b""
        while more := line.recv(65536):
            answer += more
    assert answer.startswith(b"HTTP/1.1 408")
    assert "příliš pomalé" in answer.decode()
    assert "načtěte znovu" in answer.decode()
    assert 9 < time.monotonic() - began < 40


def test_1000_slow_clients_leave_a_page_to_the_others_within_a_second(proxy: Proxy) -> None:
    with SlowClients(proxy.port, count=1000, large="/static/gov/button.css", has_tls=True) as slow:
        medians = _medians(partial(proxy.ask, "GET", "/"), 1)
        # Those who never finish their headers are sent away meanwhile.
        deadline = time.monotonic() + SECONDS_OF_PATIENCE
        while not slow.closed[HEADERS] and time.monotonic() < deadline:
            time.sleep(0.5)
        assert slow.closed[HEADERS]
    assert medians[-1] < 1, medians


def _medians(look: Callable[[], Answer], most: float) -> list[float]:
    """The seconds in which the page came, half of the looks of a round sooner; rounds until one is below `most`."""
    medians: list[float] = []
    while len(medians) < ROUNDS and not (medians and medians[-1] < most):
        seconds = []
        for _ in range(LOOKS):
            answer = look()
            assert answer.status == 200
            seconds.append(answer.seconds)
            time.sleep(0.3)
        medians.append(statistics.median(seconds))
    return medians


def test_who_reads_slowly_keeps_web_no_longer_than_others(far_proxy: Proxy, far_end: FarEnd) -> None:
    with SlowClients(far_proxy.port, count=20, kinds=(READER,), large="/large/", has_tls=True):
        deadline = time.monotonic() + SECONDS_OF_PATIENCE
        while far_end.answered["/large/"] < 20 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert far_end.answered["/large/"] >= 20


def test_a_body_that_does_not_come_whole_never_reaches_web(far_proxy: Proxy, far_end: FarEnd) -> None:
    with SlowClients(far_proxy.port, count=20, kinds=(BODY, CHUNKED), has_tls=True):
        time.sleep(1)
        assert "/jazyk/" not in {seen.path for seen in far_end.seen}
