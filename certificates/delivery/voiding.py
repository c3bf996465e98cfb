"""Tells people that a certificate which they have is void, where no other one takes its place."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from certificates.delivery.recipients import Recipient, recipients_of
from certificates.delivery.sending import GONE, site_that_prints
from certificates.models import Certificate, Delivery, IssueRequest
from crs.messaging import outbox, quiet_hours
from crs.messaging.models import Message
from registration.number import grouped

VOID = "certificates/void"


def tell(*, certificate_ids: Collection[UUID]) -> int:
    """Write to those who were sent one of these certificates, in the transaction that revoked them; returns how many.

    Where another one is asked for, the message that comes with it says so. By e-mail, else by SMS; the family of
    somebody who has died gets nothing.
    """
    sent = Delivery.objects.filter(
        Q(email_message__state__in=GONE) | Q(sms_message__state__in=GONE),
        certificate__in=certificate_ids,
        certificate__person__died_on=None,
    ).exclude(certificate__dose__in=IssueRequest.objects.open().values("dose"))
    newest = sent.order_by("certificate_id", "-asked_at").distinct("certificate_id")
    deliveries = list(
        newest.select_related(
            "certificate__person__merged_into", "certificate__dose__registration__person", "certificate__dose__site"
        )
    )
    recipients = recipients_of(one.certificate for one in deliveries)
    messages = [
        _message(delivery, recipient)
        for delivery in deliveries
        if (recipient := recipients[delivery.certificate_id]).email or recipient.phone
    ]
    return len(outbox.queue_all(messages))


def _message(delivery: Delivery, recipient: Recipient) -> Message:
    revoked: Certificate = delivery.certificate
    at = revoked.revoked_at
    channel = Message.Channel.EMAIL if recipient.email else Message.Channel.SMS
    return outbox.compose(
        channel=channel,
        recipient=recipient.email or recipient.phone,
        template=VOID,
        language=recipient.language,
        context={"number": grouped(recipient.number), "site": site_that_prints(revoked)},
        # A batch or a key may be revoked for a hundred thousand at once.
        lane=Message.Lane.BULK,
        reference=str(delivery.pk),
        whom=recipient.named(channel),
        due_at=None if recipient.email or at is None else quiet_hours.next_waking_time(at),
    )
