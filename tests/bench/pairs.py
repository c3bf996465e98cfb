"""Both doses reserved by the operations, `hold` and `confirm` without HTTP, beside the SQL function of `hold` alone.

The operations do all that the pages need: locks, rules, history, the SMS in the outbox. One process calls them;
pgbench calls the function with eight clients.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from crs.embedded.paths import DATABASE_USER, socket_dir
from crs.embedded.postgres import BIN
from reservation.reserving import booking
from tests.bench import cpu, population
from tests.bench.turns import Rounds, Turn, compared, line, rounds, turn

if TYPE_CHECKING:
    from tests.bench.sides import Sides

A_TURN = 160
CLIENTS = 8
FIRST = 90_000_000
_SCRIPT = """\\set slot random({first}, {last})
SELECT reservation_hold_doses(nextval('bench_invitation'), :slot, now(), now() + interval '10 minutes',
                              substr(md5(random()::text), 1, 20)::varchar);
"""


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """Processor time of a pair both ways, and their ratio."""
    taken = Rounds()
    for number in rounds(seconds):
        first = FIRST + 2 * (number + 1) * A_TURN
        turns = {
            "pair by hold and confirm": partial(_operations, sides, first),
            "pair by the SQL function": partial(_function, sides, first + A_TURN),
        }
        taken.take(number, turns)
        if number < 0:
            population.analyse()
    figures: dict[str, object] = {}
    for name in taken.names:
        figures[name] = costs = taken.costs(name)
        say(line(name, costs))
        say(f"{name:30} {1000 / costs['cpu ms']:.0f} for a processor second, {1000 / costs['wall ms']:.0f} a second")
    name, ratio = "pair by hold and confirm / SQL", taken.ratio("pair by hold and confirm", "pair by the SQL function")
    figures[name] = ratio.figures
    say(compared(name, ratio))
    return figures


def _operations(sides: Sides, first: int) -> Turn:
    visitors = population.make_visitors(A_TURN, first=first)
    now, began = timezone.now(), time.process_time()
    with (
        population.written("reservation", A_TURN),
        turn(cpu.Servers(database=sides.database), count=A_TURN) as measured,
    ):
        for visitor in visitors:
            slot, _ = random.choice(sides.pairs)
            held = booking.hold(invitation_id=visitor.invitation_id, slot_id=slot, now=now)
            booking.confirm(reservation_id=held.reservation_id, registration_id=visitor.registration_id, now=now)
    measured.cpu = {"python": time.process_time() - began, **measured.cpu}
    return measured


def _function(sides: Sides, first: int) -> Turn:
    visitors = population.make_visitors(A_TURN, first=first)
    slots = [slot for slot, _ in sides.pairs]
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE IF NOT EXISTS bench_invitation")
        cursor.execute("SELECT setval('bench_invitation', %s, false)", [min(one.invitation_id for one in visitors)])
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(_SCRIPT.format(first=min(slots), last=max(slots)))
        file.flush()
        command = [str(BIN / "pgbench"), "--no-vacuum", "--file", file.name, "--client", str(CLIENTS)]
        command += ["--transactions", str(A_TURN // CLIENTS), "--host", str(socket_dir()), "--username", DATABASE_USER]
        servers = cpu.Servers(database=sides.database)
        with population.written("reservation", A_TURN), turn(servers, count=A_TURN) as measured:
            subprocess.run([*command, sides.stack.database], capture_output=True, check=True)
    return measured
