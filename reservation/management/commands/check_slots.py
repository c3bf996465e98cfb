"""Proves that no seat counter is wrong."""

from typing import Any

from django.utils.timezone import localtime

from crs.commands import OperationsCommand
from reservation.slots import check


class Command(OperationsCommand):
    help = (
        "Compares the counter of every slot with its appointments that hold a seat; exits 1 when any differs. "
        "Reads only."
    )

    def run(self, *args: Any, **options: Any) -> None:
        found = check.wrong_counters()
        slots = check.count_slots()
        self.list_problems(
            [
                f"Slot {wrong.slot_id}, {wrong.site}, {localtime(wrong.starts_at):%Y-%m-%d %H:%M}: "
                f"the counter says {wrong.booked:,}, there are {wrong.appointments:,} appointments that hold a seat."
                for wrong in found
            ],
            is_failure=True,
        )
        self.summarise(
            {"slots": slots, "wrong counters": len(found)},
            outcome="every counter is right",
            failure=f"{len(found):,} of {slots:,} slots have a wrong counter." if found else "",
        )
