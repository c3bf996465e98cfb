"""Shows how near the SMS with PINs are to their caps."""

from typing import Any

from django.utils import timezone

from crs.commands import OperationsCommand
from registration.models import SmsAlarm
from registration.telephones import sms_caps

ALARMS_SHOWN = 10


class Command(OperationsCommand):
    help = (
        "Shows the PINs sent by SMS against their caps, and the latest alarms; exits 1 while a cap is reached. "
        "Reads only."
    )

    def run(self, *args: Any, **options: Any) -> None:
        levels = sms_caps.levels(timezone.now())
        self.table(
            ("sent", "cap"),
            {f"{level.cap.name}, {level.cap.rate.within}": (level.count, level.cap.rate.count) for level in levels},
        )
        alarms = SmsAlarm.objects.order_by("-raised_at")
        self.table(
            ("raised at",),
            {alarm.cap: (f"{timezone.localtime(alarm.raised_at):%Y-%m-%d %H:%M}",) for alarm in alarms[:ALARMS_SHOWN]},
        )
        reached = [level.cap for level in levels if level.is_reached]
        self.list_problems([f"Reached: {cap.name}, {cap.rate}" for cap in reached], is_failure=True)
        self.summarise(
            {"caps shown": len(levels), "caps reached": len(reached), "alarms in 30 days": alarms.count()},
            outcome="no cap is reached",
            failure=f"{len(reached):,} of {len(levels):,} caps shown are reached." if reached else "",
        )
