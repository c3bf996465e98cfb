"""What every section of the bench works with: CRS and the yardsticks beside it, both running on one database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import psutil

from tests.bench import cpu, load, population
from tests.bench.turns import Turn, turn
from tests.stack import free_port, wait_until_answers

if TYPE_CHECKING:
    from tests.stack import Stack


@dataclass(frozen=True)
class Side:
    """A web server and the servers that work for its requests."""

    port: int
    servers: cpu.Servers

    def answer(self, requests: Sequence[bytes], *, clients: int, status: int) -> Turn:
        """The turn in which all `requests` are answered. Ends the bench where one is not answered with `status`."""
        with turn(self.servers, count=len(requests)) as measured:
            outcome = load.run(requests, port=self.port, clients=clients)
        if outcome.by_status != {status: len(requests)}:
            raise SystemExit(f"{requests[0].partition(b' HTTP')[0]!r}: answers {outcome.by_status}, expected {status}")
        measured.wall, measured.latencies = outcome.seconds, outcome.latencies
        return measured


@dataclass(frozen=True)
class Sides:
    """CRS with its worker, CRS without, the bare views (tests/bench/bare.py, bare_orm.py), and the slots to reserve."""

    stack: Stack
    whole: cpu.Servers
    crs: Side
    bare: Side
    orm: Side
    database: psutil.Process
    pairs: Sequence[tuple[int, int]]
    slots: int  # of the big country in `calendars`

    @classmethod
    def prepare(cls, stack: Stack, *, slots: int) -> Self:
        """Fill the database of `stack` and start the web servers."""
        pairs = population.make_slots()
        population.make_bare()
        population.stop_autovacuum()
        stack.start()
        started = [psutil.Process(one.pid) for one in reversed(stack.processes)]
        crs = dict(zip(("web", "worker"), started, strict=False))
        asked = {"database": cpu.database(), "valkey": cpu.valkey()}

        def yardstick(name: str) -> Side:
            port = free_port()
            settings = f"tests.bench.{name}_settings"
            web = stack.spawn(name, ["-m", "crs.web", "--port", str(port)], DJANGO_SETTINGS_MODULE=settings)
            wait_until_answers(f"http://127.0.0.1:{port}/healthz")
            return Side(port, cpu.Servers(web=psutil.Process(web.pid), **asked))

        return cls(
            stack,
            whole=cpu.Servers(**crs, **asked),
            crs=Side(stack.port, cpu.Servers(web=crs["web"], **asked)),
            bare=yardstick("bare"),
            orm=yardstick("orm"),
            database=asked["database"],
            pairs=pairs,
            slots=slots,
        )

    def bare_pages(self) -> Turn:
        """A turn of the yardstick of pages: 30 times, one query."""
        request = load.request("GET", "/times/", port=self.bare.port, cookies={})
        return self.bare.answer([request] * 50, clients=4, status=200)
