"""A sample of the real campaign replayed: made-up people take seats through the operations, in processes of their own.

It begins with the first month of the ministry's files, or with a made-up one where they are absent. The bench's people
and slots are thrown away before: nobody is replayed beside others.
"""

from __future__ import annotations

import csv
import os
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection

from reservation.replay import campaign, proof
from reservation.replay.campaign import Plan, Progress, Replay
from reservation.replay.pace import Pace
from tests.bench import cpu

if TYPE_CHECKING:
    from tests.bench.sides import Sides

FOLDER: Path = settings.BASE_DIR.parent / "shared" / "open-data"
MONTH = "2021-01"
SITES, DAYS, SEATS = 300, 10, 100
# Waits for the next turn of a sample, since a look at the processor time costs some itself.
PAUSE = 0.5
_CLEAR = """
TRUNCATE registration_person, reservation_slot, reservation_dayseats, reservation_seatchange, reservation_siteoffer,
    messaging_message CASCADE
"""


class _Watched(Progress):
    """Notes the processor time of PostgreSQL beside that of the processes."""

    def __init__(self, sides: Sides) -> None:
        self.pace = Pace()
        self.used: dict[str, float] = {"processes": 0.0, "database": 0.0}
        self._sides, self._at = sides, 0.0
        self._processes = self._database = 0.0

    def begins(self) -> None:
        """From now on people come."""
        self.pace, self._database = Pace(), cpu.seconds(self._sides.database)

    def taking(self, replay: Replay) -> None:
        """More people have their seats."""
        if time.monotonic() < self._at + PAUSE:
            return
        self._at = time.monotonic()
        database = cpu.seconds(self._sides.database)
        more = {"processes": replay.pace.cpu - self._processes, "database": database - self._database}
        self._database, self._processes = database, replay.pace.cpu
        for name, seconds in more.items():
            self.used[name] += seconds
        self.pace.note(people=replay.pace.people - self.pace.people, cpu=sum(more.values()))


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """People a second, what one costs, the last tenth against the first; ends the bench where a promise is broken."""
    with connection.cursor() as cursor:
        cursor.execute(_CLEAR)
    with ExitStack() as stack:
        folder = FOLDER if FOLDER.is_dir() else _made_up(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        watched = _Watched(sides)
        plan = Plan(folder, processes=os.cpu_count() or 2, months=[MONTH], seconds=seconds)
        done = campaign.replay(plan, watched)
    if broken := [promise.name for promise in proof.prove(now=done.until) if not promise.is_kept]:
        raise SystemExit(f"broken: {', '.join(broken)}")
    first, last, whole = watched.pace.first_tenth, watched.pace.last_tenth, watched.pace.whole
    people = max(watched.pace.people, 1)
    costs = {name: 1000 * used / people for name, used in watched.used.items()}
    figures: dict[str, Any] = {
        "people": watched.pace.people,
        "a second": whole.by_clock,
        "for a processor second": whole.by_cpu,
        **{f"cpu ms of {name}": value for name, value in costs.items()},
        "last tenth / first, cpu": last.by_cpu / first.by_cpu,
        "last tenth / first, clock": last.by_clock / first.by_clock,
    }
    say(
        f"  {watched.pace.people:,} people reserved, {whole.by_clock:.0f} a second, {whole.by_cpu:.0f} for a processor "
        f"second (processes {costs['processes']:.2f} ms, PostgreSQL {costs['database']:.2f} ms each); all promises are "
        f"kept; last tenth / first: cpu {figures['last tenth / first, cpu']:.2f}, on the clock "
        f"{figures['last tenth / first, clock']:.2f}"
    )
    return {"campaign": figures}


def _made_up(folder: Path) -> Path:
    """A month of a small country in the ministry's shape."""
    sites = [uuid.UUID(int=number) for number in range(SITES)]
    with (folder / f"reservation-capacity-{MONTH}.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(
            (
                *("datum", "ockovaci_misto_id", "ockovaci_misto_nazev", "kraj_nuts_kod"),
                *("volna_kapacita", "maximalni_kapacita", "kalendar_ockovani"),
            )
        )
        for day in range(DAYS):
            for site in sites:
                on = date(2021, 1, 18) + timedelta(days=day)
                table.writerow((on, site, f"Site {site.int}", "CZ010", SEATS // 10, SEATS, "V1"))
    return folder
