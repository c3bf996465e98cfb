"""POST of the chosen time on many slots and on ten, against the bare view and pgbench."""

from __future__ import annotations

import random
import re
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from crs.embedded.paths import DATABASE_USER, socket_dir
from crs.embedded.postgres import BIN
from tests.bench import cpu, load, population
from tests.bench.turns import Rounds, Turn, compared, line, rounds, turn

if TYPE_CHECKING:
    from tests.bench.sides import Sides

A_TURN = 200
PGBENCH_CLIENTS = 8
CSRF = "b" * 32

Pairs = Sequence[tuple[int, int]]


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """Let CRS, the bare view and pgbench reserve in turn. Every answer and every row written is counted."""
    taken = Rounds()
    for number in rounds(seconds):
        for name, pairs in (("uniform", sides.pairs), ("hot", sides.pairs[: population.HOT])):
            first = (number + 1) * A_TURN + (10_000_000 if name == "hot" else 0)
            turns = {
                f"crs, {name}": partial(hold, sides, pairs, first),
                f"bare view, {name}": partial(_bare, sides, pairs, first),
                f"pgbench, {name}": partial(_pgbench, sides, len(pairs)),
            }
            taken.take(number, turns)
        if number < 0:
            population.analyse()
    figures: dict[str, object] = {}
    for name, costs in ((name, taken.costs(name)) for name in sorted(taken.names)):
        figures[name] = costs
        say(line(name, costs))
    # A speed is the inverse of what one piece of work takes.
    for name, slower, faster in (
        ("crs / bare view, uniform", "crs, uniform", "bare view, uniform"),
        ("crs / bare view, hot", "crs, hot", "bare view, hot"),
        ("crs / pgbench, uniform", "crs, uniform", "pgbench, uniform"),
        ("crs, hot / uniform", "crs, hot", "crs, uniform"),
        ("bare view, hot / uniform", "bare view, hot", "bare view, uniform"),
    ):
        ratio = taken.ratio(faster, slower)
        figures[name] = ratio.figures
        say(compared(name, ratio))
    return figures


def hold(sides: Sides, pairs: Pairs, first: int) -> Turn:
    """People, numbered from `first` on, who choose a time each."""
    requests = [
        load.request(
            "POST",
            "/rezervace/drzet/",
            port=sides.crs.port,
            cookies={"crs_session": visitor.session, "csrftoken": CSRF},
            form={"slot": random.choice(pairs)[0], "csrfmiddlewaretoken": CSRF},
        )
        for visitor in population.make_visitors(A_TURN, first=first)
    ]
    with population.written("reservation", A_TURN):
        return sides.crs.answer(requests, clients=load.CLIENTS, status=302)


def _bare(sides: Sides, pairs: Pairs, first: int) -> Turn:
    requests = []
    for number in range(A_TURN):
        one, two = random.choice(pairs)
        form: dict[str, object] = {"person": first + number, "one": one, "two": two}
        requests.append(load.request("POST", "/reserve/", port=sides.bare.port, cookies={}, form=form))
    with population.written("bare", A_TURN):
        return sides.bare.answer(requests, clients=load.CLIENTS, status=302)


def _pgbench(sides: Sides, count: int) -> Turn:
    """The function of the bare view called by pgbench: what the database alone can do."""
    one, two = sides.pairs[0]
    script = (
        f"\\set one random({one}, {one + count - 1})\n"
        f"SELECT bare_reserve(nextval('bare_people'), :one, :one + {two - one});\n"
    )
    each = A_TURN * 2 // PGBENCH_CLIENTS
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        command = [str(BIN / "pgbench"), "--no-vacuum", "--file", file.name, "--client", str(PGBENCH_CLIENTS)]
        command += ["--transactions", str(each), "--host", str(socket_dir()), "--username", DATABASE_USER]
        with turn(cpu.Servers(database=sides.database), count=each * PGBENCH_CLIENTS) as measured:
            done = subprocess.run([*command, sides.stack.database], capture_output=True, text=True, check=True)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found is not None, done.stdout
    measured.wall = measured.count / float(found[1])  # without the time to connect
    return measured
