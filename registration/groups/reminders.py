"""An SMS to whoever came before their group's time, once it may register."""

from datetime import datetime, timedelta

from django.db import transaction

from crs.messaging import outbox, quiet_hours
from crs.messaging.models import Message
from registration.groups.rules import rules_at
from registration.models import OpeningReminder, PriorityGroup

TEMPLATE = "registration/opening_reminder"
AT_ONCE = 500
# Somebody who asks what we sent them is answered for so long.
KEPT_AFTER_SENDING = timedelta(days=30)
# A group whose time nobody has named for so long is not waited for any more.
KEPT_WAITING = timedelta(days=400)


def remind(*, phone: str, group: PriorityGroup, language: str, now: datetime) -> None:
    """Keep that the proven `phone` wants an SMS when `group` registers; asked twice, it is one SMS."""
    wanted = {"language": language, "created_at": now, "sent_at": None}
    OpeningReminder.objects.update_or_create(phone=phone, group=group, defaults=wanted)


def send_due(*, now: datetime) -> int:
    """Queue the SMS of all who wait for a group that registers at `now`; returns how many.

    The rules of this moment decide: where a rule moved or was withdrawn, its people go on waiting. At night nothing is
    queued rather than queued for the morning, when another rule may hold.
    """
    if quiet_hours.next_waking_time(now) != now:
        return 0
    groups = [rule.group for rule in rules_at(now) if rule.registers(now)]
    sent = 0
    while batch := _send_some(groups, now=now):
        sent += batch
    return sent


def forget_old(*, now: datetime) -> int:
    """Delete reminders that were sent a month ago, or wait for more than a year; returns how many."""
    sent = OpeningReminder.objects.filter(sent_at__lt=now - KEPT_AFTER_SENDING)
    waiting = OpeningReminder.objects.filter(sent_at=None, created_at__lt=now - KEPT_WAITING)
    return sent.delete()[0] + waiting.delete()[0]


@transaction.atomic
def _send_some(groups: list[PriorityGroup], *, now: datetime) -> int:
    # Of two runs each takes rows of its own. What is marked and what is queued commit together, or not at all.
    due = OpeningReminder.objects.filter(group__in=groups, sent_at=None).order_by("pk").select_related("group")
    found = list(due.select_for_update(of=("self",), no_key=True, skip_locked=True)[:AT_ONCE])
    OpeningReminder.objects.filter(pk__in=[one.pk for one in found]).update(sent_at=now)
    outbox.queue_all(
        outbox.compose(
            channel=Message.Channel.SMS,
            recipient=str(one.phone),
            template=TEMPLATE,
            language=one.language,
            context={"group": one.group},
            lane=Message.Lane.BULK,
        )
        for one in found
    )
    return len(found)
