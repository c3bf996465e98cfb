"""A process that records doses by the operation itself, with two threads; `vaccination` starts a few of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

import django
from django.utils import timezone

if TYPE_CHECKING:
    from vaccination.doses.recording import DoseEntry

THREADS = 2

# Keys of a visit, of the vial and of the doctor.
Keys = tuple[str, str, int]


@dataclass
class Share:
    """What became of a process's doses, the processor seconds used for them, and when it began and ended."""

    outcomes: Counter[str]
    cpu: float
    began: float
    ended: float


def begin() -> None:
    """Make Django ready in a process that has just started."""
    django.setup()


def wait_a_moment(_number: int) -> None:
    """Keep one process busy, so that the others start too."""
    from vaccination.doses import recording  # noqa: F401 (loaded before the turn)

    time.sleep(0.3)


def give(keys: Sequence[Keys]) -> Share:
    """Read what a page or another system has read of the people of `keys`, and record all doses."""
    entries = _entries(keys)
    began, cpu = time.time(), time.process_time()
    with ThreadPoolExecutor(THREADS) as threads:
        outcomes = list(threads.map(_record_all, [entries[at::THREADS] for at in range(THREADS)]))
    return Share(sum(outcomes, Counter[str]()), time.process_time() - cpu, began, time.time())


def _entries(keys: Sequence[Keys]) -> list[DoseEntry]:
    from vaccination.doses.recording import DoseEntry
    from vaccination.models import HealthWorker, VialSession, Visit

    visits = Visit.objects.select_related("registration__person", "site").in_bulk([visit for visit, _, _ in keys])
    vials = VialSession.objects.in_bulk([vial for _, vial, _ in keys])
    doctors = HealthWorker.objects.select_related("user").in_bulk([doctor for _, _, doctor in keys])
    return [
        DoseEntry(
            registration=visits[UUID(visit)].registration,
            site=visits[UUID(visit)].site,
            visit=visits[UUID(visit)],
            vial=vials[UUID(vial)],
            number=1,
            given_at=timezone.now(),
            where="LEFT_ARM",
            is_dominant_side=False,
            given_by=doctors[doctor],
            doctor=doctors[doctor],
        )
        for visit, vial, doctor in keys
    ]


def _record_all(entries: Iterable[DoseEntry]) -> Counter[str]:
    from django.db import connection

    try:
        return Counter(map(_record, entries))
    finally:
        connection.close()


def _record(entry: DoseEntry) -> str:
    """Record the dose; how it ended."""
    from logistics.stock.ledger import EntryContext
    from vaccination.doses import recording

    now = timezone.now()
    by = entry.doctor.user if entry.doctor else None
    try:
        recording.record(entry=replace(entry, given_at=now), context=EntryContext(by, now))
    except Exception as error:
        return type(error).__name__
    return "recorded"
