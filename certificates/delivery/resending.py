"""Sends again what a carrier's outage made fail."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from certificates.delivery import sending
from certificates.models import Certificate, Delivery
from crs.errors import DomainError
from crs.messaging import outbox, quiet_hours
from crs.messaging.errors import CannotSendAgain
from crs.messaging.models import Message


@dataclass
class Counts:
    """What became of the deliveries that had failed, and why some were left."""

    tried_again: int = 0
    sent_anew: int = 0
    left: dict[str, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """All that was looked at."""
        return self.tried_again + self.sent_anew + sum(self.left.values())


def failed(*, since: datetime) -> QuerySet[Delivery]:
    """The last deliveries of valid certificates of which a message failed; its last try was not before `since`."""
    newer = Delivery.objects.filter(certificate=OuterRef("certificate"), asked_at__gt=OuterRef("asked_at"))
    e_mail = Q(email_message__state=Message.State.FAILED, email_message__claimed_at__gte=since)
    sms = Q(sms_message__state=Message.State.FAILED, sms_message__claimed_at__gte=since)
    valid = Delivery.objects.filter(e_mail | sms, certificate__state=Certificate.State.VALID)
    return valid.exclude(Exists(newer)).order_by("asked_at")


def resend_failed(
    *, since: datetime, now: datetime, on_progress: Callable[[Counts], None] = lambda _counts: None
) -> Counts:
    """Send again what failed, with its password where that is still kept, else anew; an SMS not at night.

    Each delivery in a transaction of its own. A second run finds only what failed again.
    """
    counts = Counts()
    for delivery in list(failed(since=since).select_related("certificate", "email_message", "sms_message")):
        try:
            _resend(delivery, now, counts)
        except DomainError as refusal:
            reason = type(refusal).__name__
            counts.left[reason] = counts.left.get(reason, 0) + 1
        on_progress(counts)
    return counts


def _resend(delivery: Delivery, now: datetime, counts: Counts) -> None:
    messages = (delivery.email_message, delivery.sms_message)
    fallen = [one for one in messages if one is not None and one.state == Message.State.FAILED]
    try:
        with transaction.atomic():
            for message in fallen:
                is_sms = message.channel == Message.Channel.SMS
                due_at = quiet_hours.next_waking_time(now) if is_sms else now
                outbox.retry(message_id=message.pk, due_at=due_at)
    except CannotSendAgain:  # the text with the password is erased by now
        sending.send(certificate=delivery.certificate, now=now, is_awaited=False)
        counts.sent_anew += 1
    else:
        counts.tried_again += 1
