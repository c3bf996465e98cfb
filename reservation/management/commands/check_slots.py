"""Proves that no seat counter, no sum of a day and no offer of a site is wrong."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.timezone import localtime

from crs.commands import OperationsCommand
from reservation.free_seats import check as sums
from reservation.free_seats import folding
from reservation.slots import check


class Command(OperationsCommand):
    help = (
        "Compares the counter of every slot with its appointments that hold a seat, the sums of days with their slots, "
        "and what sites offer with what follows from them; exits 1 when any differs. Reads only, without --rebuild."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rebuild", action="store_true", help="first sum all slots anew and compute all offers; counters stay"
        )

    def run(self, *args: Any, rebuild: bool, **options: Any) -> None:
        now = timezone.now()
        if rebuild:
            folding.sum_anew(now=now)
        counters, days, offers = check.wrong_counters(), sums.wrong_sums(now=now), sums.wrong_offers()
        slots = check.count_slots()
        self.list_problems(
            [
                *(
                    f"Slot {wrong.slot_id}, {wrong.site}, {localtime(wrong.starts_at):%Y-%m-%d %H:%M}: "
                    f"the counter says {wrong.booked:,}, there are {wrong.appointments:,} appointments that hold a "
                    "seat."
                    for wrong in counters
                ),
                *(
                    f"{wrong.site}, {wrong.vaccine}, {wrong.day}, {wrong.for_doses}: the sums say "
                    f"{wrong.booked:,} of {wrong.capacity:,}, the slots {wrong.booked_in_slots:,} of "
                    f"{wrong.capacity_of_slots:,}. check_slots --rebuild sums them anew."
                    for wrong in days
                ),
                *(
                    f"{wrong.site}, {wrong.vaccine}, ages {wrong.ages[0]} to {wrong.ages[1]}: the offer is not what "
                    "follows from its seats. check_slots --rebuild computes it anew."
                    for wrong in offers
                ),
            ],
            is_failure=True,
        )
        self.summarise(
            {"slots": slots, "wrong counters": len(counters), "wrong sums": len(days), "wrong offers": len(offers)},
            outcome="every counter, sum and offer is right",
            failure=self._failure(slots, len(counters), len(days), len(offers)),
        )

    def _failure(self, slots: int, counters: int, days: int, offers: int) -> str:
        found = [f"{counters:,} of {slots:,} slots have a wrong counter"] if counters else []
        found += [f"{days:,} sums of days are wrong"] if days else []
        found += [f"{offers:,} offers are wrong"] if offers else []
        return f"{', '.join(found)}." if found else ""
