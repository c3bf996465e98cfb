"""A process that records doses by the operation itself, with two threads; `vaccination` starts a few of them."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import django

THREADS = 2

# Keys of a visit, of the vial and of the doctor.
Keys = tuple[str, str, int]


@dataclass
class Share:
    """What became of a process's doses, and the processor seconds that it used for them."""

    outcomes: Counter[str]
    cpu: float


def begin() -> None:
    """Make Django ready in a process that has just started."""
    django.setup()


def wait_a_moment(_number: int) -> None:
    """Keep one process busy, so that the others start too."""
    from vaccination.doses import recording  # noqa: F401 (loaded before the turn)

    time.sleep(0.3)


def give(keys: Sequence[Keys]) -> Share:
    """Record all doses of `keys`."""
    began = time.process_time()
    with ThreadPoolExecutor(THREADS) as threads:
        outcomes = list(threads.map(_give_some, [keys[at::THREADS] for at in range(THREADS)]))
    return Share(sum(outcomes, Counter[str]()), time.process_time() - began)


def _give_some(keys: Iterable[Keys]) -> Counter[str]:
    from django.db import connection

    try:
        return Counter(map(_give, keys))
    finally:
        connection.close()


def _give(keys: Keys) -> str:
    """Read what a page would have read, and record the dose; how it ended."""
    from django.utils import timezone

    from logistics.stock.ledger import EntryContext
    from vaccination.doses import recording
    from vaccination.doses.recording import DoseEntry
    from vaccination.models import HealthWorker, VialSession, Visit

    visit = Visit.objects.select_related("registration__person", "site").get(pk=keys[0])
    doctor = HealthWorker.objects.select_related("user").get(pk=keys[2])
    entry = DoseEntry(
        registration=visit.registration,
        site=visit.site,
        visit=visit,
        vial=VialSession.objects.get(pk=keys[1]),
        number=1,
        given_at=timezone.now(),
        where="LEFT_ARM",
        is_dominant_side=False,
        given_by=doctor,
        doctor=doctor,
    )
    try:
        recording.record(entry=entry, context=EntryContext(doctor.user, timezone.now()))
    except Exception as error:
        return type(error).__name__
    return "recorded"
