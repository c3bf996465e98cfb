"""Proves that no seat counter is wrong."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localtime

from reservation import slot_check


class Command(BaseCommand):
    help = "Compares the counter of every slot with its living appointments; exits 1 when any differs."

    def handle(self, *args: Any, **options: Any) -> None:
        found = slot_check.wrong_counters()
        for wrong in found:
            self.stdout.write(
                f"Slot {wrong.slot_id}, {wrong.site}, {localtime(wrong.starts_at):%Y-%m-%d %H:%M}: "
                f"the counter says {wrong.booked}, there are {wrong.appointments} living appointments."
            )
        if found:
            raise CommandError(f"{len(found)} of {slot_check.count_slots()} slots have a wrong counter.")
        self.stdout.write(f"{slot_check.count_slots()} slots checked, every counter is right.")
