"""Shows how near the SMS with PINs are to their caps."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from registration import sms_caps
from registration.models import SmsAlarm


class Command(BaseCommand):
    help = "Shows the PINs sent by SMS against their caps, and the latest alarms; exits 1 while a cap is reached."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        levels = sms_caps.levels(now)
        for level in levels:
            full = "  REACHED" if level.is_reached else ""
            self.stdout.write(f"{level.cap.name}: {level.count} of {level.cap.rate}{full}")
        for alarm in SmsAlarm.objects.order_by("-raised_at")[:10]:
            self.stdout.write(f"Alarm {timezone.localtime(alarm.raised_at):%Y-%m-%d %H:%M}: {alarm.cap}")
        reached = sum(level.is_reached for level in levels)
        if reached:
            raise CommandError(f"{reached} of {len(levels)} caps shown are reached.")
        self.stdout.write("No cap is reached.")
