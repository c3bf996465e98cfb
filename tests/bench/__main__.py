"""`make bench`: a line per figure, and all of them in bench.json.

A speed of this machine means nothing by itself: it drifts by a factor of two, and the load comes
from the same cores. So every figure is a ratio to a yardstick that ran in turn with it, and the
median of the rounds counts.
"""

import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.stack import Stack, free_port, wait_until_answers

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
PER_ROUND = int(os.environ.get("BENCH_REQUESTS", "2500"))
PGBENCH_SECONDS = 3
PGBENCH_CLIENTS = 8
CSRF = "b" * 32


def main() -> None:
    """Measure, print, write bench.json; exits 1 when an answer was not what it should be."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack("bench", logs=Path(folder), has_worker=False, is_durable=True) as stack,
    ):
        stack.environment["LOG_LEVEL"] = "WARNING"
        os.environ.update(
            {name: stack.environment[name] for name in ("EMBEDDED_DATABASE", "CACHE_PREFIX", "PUBLIC_URL")}
        )
        os.environ["DJANGO_SETTINGS_MODULE"] = "crs.settings"
        import django

        django.setup()
        from django.db import connection

        from tests.bench import population

        try:
            figures = {**_reservations(stack), **_pages(stack), **_stock()}
        finally:
            connection.close_pool()  # type: ignore[attr-defined]
        population.save(Path("bench.json"), figures)
        _say("written to bench.json")


def _reservations(stack: Stack) -> dict[str, object]:
    """Reservations over HTTP on many slots and on ten, against the bare view and pgbench."""
    from tests.bench import population

    pairs, _ = population.make_slots()
    population.make_bare()
    stack.start()
    bare_port = free_port()
    granian = ["-m", "granian", "--interface", "wsgi", "--port", str(bare_port), "--workers", "2", "--no-ws"]
    stack.spawn("bare", [*granian, "--blocking-threads", "4", "tests.bench.bare:application"])
    wait_until_answers(f"http://127.0.0.1:{bare_port}/")
    rates: dict[str, list[float]] = {}
    first = 0
    for number in range(-1, ROUNDS):  # round -1 warms up and does not count
        for name, some in (("uniform", pairs), ("hot", pairs[: population.HOT])):
            seen = {
                f"crs {name}": _crs_round(stack, some, first),
                f"bare {name}": _bare_round(bare_port, some, first),
                f"pgbench {name}": _pgbench(stack, pairs[0], len(some)),
            }
            first += PER_ROUND
            if number >= 0:
                for key, rate in seen.items():
                    rates.setdefault(key, []).append(rate)
    return _report_reservations(rates)


def _crs_round(stack: Stack, pairs: Sequence[tuple[int, int]], first: int) -> float:
    from tests.bench import load, population

    visitors = population.make_visitors(PER_ROUND, first=first)
    requests = [
        load.request(
            "POST",
            "/rezervace/drzet/",
            port=stack.port,
            cookies={"crs_session": visitor.session, "csrftoken": CSRF},
            form={"slot": random.choice(pairs)[0], "csrfmiddlewaretoken": CSRF},
        )
        for visitor in visitors
    ]
    before = population.count_pairs("reservation")
    outcome = load.run(requests, port=stack.port)
    _check(outcome.by_status, written=population.count_pairs("reservation") - before)
    return outcome.rate


def _bare_round(port: int, pairs: Sequence[tuple[int, int]], first: int) -> float:
    from tests.bench import load, population

    requests = []
    for number in range(PER_ROUND):
        one, two = random.choice(pairs)
        form: dict[str, object] = {"person": first + number, "one": one, "two": two}
        requests.append(load.request("POST", "/reserve/", port=port, cookies={}, form=form))
    before = population.count_pairs("bare")
    outcome = load.run(requests, port=port)
    _check(outcome.by_status, written=population.count_pairs("bare") - before)
    return outcome.rate


def _pgbench(stack: Stack, first_pair: tuple[int, int], count: int) -> float:
    """The same function called by pgbench: what the database alone can do. Transactions a second."""
    from crs.embedded.paths import DATABASE_USER, socket_dir
    from crs.embedded.postgres import BIN

    one, two = first_pair
    script = (
        f"\\set one random({one}, {one + count - 1})\n"
        f"SELECT bare_reserve(nextval('bare_people'), :one, :one + {two - one});\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        command = [str(BIN / "pgbench"), "--no-vacuum", "--file", file.name, "--client", str(PGBENCH_CLIENTS)]
        command += ["--time", str(PGBENCH_SECONDS), "--host", str(socket_dir()), "--username", DATABASE_USER]
        done = subprocess.run([*command, stack.database], capture_output=True, text=True, check=True)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])


def _report_reservations(rates: dict[str, list[float]]) -> dict[str, object]:
    figures: dict[str, object] = {}
    for key, several in rates.items():
        figures[f"{key} per second"] = round(statistics.median(several))
        _say(f"{key:16} {statistics.median(several):7.0f}/s   (rounds: {' '.join(f'{rate:.0f}' for rate in several)})")
    ratios = {
        "crs / bare, uniform": ("crs uniform", "bare uniform"),
        "crs / bare, hot": ("crs hot", "bare hot"),
        "crs / pgbench, uniform": ("crs uniform", "pgbench uniform"),
        "crs hot / uniform": ("crs hot", "crs uniform"),
        "bare hot / uniform": ("bare hot", "bare uniform"),
    }
    for name, (above, below) in ratios.items():
        several = [a / b for a, b in zip(rates[above], rates[below], strict=True)]
        figures[name] = round(statistics.median(several), 3)
        _say(f"{name:24} {statistics.median(several):.2f}   (rounds: {' '.join(f'{ratio:.2f}' for ratio in several)})")
    return figures


def _pages(stack: Stack) -> dict[str, object]:
    from tests.bench import pages

    return pages.measure(stack, say=_say)


def _stock() -> dict[str, object]:
    from tests.bench import stock

    return stock.measure(say=_say)


def _check(by_status: dict[int, int], *, written: int) -> None:
    if by_status != {302: PER_ROUND} or written != PER_ROUND:
        sys.exit(f"answers {by_status}, {written} reservations written, expected {PER_ROUND}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
