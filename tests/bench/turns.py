"""Turns of work, measured by processor time and by the clock, and the ratios of those that follow each other.

The speed of a machine with other work on it drifts by a factor of two within minutes. So a turn is short, the yardstick
has its turn directly before or after it, each round gives a ratio, and the median of the rounds counts.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from tests.bench.cpu import Servers


@dataclass
class Turn:
    """What `count` pieces of work took, in seconds: processor time by server, and time on the clock."""

    count: int
    cpu: Mapping[str, float] = field(default_factory=dict)
    wall: float = 0.0
    latencies: Sequence[float] = ()

    def __add__(self, other: "Turn") -> "Turn":
        """Both as two steps of the pieces of work that this one counts."""
        cpu = {server: used + other.cpu[server] for server, used in self.cpu.items()}
        return Turn(self.count, cpu, self.wall + other.wall)

    def cpu_ms(self, server: str | None = None) -> float:
        """Processor milliseconds for one piece, of one server or of all together."""
        return 1000 * (sum(self.cpu.values()) if server is None else self.cpu[server]) / self.count

    def wall_ms(self) -> float:
        """Milliseconds on the clock for one piece while all others ran as well."""
        return 1000 * self.wall / self.count


@contextmanager
def turn(servers: Servers, *, count: int) -> Iterator[Turn]:
    """Measure the block, which does `count` pieces of work. What is given is filled in at its end."""
    measured = Turn(count)
    before, began = servers.read(), time.perf_counter()
    yield measured
    measured.wall = time.perf_counter() - began
    measured.cpu = {name: used - before[name] for name, used in servers.read().items()}


def rounds(seconds: float, *, least: int = 3) -> Iterator[int]:
    """-1 for the round that warms up and does not count, then 0, 1, 2 until the time is over, but `least` of them."""
    end = time.monotonic() + seconds
    yield -1
    number = 0
    while number < least or time.monotonic() < end:
        yield number
        number += 1


class Rounds:
    """The turns of a section by name, one of each name in a round."""

    def __init__(self) -> None:
        self._turns: dict[str, list[Turn]] = {}

    def take(self, number: int, turns: Mapping[str, Callable[[], Turn]]) -> None:
        """Let each have its turn; in every other round in reverse order."""
        for name in list(turns)[:: 1 if number % 2 else -1]:
            self.note(number, name, turns[name]())

    def note(self, number: int, name: str, measured: Turn) -> None:
        """Keep a turn of this round, where turns have an order of their own."""
        if number >= 0:
            self._turns.setdefault(name, []).append(measured)

    @property
    def names(self) -> list[str]:
        """Of the turns, in their order."""
        return list(self._turns)

    def median(self, name: str, of: Callable[[Turn], float]) -> float:
        """The median of a figure over all rounds."""
        return statistics.median(map(of, self._turns[name]))

    def whole(self, name: str) -> Turn:
        """All turns of a name as one."""
        turns = self._turns[name]
        cpu = {server: sum(one.cpu[server] for one in turns) for server in turns[0].cpu}
        return Turn(sum(one.count for one in turns), cpu, sum(one.wall for one in turns))

    def latencies(self, name: str) -> list[float]:
        """Of every answer in every round, in seconds."""
        return [latency for one in self._turns[name] for latency in one.latencies]

    def costs(self, name: str) -> dict[str, float]:
        """What one piece of work took in milliseconds: processor time, of all servers and of each, and on the clock."""
        servers = self._turns[name][0].cpu
        return {
            "cpu ms": self.median(name, Turn.cpu_ms),
            **{f"cpu ms of {server}": self.median(name, partial(Turn.cpu_ms, server=server)) for server in servers},
            "wall ms": self.median(name, Turn.wall_ms),
        }

    def ratio(self, above: str, below: str) -> "Ratio":
        """How many times the work of `below` the work of `above` is, in each round."""
        pairs = list(zip(self._turns[above], self._turns[below], strict=True))
        return Ratio(
            cpu=[one.cpu_ms() / other.cpu_ms() for one, other in pairs],
            wall=[one.wall_ms() / other.wall_ms() for one, other in pairs],
        )


@dataclass(frozen=True)
class Ratio:
    """Of two turns that follow each other, by processor time and by the clock; one of each round."""

    cpu: Sequence[float]
    wall: Sequence[float]

    @property
    def figures(self) -> dict[str, object]:
        """For bench.json."""
        return {
            "cpu": statistics.median(self.cpu),
            "wall": statistics.median(self.wall),
            "cpu of rounds": self.cpu,
            "wall of rounds": self.wall,
        }


def line(name: str, costs: Mapping[str, float]) -> str:
    """The costs of one piece of work, for people."""
    servers = "  ".join(
        f"{key.removeprefix('cpu ms of ')} {value:.2f}" for key, value in costs.items() if key.startswith("cpu ms of ")
    )
    return f"{name:30} cpu {costs['cpu ms']:8.2f} ms ({servers})   wall {costs['wall ms']:8.2f} ms"


def compared(name: str, ratio: Ratio) -> str:
    """A ratio by both clocks, for people."""
    return f"{name:42} cpu {spread(ratio.cpu)}   wall {spread(ratio.wall)}"


def spread(values: Sequence[float]) -> str:
    """Median, least and most of the rounds."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"
