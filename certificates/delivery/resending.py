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
    overtaken: int = 0  # somebody sent it, or it went out, while this came to it
    left: dict[str, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """All that was looked at."""
        return self.tried_again + self.sent_anew + self.overtaken + sum(self.left.values())


def failed(*, since: datetime) -> QuerySet[Delivery]:
    """The last deliveries of valid certificates of which a message failed; its last try was not before `since`."""
    e_mail = Q(email_message__state=Message.State.FAILED, email_message__claimed_at__gte=since)
    sms = Q(sms_message__state=Message.State.FAILED, sms_message__claimed_at__gte=since)
    valid = Delivery.objects.filter(e_mail | sms, certificate__state=Certificate.State.VALID)
    return _newest(valid).order_by("asked_at")


def _newest(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    newer = Delivery.objects.filter(certificate=OuterRef("certificate"), asked_at__gt=OuterRef("asked_at"))
    return deliveries.exclude(Exists(newer))


def resend_failed(
    *, since: datetime, now: datetime, on_progress: Callable[[Counts], None] = lambda _counts: None
) -> Counts:
    """Send again what failed, with its password where that is still kept, else anew; an SMS not at night.

    Each delivery in a transaction of its own, with its certificate locked: a desk that sends it meanwhile, or another
    run, has overtaken this one. A second run finds only what failed again.
    """
    counts = Counts()
    for delivery in list(failed(since=since).select_related("certificate")):
        try:
            _resend(delivery, now, counts)
        except DomainError as refusal:
            reason = type(refusal).__name__
            counts.left[reason] = counts.left.get(reason, 0) + 1
        on_progress(counts)
    return counts


@transaction.atomic
def _resend(delivery: Delivery, now: datetime, counts: Counts) -> None:
    sending.locked(delivery.certificate)
    rows = _newest(Delivery.objects.filter(pk=delivery.pk)).select_related("email_message", "sms_message")
    newest = rows.first()
    fallen = [] if newest is None else _fallen(newest)
    if newest is None or not fallen:
        counts.overtaken += 1
        return
    try:
        with transaction.atomic():
            _try_again(newest, fallen, now)
    except CannotSendAgain:  # the text with the password is erased by now, or the PDF can never be made
        sending.send(certificate=delivery.certificate, now=now, is_awaited=False)
        counts.sent_anew += 1
    else:
        counts.tried_again += 1


def _try_again(delivery: Delivery, fallen: list[Message], now: datetime) -> None:
    if _has_lost_its_password(delivery, fallen):
        raise CannotSendAgain
    for message in fallen:
        is_sms = message.channel == Message.Channel.SMS
        due_at = quiet_hours.next_waking_time(now) if is_sms else now
        outbox.retry(message_id=message.pk, due_at=due_at)


def _fallen(delivery: Delivery) -> list[Message]:
    """Its messages that failed, by rising key, as everybody locks them."""
    messages = [one for one in (delivery.email_message, delivery.sms_message) if one is not None]
    return sorted((one for one in messages if one.state == Message.State.FAILED), key=lambda one: one.pk)


def _has_lost_its_password(delivery: Delivery, fallen: list[Message]) -> bool:
    """Whether an e-mail would need a PDF whose password is not kept any more."""
    return delivery.password is None and any(
        one.channel == Message.Channel.EMAIL and not one.attachments.exists() for one in fallen
    )
