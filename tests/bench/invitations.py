"""PIN2 for people of a million who wait, each batch with its messages, for as long as `--seconds` says.

There is no yardstick: the figures are people a second of processor time of this process and by the clock, the seconds
until the first batch, in which the database ranks all of them, and how much memory the run took beyond its first batch.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from logistics.models import VaccinationSite
from reservation.inviting import invitations
from reservation.inviting.invitations import Chosen
from reservation.models import SiteOffer
from tests.bench import waiting

if TYPE_CHECKING:
    from tests.bench.sides import Sides


class _EnoughError(Exception):
    """The time is over; a run can be stopped after any batch."""


class _Watch:
    """Counts what a run tells, from its first batch on."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.people, self.peak_before = seconds, 0, 0
        self.began = self.first = time.perf_counter()
        self.cpu = time.process_time()

    def tell(self, chosen: Sequence[Chosen]) -> None:
        """Raises _EnoughError once the time is over."""
        if not self.peak_before:
            self.first, self.cpu, self.peak_before = time.perf_counter(), time.process_time(), _peak()
            return
        self.people += len(chosen)
        if time.perf_counter() - self.first > self.seconds:
            raise _EnoughError


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """People a second, the time of ranking, the memory."""
    waiting.fill()
    sites = VaccinationSite.objects.filter(name__startswith="Waiting ")
    # Room for everybody, which no seat of the calendars stands behind: what is measured is the run.
    offers = [SiteOffer(site=site, vaccine_id="comirnaty", youngest_age=0, pairs=1_000_000) for site in sites]
    SiteOffer.objects.bulk_create(offers, ignore_conflicts=True)
    watch = _Watch(seconds)
    try:
        invitations.invite(limit=waiting.PEOPLE, now=timezone.now(), tell=watch.tell)
    except _EnoughError:
        pass
    took, cpu = time.perf_counter() - watch.first, time.process_time() - watch.cpu
    figures = {
        "people": watch.people,
        "per_second": watch.people / took,
        "per_cpu_second": watch.people / cpu,
        "seconds_to_rank": watch.first - watch.began,
        "memory_mb": (_peak() - watch.peak_before) / 1024,
    }
    SiteOffer.objects.filter(site__in=sites).delete()
    say(
        f"  of {waiting.PEOPLE:,} who wait {watch.people:,} got PIN2: ranked, and the first batch, in "
        f"{figures['seconds_to_rank']:.1f} s, then {figures['per_second']:,.0f} people a second "
        f"({figures['per_cpu_second']:,.0f} a second of processor time), {figures['memory_mb']:.1f} MB more memory"
    )
    return {"invitations": figures}


def _peak() -> int:
    """The most memory that this process has had, in kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
