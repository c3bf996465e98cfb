"""Proves what must always hold of seats, reservations and PINs."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from crs.commands import OperationsCommand
from reservation.replay import proof
from reservation.replay.proof import Promise


def failure_of(promises: Sequence[Promise]) -> str:
    """What to say of promises that are broken; empty where all are kept."""
    broken = [promise for promise in promises if not promise.is_kept]
    return f"{len(broken)} of {len(promises)} promises are broken." if broken else ""


class Command(OperationsCommand):
    help = (
        "Proves by SQL what must always hold: no slot is overbooked, counters and sums are those of the appointments, "
        "a reservation has all its doses in their interval, nobody has two, PINs are hashed. Reads only; exits 1 where "
        "any of it is broken."
    )

    def run(self, *args: Any, **options: Any) -> None:
        promises = proof.prove(now=timezone.now())
        for promise in promises:
            self.list_problems([f"{promise.name}: broken by {row}" for row in promise.rows], is_failure=True)
        self.summarise(
            {promise.name: promise.broken for promise in promises},
            outcome="every promise is kept",
            failure=failure_of(promises),
        )
