"""Everybody wants a paper at once, in web and worker, and the portal goes on."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from http.client import HTTPConnection
from typing import Any

import psutil
import pytest

from tests.browser.fresh import prepare_release
from tests.stack import Stack

PAPER, PAGE = "/rezervace/potvrzeni.pdf", "/rezervace/hotovo/"
THREADS = 16
# By each of web and worker; together 200.
PAPERS = 100
SECONDS_BEFORE_ANOTHER_TRY = 0.5
# A busy machine is no fault of the portal.
SECONDS_OF_PATIENCE = 120


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Web, a worker of threads as `make run` has it, and one of processes as `docker-compose.yml` has for papers."""
    with Stack("papers", logs=tmp_path_factory.mktemp("logs"), PAPER_SECONDS=str(2 * SECONDS_OF_PATIENCE)) as stack:
        prepare_release(stack)
        stack.start()
        celery = ["-m", "celery", "--app", "crs.celery", "worker", "--queues", "pdf", "--concurrency", "2"]
        stack.spawn("prefork", [*celery, "--hostname", "prefork@%h"])
        yield stack


def in_stack(stack: Stack, act: str) -> str:
    return stack.manage("shell", "--verbosity", "0", "--command", f"from tests.crs.pdf import people; people.{act}")


@pytest.fixture(scope="module")
def sessions(stack: Stack) -> list[str]:
    """The sessions of people whose doses are reserved."""
    keys: list[str] = json.loads(in_stack(stack, "reserve()"))
    return keys


def get(stack: Stack, path: str, session: str) -> tuple[int, bytes]:
    connection = HTTPConnection("localhost", stack.port, timeout=SECONDS_OF_PATIENCE)
    connection.request("GET", path, headers={"Cookie": f"crs_session={session}"})
    answer = connection.getresponse()
    try:
        return answer.status, answer.read()
    finally:
        connection.close()


def paper(stack: Stack, session: str) -> bytes:
    """The paper, as a patient person gets it."""
    deadline = time.monotonic() + SECONDS_OF_PATIENCE
    while (answer := get(stack, PAPER, session))[0] == 503 and time.monotonic() < deadline:
        time.sleep(SECONDS_BEFORE_ANOTHER_TRY)
    assert answer[0] == 200, answer
    return answer[1]


@pytest.mark.xdist_group("papers")
def test_200_papers_at_once_are_right_and_the_pages_go_on(stack: Stack, sessions: list[str]) -> None:
    alone = [paper(stack, session) for session in sessions]
    before = processes(stack)
    in_stack(stack, f"write_emails({PAPERS})")
    done = threading.Event()
    with ThreadPoolExecutor(THREADS + 1) as threads:
        pages = threads.submit(read_pages, stack, sessions[0], done)
        wanted = [number % len(sessions) for number in range(PAPERS)]
        papers = [*threads.map(lambda number: paper(stack, sessions[number]), wanted)]
        done.set()
        statuses = pages.result()
    assert papers == [alone[number] for number in wanted]
    worker: dict[str, Any] = json.loads(in_stack(stack, "papers()"))
    assert worker == {"made": {sha256(one).hexdigest(): PAPERS // len(alone) for one in alone}, "errors": []}
    assert set(statuses) == {200}
    assert statuses[200] > 10
    assert before <= processes(stack), "a process of web or worker died"
    for parent in stack.processes:
        assert any(map(is_typesetter, psutil.Process(parent.pid).children(recursive=True))), "it made no paper"
    assert "corrupted" not in "".join(log.read_text() for log in stack.logs.glob("*.log"))


@pytest.mark.xdist_group("papers")
def test_typesetters_that_hang_delay_a_paper_and_nothing_else(stack: Stack, sessions: list[str]) -> None:
    """Frozen, they hang more than Pango ever did."""
    before = processes(stack)
    web = psutil.Process(stack.processes[1].pid)
    typesetters = [child for child in web.children(recursive=True) if is_typesetter(child)]
    assert typesetters
    for typesetter in typesetters:
        typesetter.suspend()
    with ThreadPoolExecutor(THREADS) as threads:
        papers = [threads.submit(get, stack, PAPER, sessions[0]) for _ in range(THREADS - 1)]
        assert {get(stack, PAGE, sessions[0])[0] for _ in range(10)} == {200}
        assert not all(answer.done() for answer in papers), "the pages were answered beside the hanging papers"
        for typesetter in typesetters:
            typesetter.kill()  # as the time limit does (test_rendering.py)
        assert {answer.result()[0] for answer in papers} <= {200, 503}
    assert get(stack, PAPER, sessions[0])[1] == paper(stack, sessions[0])
    assert before <= processes(stack)


def read_pages(stack: Stack, session: str, done: threading.Event) -> Counter[int]:
    """Read pages like somebody who wants no paper, until told; the statuses of the answers."""
    statuses: Counter[int] = Counter()
    while not done.wait(0.05):
        statuses[get(stack, PAGE, session)[0]] += 1
    return statuses


def processes(stack: Stack) -> set[psutil.Process]:
    """Web and workers with all their processes, without the replaceable ones that set papers and what just ended."""
    parents = [psutil.Process(process.pid) for process in stack.processes]
    found = {child for parent in parents for child in [parent, *parent.children(recursive=True)]}
    return {process for process in found if command_of(process) and not is_typesetter(process)}


def is_typesetter(process: psutil.Process) -> bool:
    return "crs.pdf.typesetting" in command_of(process)


def command_of(process: psutil.Process) -> str:
    """Its command line; nothing of one that has just ended."""
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""
