"""Replays the real campaign of 2021 with people who are made up."""

import os
import re
import time
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from crs.commands import SECONDS_BETWEEN_PROGRESS, OperationsCommand, at_least_one
from crs.typed_numbers import decimal_number
from registration.replay.replaying import refuse_where_messages_are_real
from reservation.management.commands.check_promises import failure_of
from reservation.replay import campaign, proof
from reservation.replay.campaign import Plan, Progress, Replay
from reservation.replay.proof import Promise

BAR = 30
ERASE_LINE = "\x1b[K"
MOST_PROCESSES = 64


def _month(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text, re.ASCII):
        raise ArgumentTypeError(f"{text[:40]!r} is no month such as 2021-03")
    return text


def _share(text: str) -> float:
    try:
        share = float(decimal_number(text))
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise ArgumentTypeError(f"{text[:40]!r} is no share above 0 and up to 1, such as 0.1")
    return share


def _processes(text: str) -> int:
    processes = at_least_one(text)
    if processes > MOST_PROCESSES:
        raise ArgumentTypeError(f"more than {MOST_PROCESSES} processes are of no use")
    return processes


class Command(OperationsCommand):
    help = (
        "Feeds the ministry's capacity files of a folder into slots and lets made-up people take the seats that were "
        "taken, through the operations that the pages call, in several processes. Ends by proving what must always "
        "hold. Only for a database without real people. It can be interrupted and started again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="holds reservation-capacity-YYYY-MM.csv.gz")
        parser.add_argument("--months", type=_month, nargs="+", default=[], metavar="YYYY-MM", help="only these months")
        parser.add_argument("--share", type=_share, default=1.0, help="take only this share of the seats, such as 0.01")
        parser.add_argument("--seconds", type=at_least_one, help="stop after so many seconds of taking seats")
        parser.add_argument(
            "--workers", type=_processes, default=os.cpu_count() or 2, metavar="N", help="processes (as many as cores)"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask, on a system that is no local trial")

    def run(
        self,
        *args: Any,
        folder: Path,
        months: list[str],
        share: float,
        seconds: int | None,
        workers: int,
        yes: bool,
        **options: Any,
    ) -> None:
        refuse_where_messages_are_real()
        if not (yes or settings.IS_LOCAL):
            self.confirm("People who were made up take the seats of this database. Is it a trial? (yes) ")
        plan = Plan(folder, processes=workers, months=months, share=share, seconds=seconds)
        shown = _Shown(self)
        try:
            done = campaign.replay(plan, shown)
        finally:
            shown.end()
        self.list_problems(done.told.problems)
        promises = proof.prove(now=done.until)
        for promise in promises:
            self.list_problems([f"{promise.name}: broken by {row}" for row in promise.rows], is_failure=True)
        self._sum_up(done, promises)

    def _sum_up(self, done: Replay, promises: list[Promise]) -> None:
        first, last, whole = done.pace.first_tenth, done.pace.last_tenth, done.pace.whole
        self.table(
            ("people a second", "for a second of their processes"),
            {
                name: tuple(f"{value:.1f}" for value in rate)
                for name, rate in (("first tenth", first), ("last tenth", last), ("all", whole))
            },
        )
        self.summarise(
            {
                "seats of the files": sum(done.told.seats.values()),
                "of them taken then": done.to_take,
                "taken now": done.taken,
                "of them by this run": done.taken - done.taken_before,
                "of them on another day than then": done.on_other_days,
                "later seats opened of which no file tells": done.opened,
                "people who reserved": done.pace.people,
                **{f"refused: {name}": people for name, people in sorted(done.refused.items())},
                "rows of no use": len(done.told.problems),
                "last tenth / first tenth": f"{last.by_clock / (first.by_clock or 1):.2f}",
                "by processor time": f"{last.by_cpu / (first.by_cpu or 1):.2f}",
                **{f"proven: {promise.name}": "broken" if promise.broken else "yes" for promise in promises},
            },
            outcome="done, and every promise is kept" if done.is_whole else "stopped; every promise is kept",
            failure=failure_of(promises),
        )


class _Shown(Progress):
    """A bar in one line of a terminal; elsewhere, with `--verbosity 2`, a line now and then."""

    def __init__(self, command: OperationsCommand) -> None:
        self._command = command
        self._is_drawn = command.verbosity > 0 and command.stderr.isatty()
        self._drawn_at = 0.0

    def reading(self, read: int, rows: int) -> None:
        """So many rows of the files have become slots."""
        self._draw("rows of the files read", read, rows, "")

    def taking(self, replay: Replay) -> None:
        """More people have their seats."""
        rate = replay.pace.whole.by_clock
        left = timedelta(seconds=round((replay.to_take - replay.taken) / rate)) if rate else "…"
        self._draw("seats taken", replay.taken, replay.to_take, f", {rate:.0f} people a second, {left} left")

    def end(self) -> None:
        """Leave the line."""
        if self._drawn_at:
            self._command.stderr.write("")

    def _draw(self, what: str, done: int, of: int, beside: str) -> None:
        if not self._is_drawn:
            self._command.progress(what, done, of)
            return
        now = time.monotonic()
        if now < self._drawn_at + SECONDS_BETWEEN_PROGRESS:
            return
        self._drawn_at = now
        part = min(done / max(of, 1), 1.0)
        bar = ("#" * int(BAR * part)).ljust(BAR, ".")
        line = f"\r{ERASE_LINE}[{bar}] {100 * part:.1f} %, {what}: {done:,} of {of:,}{beside}"
        self._command.stderr.write(line, str, ending="")
        self._command.stderr.flush()
