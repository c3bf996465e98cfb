"""Sends a certificate: the encrypted PDF by e-mail, its password by SMS or on paper (docs/adr/0028-delivery.md)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from certificates.delivery import limits, passwords
from certificates.delivery.errors import (
    CertificateExpired,
    CertificateNotValid,
    NoEmail,
    NoTelephone,
    NothingToSendTo,
    TooManySendings,
)
from certificates.delivery.recipients import Recipient, recipient_of, recipients_of
from certificates.models import Certificate, Delivery
from certificates.models.certificates import Cause
from certificates.operations import Operation
from crs import history
from crs.messaging import outbox, quiet_hours
from crs.messaging.models import Message
from logistics.models import VaccinationSite
from registration.number import grouped

Way = Delivery.PasswordWay
CERTIFICATE = "certificates/certificate"
PASSWORD = "certificates/password"  # noqa: S105
READY = "certificates/ready"
GONE = (Message.State.SENDING, Message.State.SENT, Message.State.DELIVERED)


def send(
    *,
    certificate: Certificate,
    now: datetime,
    by: User | None = None,
    way: Delivery.PasswordWay | None = None,
    is_awaited: bool = True,
) -> Delivery:
    """Send the certificate because somebody asks for it, with a new password; earlier sendings that wait are cancelled.

    Without `way` the password goes by SMS where there is a telephone, else on paper. Without an e-mail address the
    SMS says where the paper can be had. One that nobody awaits, after an outage, sends no SMS at night and uses up
    nobody's share. Raises CertificateNotValid, CertificateExpired, NoEmail, NoTelephone, NothingToSendTo,
    TooManySendings.
    """
    with transaction.atomic(), history.recording_part(Operation.DELIVER, by=by):
        living = locked(certificate)
        if living.has_expired(now):
            raise CertificateExpired
        recipient = recipient_of(living)
        chosen = _chosen_way(recipient, way)
        if is_awaited:
            _refuse_too_many(living, recipient, chosen, now)
        is_instead = living.replaces_id is not None and not _has_gone(living, recipient)
        _cancel(Delivery.objects.filter(certificate=living), Message.Cancellation.NEWER)
        composed = _composed(living, recipient, chosen, now=now, by=by, is_awaited=is_awaited, is_instead=is_instead)
        (delivery,) = _write([composed])
    return delivery


def send_issued(*, certificates: Sequence[Certificate], now: datetime, is_backlog: bool = False) -> list[Delivery]:
    """Send certificates that were issued by themselves, in the transaction that issues them, so none was sent before.

    Nobody waits for them, so no SMS goes out at night, and what a night run or a backlog writes goes behind everything
    else. Without e-mail and telephone nothing is sent, and the delivery says so to the desk.
    """
    if not certificates:
        return []
    recipients = recipients_of(certificates)
    composed = [
        _composed(
            one,
            recipients[one.pk],
            _best_way(recipients[one.pk]),
            now=now,
            is_awaited=False,
            is_backlog=is_backlog,
            is_instead=one.replaces_id is not None,
        )
        for one in certificates
    ]
    with transaction.atomic(), history.recording_part(Operation.DELIVER):
        return _write(composed)


def cancel(*, certificate_ids: Iterable[UUID]) -> None:
    """Let nothing go out any more that belongs to these certificates, which were revoked."""
    _cancel(Delivery.objects.filter(certificate__in=list(certificate_ids)), Message.Cancellation.VOID)


def locked(certificate: Certificate) -> Certificate:
    """The certificate, locked: two who send it, or somebody who revokes it, wait here. Raises CertificateNotValid."""
    living = Certificate.objects.select_for_update(of=("self",), no_key=True).get(pk=certificate.pk)
    if living.state != Certificate.State.VALID:
        raise CertificateNotValid
    return living


def _best_way(recipient: Recipient) -> Way:
    if not recipient.email:
        return Way.NONE
    return Way.SMS if recipient.phone else Way.PAPER


def _chosen_way(recipient: Recipient, wanted: Way | None) -> Way:
    if not recipient.email and not recipient.phone:
        raise NothingToSendTo
    if wanted in (Way.SMS, Way.PAPER) and not recipient.email:
        raise NoEmail
    if wanted == Way.SMS and not recipient.phone:
        raise NoTelephone
    return _best_way(recipient) if wanted is None else wanted


def _refuse_too_many(certificate: Certificate, recipient: Recipient, way: Way, now: datetime) -> None:
    email = "" if way == Way.NONE else recipient.email
    phone = "" if way == Way.PAPER else recipient.phone
    if limits.is_reached(certificate_id=str(certificate.pk), email=email, phone=phone, now=now):
        raise TooManySendings


def _has_gone(certificate: Certificate, recipient: Recipient) -> bool:
    """Whether the person was sent this certificate where they read it, so that they have it."""
    sent = Delivery.objects.filter(certificate=certificate, email=recipient.email)
    if recipient.email:
        return sent.filter(email_message__state__in=GONE).exists()
    return sent.filter(phone=recipient.phone, sms_message__state__in=GONE).exists()


def _composed(
    certificate: Certificate,
    recipient: Recipient,
    way: Way,
    *,
    now: datetime,
    by: User | None = None,
    is_awaited: bool,
    is_backlog: bool = False,
    is_instead: bool,
) -> Delivery:
    """The delivery with its messages, not yet written. `is_instead`: the person is told that the one before is void."""
    delivery = Delivery(
        certificate=certificate,
        asked_at=now,
        asked_by=by,
        language=outbox.spoken(recipient.language),
        email="" if way == Way.NONE else recipient.email,
        phone="" if way == Way.PAPER else recipient.phone,
        password_way=way,
        password=None if way == Way.NONE else passwords.new(),
    )
    # What is written at night for the morning goes behind all that is new by then.
    sms_at = now if is_awaited else quiet_hours.next_waking_time(now)
    lane = Message.Lane.PERSONAL if sms_at == now and not is_backlog else Message.Lane.BULK
    compose = partial(outbox.compose, lane=lane, language=delivery.language, reference=str(delivery.pk))
    context = {
        "number": grouped(recipient.number),
        "is_instead": is_instead,
        "is_corrected": is_instead and certificate.cause == Cause.CORRECTED,
        "is_by_sms": delivery.password_way == Way.SMS,
        "phone_end": str(delivery.phone)[-3:],
        "has_telephone": recipient.has_telephone,
        "sms_at": timezone.localtime(sms_at) if sms_at > now else None,
        "site": site_that_prints(certificate),
    }
    if delivery.email:
        delivery.email_message = compose(
            channel=Message.Channel.EMAIL,
            recipient=delivery.email,
            template=CERTIFICATE,
            context=context,
            whom=recipient.named(Message.Channel.EMAIL),
        )
    if delivery.phone:
        delivery.sms_message = compose(
            channel=Message.Channel.SMS,
            recipient=str(delivery.phone),
            template=READY if way == Way.NONE else PASSWORD,
            # The e-mail's context has no password, so no template of ours can write it there.
            context=context if way == Way.NONE else {**context, "password": delivery.password},
            whom=recipient.named(Message.Channel.SMS),
            is_secret=way != Way.NONE,
            due_at=sms_at,
        )
    return delivery


def _write(composed: list[Delivery]) -> list[Delivery]:
    outbox.queue_all(
        message for one in composed for message in (one.email_message, one.sms_message) if message is not None
    )
    return Delivery.objects.bulk_create(composed)


def site_that_prints(certificate: Certificate) -> VaccinationSite | None:
    """Where the person can have it printed: the site of the dose, unless it has closed."""
    site = certificate.dose.site
    return None if site is None or site.state == VaccinationSite.State.CLOSED else site


def _cancel(deliveries: QuerySet[Delivery], why: Message.Cancellation) -> None:
    """Cancel the messages that still wait, then forget the passwords: always in this order, as the preparation."""
    kept = list(deliveries.values_list("pk", "email_message", "sms_message"))
    messages = [key for _pk, *keys in kept for key in keys if key is not None]
    if messages:
        outbox.cancel(messages, why=why)
    Delivery.objects.filter(pk__in=[pk for pk, *_keys in kept], password__isnull=False).update(password=None)
